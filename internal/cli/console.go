package cli

import (
	"net/http"
	"strings"

	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// consolePath is where the console begins.
const consolePath = "/console"

// console makes the administrator's screens.
func (s site) console() (*auth.Handler, error) {
	var fixed console.Fixed
	if s.services.fixedURL != "" {
		fixed.CRMFlag, fixed.CRM = "--crm-callback-url", s.services.fixedURL
	}
	if s.services.fixedToken != "" {
		fixed.TokenFlag = "--auth-token"
	}
	policy := s.limits.policy()
	return console.New(console.Options{
		Settings:    s.services.settings,
		Accounts:    s.people,
		People:      s.people,
		Fixed:       fixed,
		Reload:      s.reload,
		AuthToken:   s.services.tokens.signing,
		Transport:   outbound.Transport(policy),
		CheckURL:    func(url string) error { return checkCallbackURL(url, policy) },
		BuiltIn:     s.services.callee,
		BuiltInPath: callbackPath,
		Reader:      s.db.Customers(),
		Admin:       s.office,
		Activity:    s.activity,
		Audit:       s.audit,
		Status:      s.services.status,
		Logger:      s.journal.Logger,
		PublicURL:   s.publicURL,
		Provider:    s.consoleProvider(),
		OwnerCounts: s.db.Customers(),

		PeopleChanged:  s.pulse.Wake,
		State:          s.pulse.State,
		TrustedProxies: s.proxies,
	})
}

// below answers root and all below it with h, and everything else with rest. As with
// web.Exact, paths are taken as they came.
func below(root string, h, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		if path == root || strings.HasPrefix(path, root+"/") {
			h.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}
