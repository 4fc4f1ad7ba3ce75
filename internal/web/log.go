package web

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// Log writes one line a request: method, route pattern, status, size, time taken.
// Never the path, the query, a header or a body: they may hold customers' data.
// It must see the very request that the ServeMux gets, which names the pattern.
func Log(logger *slog.Logger) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			rec := &recorder{ResponseWriter: w}
			defer func() {
				took := time.Since(start)
				level := slog.LevelInfo
				quiet := rec.quiet && rec.status < 500
				switch {
				case rec.status >= 500:
					level = slog.LevelError
				case quiet:
					level = slog.LevelDebug
				}
				logger.LogAttrs(r.Context(), level, "request",
					slog.String("method", methodLabel(r.Method)),
					slog.String("route", Route(r)),
					slog.Int("status", rec.status),
					slog.Int64("bytes", rec.bytes),
					slog.Duration("took", took))
				if !quiet {
					observe(r, Request{Method: methodLabel(r.Method), Route: Route(r), Status: rec.status, Took: took})
				}
			}()
			next.ServeHTTP(rec, r)
		})
	}
}

// Recover turns a panic into onPanic's page, and logs it with its stack.
// http.ErrAbortHandler passes: it is how a handler breaks a connection off.
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
				// The value may repeat what was asked; its type may not.
				logger.Error("panic", "route", Route(r), "type", typeName(v), "stack", string(debug.Stack()))
				if rec, ok := w.(*recorder); ok && rec.status != 0 {
					panic(http.ErrAbortHandler) // too late for a page
				}
				onPanic.ServeHTTP(w, r)
			}()
			next.ServeHTTP(w, r)
		})
	}
}

// Route names the route that a request took, "none" before or without one.
func Route(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	return r.Pattern
}

// methodLabel keeps invented methods out of the log.
func methodLabel(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return method
	}
	return "other"
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	quiet  bool // see Quiet
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController through.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
