package web

import (
	"fmt"
	"net/http"
)

// contentPolicy lets a page use what this server serves and nothing else: no
// inline script or style, no frame, no form that leaves.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Headers sets the security headers of every answer.
func Headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		// Other sites learn nothing of the page; our own script learns whether
		// Back would lead to the list.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-write=(self)")
		next.ServeHTTP(w, r)
	})
}

// SameOrigin refuses unsafe requests that another site made the browser send;
// this is the one place that does. publicURL is where people reach the program,
// or "" when that is the address it listens on: behind a proxy the Host header
// may be another. A refusal is answered by denied.
func SameOrigin(publicURL string, denied http.Handler) (Middleware, error) {
	guard := http.NewCrossOriginProtection()
	if publicURL != "" {
		if err := guard.AddTrustedOrigin(publicURL); err != nil {
			return nil, fmt.Errorf("public URL: %w", err)
		}
	}
	guard.SetDenyHandler(denied)
	return guard.Handler, nil
}

// typeName names a panic's type for the log.
func typeName(v any) string { return fmt.Sprintf("%T", v) }
