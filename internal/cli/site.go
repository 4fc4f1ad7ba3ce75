package cli

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// site is everything that answers over HTTP, as serve and demo put it together.
type site struct {
	*house
	// publicURL is an origin as parsePublicURL answers it.
	publicURL string
	proxies   []netip.Prefix
	// metricsToken lets read the metrics from elsewhere; "" lets nobody.
	metricsToken string
	// unsigned and oneTap open the doors of the demo; nil keeps them shut.
	unsigned func(*http.Request) bool
	oneTap   func(*http.Request) []string
}

// callbackPath is where the built-in integration service answers.
const callbackPath = "/callbacks/crm"

// handler wires the callback, the faces, and what machines ask.
func (s site) handler() (http.Handler, error) {
	pages, err := s.app()
	if err != nil {
		return nil, err
	}
	administration, err := s.console()
	if err != nil {
		return nil, err
	}
	faces := below(consolePath, administration, pages)
	return web.Instrument(s.metrics.seen)(web.Exact(s.machines(faces), faces)), nil
}

// machines are the paths that machines ask; faces answers those who may not.
func (s site) machines(faces http.Handler) map[string]http.Handler {
	callback := frontline.NewHandler(s.services.callee, frontline.HandlerOptions{
		AuthTokens:    s.services.tokens.all,
		PublicURL:     s.publicURL,
		AllowUnsigned: s.unsigned,
		Logger:        s.journal.Logger,
	})
	return map[string]http.Handler{
		callbackPath: web.Chain(callback,
			named(callbackPath),
			web.Log(s.journal.Logger),
			web.Recover(s.journal.Logger, http.HandlerFunc(internalError))),
		metricsPath: s.metrics.handler(readsMetrics(s.metricsToken, s.publicURL), faces, s.journal.Logger),
		"/healthz":  probe(func(context.Context) error { return nil }),
		"/readyz":   probe(s.db.Ping),
	}
}

// app makes the worker's screens.
func (s site) app() (*auth.Handler, error) {
	var provider app.Provider
	if s.provider != nil {
		provider = s.provider
	}
	return app.New(app.Options{
		CRM:            &s.services.crm,
		Accounts:       s.people,
		Logger:         s.journal.Logger,
		PublicURL:      s.publicURL,
		TrustedProxies: s.proxies,
		OneTap:         s.oneTap,
		Avatars:        s.pictures,
		Provider:       provider,
		Audit:          s.audit,
		Notifier:       s.pulse,
		Masked:         s.services.masked.Load,
	})
}

// named gives requests their route for the log, as http.ServeMux would.
func named(route string) web.Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Pattern = route
			next.ServeHTTP(w, r)
		})
	}
}

// internalError answers a callback whose handling panicked.
func internalError(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusInternalServerError)
	io.WriteString(w, `{"error":{"message":"internal error"}}`)
}

// probeTimeout is how long a probe waits for what it asks.
const probeTimeout = 2 * time.Second

// probe answers whether check succeeds. Why not is no business of whoever asks:
// the log says it where it matters. Probes are not logged.
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
		if check(ctx) != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, "not ready\n")
			return
		}
		io.WriteString(w, "ok\n")
	})
}
