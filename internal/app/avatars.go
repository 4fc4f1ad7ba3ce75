package app

import (
	"net/http"
	"strings"

	"github.com/clientele-project/clientele/internal/web/auth"
)

// Avatars serves customers' avatars from our own origin, so that no third party learns
// who views which customer. *avatar.Proxy implements it.
type Avatars interface {
	// Path returns the path below /avatars/ where the avatar at url is served to this
	// worker, or "" when it cannot be. It makes no request.
	Path(worker, url string) string
	// Serve writes the avatar of a handle that Path returned for this worker, a square
	// image. Without an avatar, it writes one transparent pixel or no content, so that
	// the initials show.
	Serve(w http.ResponseWriter, r *http.Request, worker, handle string)
}

// avatarPrefix is the path below which avatars are served.
const avatarPrefix = "/avatars/"

// avatarPath returns the path of the avatar at url, or "". It never returns an address
// of another origin.
func (a *app) avatarPath(v *viewer, url string) string {
	if a.Avatars == nil || url == "" {
		return ""
	}
	path := a.Avatars.Path(v.Person.Identity, url)
	if !strings.HasPrefix(path, avatarPrefix) {
		return ""
	}
	return path
}

func (a *app) serveAvatar(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if a.Avatars == nil {
		return auth.ErrNoPage
	}
	a.Avatars.Serve(w, r, v.Person.Identity, r.PathValue("handle"))
	return nil
}
