package server

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// CallbackPath is where the built-in integration service listens, and MetricsPath where
// Prometheus reads.
const (
	CallbackPath = "/callbacks/crm"
	MetricsPath  = "/metrics"
	consolePath  = "/console"
)

// newHandler returns the handler of all paths: the sites and the machine paths.
func (s *Server) newHandler() (http.Handler, error) {
	appSite, err := s.newApp()
	if err != nil {
		return nil, err
	}
	consoleSite, err := s.newConsole()
	if err != nil {
		return nil, err
	}
	sites := under(consolePath, consoleSite, appSite)
	return web.Instrument(s.metrics.observe)(web.Exact(s.machinePaths(sites), sites)), nil
}

// machinePaths are the paths that machines request; sites serves callers that may not.
func (s *Server) machinePaths(sites http.Handler) map[string]http.Handler {
	c := s.config
	forApps, forWebhooks := s.callbackOptions(s.live.tokens.all), s.callbackOptions(s.conversations.webhookTokens)
	builtIn := builtInCallbacks{s.conversations}
	paths := map[string]http.Handler{
		MetricsPath: s.metrics.handler(mayReadMetrics(c.MetricsToken, c.PublicURL), sites, c.Logger),
		"/healthz":  probe(func(context.Context) error { return nil }),
		"/readyz":   probe(s.database.ready),
	}
	for path, callback := range map[string]http.Handler{
		CallbackPath:      frontline.NewHandler(s.live.callbackCRM, forApps),
		OutgoingPath:      frontline.NewOutgoingHandler(builtIn, forApps),
		TemplatesPath:     frontline.NewTemplatesHandler(builtIn, forApps),
		RoutingPath:       frontline.NewRouterHandler(builtIn, forWebhooks),
		ConversationsPath: frontline.NewConversationsHandler(builtIn, forWebhooks),
	} {
		h := web.Chain(callback,
			web.NoSniff,
			withPattern(path),
			web.Log(c.Logger),
			web.Recover(c.Logger, http.HandlerFunc(internalError)))
		paths[path], paths[path+"/"] = h, h // a trailing slash is the same address
	}
	return paths
}

// newApp returns the worker's site.
func (s *Server) newApp() (*auth.Handler, error) {
	var provider app.Provider
	if s.provider != nil {
		provider = s.provider
	}
	return app.New(app.Options{
		Attempts:       s.attempts,
		CRM:            &s.live.crm,
		Accounts:       s.accounts,
		Logger:         s.config.Logger,
		PublicURL:      s.config.PublicURL,
		TrustedProxies: s.config.TrustedProxies,
		OneTap:         s.config.OneTap,
		Avatars:        s.avatars,
		Provider:       provider,
		Devices:        s.config.Key.Sealer("devices"),
		Audit:          s.audit,
		Notifier:       s.notifier,
		Masked:         s.live.masked.Load,
		RowBytes:       s.config.Memory.Scale(rowMemory),

		ConversationOptions: app.ConversationOptions{
			Conversations: s.conversations,
			Channel:       s.live.crm.Channel,
			CustomerID:    s.live.crm.CustomerID,
			Templates:     s.conversations.forWorker,
			Workers:       s.conversations.workers,
			Redraw:        s.avatars.Redraw,
		},
	})
}

// newConsole returns the administrator's site.
func (s *Server) newConsole() (*auth.Handler, error) {
	c := s.config
	var fixed console.Fixed
	if c.CRMCallbackURL != "" {
		fixed.CRMFlag, fixed.CRM = "--crm-callback-url", c.CRMCallbackURL
	}
	if c.AuthToken != "" {
		fixed.TokenFlag = "--auth-token"
	}
	fixed.Conversations = c.Conversations.Fixed
	var provider *console.Provider
	var signIn auth.Provider
	if p := s.provider; p != nil {
		provider, signIn = &console.Provider{Issuer: p.issuer, ClientID: p.clientID}, p
	}
	return console.New(console.Options{
		Settings:      s.live.settings,
		Accounts:      s.accounts,
		Fixed:         fixed,
		Reload:        s.reload,
		AuthToken:     s.live.tokens.signing,
		Transport:     outbound.Transport(c.Callbacks.policy()),
		CheckURL:      c.Callbacks.CheckURL,
		BuiltInCRM:    s.live.callbackCRM,
		BuiltInPath:   CallbackPath,
		Reader:        c.DB.Customers(),
		Admin:         s.admin,
		Activity:      s.activity,
		Audit:         s.audit,
		Status:        s.live.status,
		Conversations: s.conversations,
		Condition:     c.DB.Condition,
		Logger:        c.Logger,
		PublicURL:     c.PublicURL,
		Provider:      provider,
		Attempts:      s.attempts,
		SignIn:        signIn,

		OnPeopleChange: s.notifier.Wake,
		State:          s.notifier.State,
		TrustedProxies: c.TrustedProxies,
	})
}

// under serves root and everything below it with h, and the rest with rest. As with
// web.Exact, paths are compared as they came.
func under(root string, h, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		if path == root || strings.HasPrefix(path, root+"/") {
			h.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

// withPattern gives requests their route for the log, as http.ServeMux would.
func withPattern(route string) web.Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Pattern = route
			next.ServeHTTP(w, r)
		})
	}
}

// internalError is the response to a callback whose handler panicked.
func internalError(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusInternalServerError)
	io.WriteString(w, `{"error":{"message":"internal error"}}`)
}

// probeTimeout bounds the check of a probe.
const probeTimeout = 2 * time.Second

// probe reports whether check succeeds, and why the database takes no changes. Other
// errors are not for the caller: the log has them. Probes are not logged.
func probe(check func(context.Context) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
		defer cancel()
		if err := check(ctx); err != nil {
			h.Set("Retry-After", strconv.Itoa(int(databaseWatch/time.Second)))
			w.WriteHeader(http.StatusServiceUnavailable)
			said := "not ready"
			if reason := storage.Reason(err); reason != nil {
				said += ": " + reason.Error()
			}
			io.WriteString(w, said+"\n")
			return
		}
		io.WriteString(w, "ok\n")
	})
}
