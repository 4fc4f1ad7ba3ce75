package app

import (
	"net/http"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
)

// attemptKeys returns the keys under which a sign-in attempt is counted.
func (a *app) attemptKeys(r *http.Request, identity string) (identityKey, addressKey string) {
	if len(identity) > account.MaxIdentityBytes {
		identity = identity[:account.MaxIdentityBytes]
	}
	return text.IdentityKey(identity), a.addressKey(r)
}

// addressKey returns the key for attempts from the client's address.
func (a *app) addressKey(r *http.Request) string {
	return web.AddrKey(web.ClientIP(r, a.TrustedProxies))
}

// allowAttempt counts an attempt and returns 0, or returns how long to wait before the
// next.
func (a *app) allowAttempt(identityKey, addressKey string) time.Duration {
	if ok, wait := a.byAddress.Allow(addressKey); !ok {
		return wait
	}
	if ok, wait := a.byIdentity.Allow(identityKey); !ok {
		return wait
	}
	return 0
}

func waitText(loc *locale.Locale, wait time.Duration) string {
	if seconds := int(wait.Seconds() + 0.999); seconds < 60 {
		return loc.Count("signin.limited.seconds", seconds)
	}
	return loc.Count("signin.limited.minutes", int(wait.Minutes()+0.999))
}
