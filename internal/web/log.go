package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// Log writes one line per request: method, route pattern, status, size and duration, and
// the error of NoteError. Repetitions of a failure within ten seconds are one more line.
// It never writes the path, the query, headers or bodies: they may contain customer
// data. It must pass its own *http.Request to the ServeMux, which sets the pattern.
func Log(logger *slog.Logger) Middleware {
	failures := newFailureLog(logger)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			rec := &recorder{ResponseWriter: w}
			noted := new(notedError)
			r = r.WithContext(context.WithValue(r.Context(), notedKey{}, noted))
			defer func() {
				took := time.Since(start)
				code, err := noted.get()
				level := slog.LevelInfo
				quiet := rec.quiet && rec.status < 500
				switch {
				case rec.status >= 500 || err != nil:
					level = slog.LevelError
				case quiet:
					level = slog.LevelDebug
				}
				attrs := []slog.Attr{
					slog.String("method", methodLabel(r.Method)),
					slog.String("route", Route(r)),
					slog.Int("status", rec.status),
					slog.Int64("bytes", rec.bytes),
					slog.Duration("took", took)}
				first := true
				if err != nil {
					attrs = append(attrs, slog.String("code", code), slog.Any("error", err))
					first = failures.first(failure{Route(r), code, err.Error()})
				}
				if first {
					logger.LogAttrs(r.Context(), level, "request", attrs...)
				}
				if !quiet {
					observe(r, Request{Method: methodLabel(r.Method), Route: Route(r), Status: rec.status, Took: took})
				}
			}()
			next.ServeHTTP(rec, r)
		})
	}
}

type notedKey struct{}

// notedError is the first error of a request. Parts of a page are made at the same time.
type notedError struct {
	mu   sync.Mutex
	code string
	err  error
}

func (n *notedError) get() (code string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.code, n.err
}

// NoteError makes Log write why a request failed, with the code that the page shows. err
// must not hold customer data. Of several errors, Log writes the first.
func NoteError(r *http.Request, code string, err error) {
	noted, ok := r.Context().Value(notedKey{}).(*notedError)
	if !ok {
		return
	}
	noted.mu.Lock()
	defer noted.mu.Unlock()
	if noted.err == nil {
		noted.code, noted.err = code, err
	}
}

// Recover logs a panic with its stack and calls onPanic for the response.
// http.ErrAbortHandler passes through: handlers abort connections with it.
func Recover(logger *slog.Logger, onPanic http.Handler) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				v := recover()
				if v == nil {
					return
				}
				if v == http.ErrAbortHandler {
					panic(v)
				}
				// The value may contain data of the request; its type does not.
				logger.Error("panic", "route", Route(r), "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
				if rec, ok := w.(*recorder); ok && rec.status != 0 {
					panic(http.ErrAbortHandler) // the response has begun
				}
				onPanic.ServeHTTP(w, r)
			}()
			next.ServeHTTP(w, r)
		})
	}
}

// Route returns the route pattern of a request, "none" before or without one.
func Route(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	return r.Pattern
}

// methodLabel returns method, or "other" for a method that is not standard.
func methodLabel(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return method
	}
	return "other"
}

// recorder records the status and size of a response.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	quiet  bool // see Quiet
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
