package app

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
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
	if device := a.device(r, identity); device != "" {
		return a.attempts.OnKnownDevice(r.Context(), identity, device, check)
	}
	return a.attempts.FromNetwork(r.Context(), identity, a.clientIP(r), check)
}

func (a *app) clientIP(r *http.Request) netip.Addr { return web.ClientIP(r, a.TrustedProxies) }

// busyWait is when to try again if too many passwords are being checked.
const busyWait = 2 * time.Second

// limitProblem returns what to tell people whose password was not checked, and the status.
// It sets Retry-After. ok is false for any other error.
func limitProblem(w http.ResponseWriter, loc *locale.Locale, err error) (title, problem string, status int, ok bool) {
	var limited *auth.LimitedError
	switch {
	case errors.As(err, &limited):
		w.Header().Set("Retry-After", strconv.Itoa(seconds(limited.Wait)))
		return loc.Text("signin.limited.title"), waitText(loc, limited.Wait), http.StatusTooManyRequests, true
	case errors.Is(err, web.ErrBusy):
		w.Header().Set("Retry-After", strconv.Itoa(seconds(busyWait)))
		return loc.Text("signin.busy.title"), waitText(loc, busyWait), http.StatusServiceUnavailable, true
	}
	return "", "", 0, false
}

func waitText(loc *locale.Locale, wait time.Duration) string {
	if seconds := int(wait.Seconds() + 0.999); seconds < 60 {
		return loc.Count("signin.limited.seconds", seconds)
	}
	return loc.Count("signin.limited.minutes", int(wait.Minutes()+0.999))
}
