package app

import (
	"crypto/rand"
	"net/http"
	"net/netip"
	"time"

	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
)

// Sealer encrypts and authenticates values; secret.Sealer is one.
type Sealer interface {
	Seal(plain []byte, context string) string
	// Open is the reverse of Seal, or an error when another key or context sealed it.
	Open(sealed, context string) ([]byte, error)
}

// cookieLifetime is the longest that browsers store a cookie.
const cookieLifetime = 400 * 24 * time.Hour

// deviceCookie is the name of the cookie that makes a device known as that of the person who
// signed in last. It holds a random id, sealed with their identity: it signs no one in, and
// is of no use for another identity.
func (a *app) deviceCookie() string { return a.CookieName("clientele-device") }

// setDevice makes the device known as that of identity.
func (a *app) setDevice(w http.ResponseWriter, identity string) {
	if a.Devices != nil {
		a.setCookie(w, a.deviceCookie(), a.Devices.Seal([]byte(rand.Text()), text.IdentityKey(identity)), cookieLifetime)
	}
}

// device returns the id of the device if it is known as that of identity, else "".
func (a *app) device(r *http.Request, identity string) string {
	cookie, err := r.Cookie(a.deviceCookie())
	if a.Devices == nil || err != nil {
		return ""
	}
	id, err := a.Devices.Open(cookie.Value, text.IdentityKey(identity))
	if err != nil {
		return ""
	}
	return string(id)
}

// tryPassword runs check, which checks a password of identity, within the limits.
func (a *app) tryPassword(r *http.Request, identity string, check func() error) error {
	return a.Attempts.SignIn(r.Context(), identity, a.device(r, identity), a.clientIP(r), check)
}

func (a *app) clientIP(r *http.Request) netip.Addr { return web.ClientIP(r, a.TrustedProxies) }
