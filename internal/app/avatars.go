package app

import (
	"net/http"
	"strings"

	"github.com/clientele-project/clientele/internal/web/auth"
)

// Avatars serves customers' pictures from our own origin, so that no third party
// learns who looks at whom: *avatar.Proxy is one.
type Avatars interface {
	// Path answers where the picture at url is served to this worker: below
	// /avatars/, and "" when it cannot be. It asks nobody anything.
	Path(worker, url string) string
	// Serve answers with the picture of a handle that Path made for this worker, a
	// square. When there is none, it answers with one transparent pixel, or without
	// any content: the initials below it show then.
	Serve(w http.ResponseWriter, r *http.Request, worker, handle string)
}

// avatarPrefix is where pictures are served.
const avatarPrefix = "/avatars/"

// avatarPath is where a customer's picture can be had, "" when there is none. The
// address that a service named is never it.
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
