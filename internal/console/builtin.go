package console

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/clientele-project/clientele/frontline"
)

// builtInURL is the URL at which our own integration service answers callbacks: what
// others would write.
func (c *console) builtInURL() string {
	origin := strings.TrimRight(c.PublicURL, "/")
	if origin == "" {
		origin = "http://localhost"
	}
	return origin + c.BuiltInPath
}

// builtInTransport answers requests by our own integration service, in this process:
// signed, parsed and refused like anybody's.
func (c *console) builtInTransport(token string) http.RoundTripper {
	return handlerTransport{frontline.NewHandler(c.BuiltIn, frontline.HandlerOptions{
		AuthTokens: func() []string { return []string{token} },
		PublicURL:  c.PublicURL,
		Logger:     slog.New(slog.DiscardHandler),
	})}
}

// handlerTransport is a RoundTripper that asks a handler.
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

// bufferedResponse is a ResponseWriter that keeps what is written.
type bufferedResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *bufferedResponse) Header() http.Header         { return w.header }
func (w *bufferedResponse) WriteHeader(status int)      { w.status = status }
func (w *bufferedResponse) Write(p []byte) (int, error) { return w.body.Write(p) }
