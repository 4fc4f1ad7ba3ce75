package web

import (
	"context"
	"net/http"
	"time"
)

// Request is what Watch tells of a request: as much as Log writes.
type Request struct {
	// Method is "other" when it is an invented one, Route the pattern that was
	// taken, "none" without one: both have few values.
	Method, Route string
	// Status is 0 when nothing was written, as when the connection was broken off.
	Status int
	Took   time.Duration
}

type observerKey struct{}

// Instrument tells seen of every request that passes Log further in, when it has been
// answered. It may stand around several faces, which each have a Log of their own.
func Instrument(observer func(Request)) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), observerKey{}, observer)))
		})
	}
}

// observe passes on what Log knows to whoever watches.
func observe(r *http.Request, req Request) {
	if observer, ok := r.Context().Value(observerKey{}).(func(Request)); ok {
		observer(req)
	}
}
