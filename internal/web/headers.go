package web

import (
	"fmt"
	"net/http"
)

// contentPolicy allows resources of this server only: no inline script or style, no
// frame, no form to another site.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Headers sets the security headers of every response.
func Headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		// Our own script needs the referrer to know whether Back leads to the list.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-write=(self)")
		next.ServeHTTP(w, r)
	})
}

// StrictTransport tells browsers to use https only, for two years, with this host.
func StrictTransport(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=63072000")
		next.ServeHTTP(w, r)
	})
}

// NoSniff keeps browsers from guessing another content type than the one sent. Headers
// includes it.
func NoSniff(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// SameOrigin returns a middleware that passes cross-site requests with unsafe methods
// to denied. publicURL is the origin that people use, which behind a proxy may differ
// from the Host header; "" means the listen address.
func SameOrigin(publicURL string, denied http.Handler) (Middleware, error) {
	sameOrigin := http.NewCrossOriginProtection()
	if publicURL != "" {
		if err := sameOrigin.AddTrustedOrigin(publicURL); err != nil {
			return nil, fmt.Errorf("public URL: %w", err)
		}
	}
	sameOrigin.SetDenyHandler(denied)
	return sameOrigin.Handler, nil
}
