package web

import (
	"context"
	"net/http"
	"time"
)

// Request describes a completed request, with what Log writes of it.
type Request struct {
	// Method is "other" for unknown methods. Route is the route pattern, "none"
	// without one. Both have few values.
	Method, Route string
	// Status is 0 when nothing was written, as when the connection was aborted.
	Status int
	Took   time.Duration
}

type observerKey struct{}

// Instrument calls observer after every request that passes an inner Log. It may wrap
// several sites that each have their own Log.
func Instrument(observer func(Request)) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), observerKey{}, observer)))
		})
	}
}

// observe passes req to the observer of Instrument, if there is one.
func observe(r *http.Request, req Request) {
	if observer, ok := r.Context().Value(observerKey{}).(func(Request)); ok {
		observer(req)
	}
}
