package integration

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/clientele-project/clientele/frontline"
)

// builtInURL returns the URL of the built-in service's callback, as an external client
// would use it.
func (h *Handlers) builtInURL() string {
	origin := strings.TrimRight(h.PublicURL, "/")
	if origin == "" {
		origin = "http://localhost"
	}
	return origin + h.CRMPath
}

// builtInTransport serves requests by the built-in service in this process. It verifies
// signatures as it does for any client.
func (h *Handlers) builtInTransport(token string) http.RoundTripper {
	return handlerTransport{frontline.NewHandler(h.BuiltInCRM, frontline.HandlerOptions{
		AuthTokens: func() []string { return []string{token} },
		PublicURL:  h.PublicURL,
		Logger:     slog.New(slog.DiscardHandler),
	})}
}

// handlerTransport is a RoundTripper that calls a handler.
type handlerTransport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (h handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	in.Host = req.URL.Host
	w := &bufferedResponse{header: make(http.Header), status: http.StatusOK}
	h.handler.ServeHTTP(w, in)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: req,
	}, nil
}

// bufferedResponse is a ResponseWriter in memory.
type bufferedResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *bufferedResponse) Header() http.Header { return b.header }

func (b *bufferedResponse) WriteHeader(status int) { b.status = status }

func (b *bufferedResponse) Write(p []byte) (int, error) { return b.body.Write(p) }
