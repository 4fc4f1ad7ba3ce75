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

type watchKey struct{}

// Instrument tells seen of every request that passes Log further in, when it has been
// answered. It may stand around several faces, which each have a Log of their own.
func Instrument(seen func(Request)) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), watchKey{}, seen)))
		})
	}
}

// tell passes on what Log knows to whoever watches.
func tell(r *http.Request, s Request) {
	if seen, ok := r.Context().Value(watchKey{}).(func(Request)); ok {
		seen(s)
	}
}
