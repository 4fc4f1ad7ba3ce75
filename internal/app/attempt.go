package app

import (
	"net/http"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
)

// attempt answers the keys under which an attempt to sign in is counted.
func (a *app) attempt(r *http.Request, identity string) (who, where string) {
	if len(identity) > account.MaxIdentityBytes {
		identity = identity[:account.MaxIdentityBytes]
	}
	return text.IdentityKey(identity), a.where(r)
}

// where is the address that a request came from, as attempts are counted by it.
func (a *app) where(r *http.Request) string {
	return web.AddrKey(web.ClientIP(r, a.TrustedProxies))
}

// mayTry counts an attempt, or tells how long to wait before the next.
func (a *app) mayTry(who, where string) time.Duration {
	if ok, wait := a.byAddress.Allow(where); !ok {
		return wait
	}
	if ok, wait := a.byIdentity.Allow(who); !ok {
		return wait
	}
	return 0
}

func waitText(words *locale.Locale, wait time.Duration) string {
	if seconds := int(wait.Seconds() + 0.999); seconds < 60 {
		return words.Count("signin.limited.seconds", seconds)
	}
	return words.Count("signin.limited.minutes", int(wait.Minutes()+0.999))
}
