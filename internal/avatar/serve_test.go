package avatar

import (
	"bytes"
	"context"
	"image"
	"image/gif"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/secret"
)

// testProxy is a Proxy in front of a server that every host name resolves to. IP addresses
// are connected to as usual.
type testProxy struct {
	*Proxy
	handles  *secret.HandleSealer
	requests atomic.Int32
	log      bytes.Buffer

	mu  sync.Mutex
	now time.Time
}

// advance advances the clock.
func (s *testProxy) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func newTestProxy(t testing.TB, opts Options, internet http.HandlerFunc) *testProxy {
	t.Helper()
	s := &testProxy{handles: secret.NewKey().HandleSealer("avatar"), now: time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		internet(w, r)
	}))
	strict := outbound.Transport(outbound.Policy{})
	all := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, _, _ := net.SplitHostPort(address); net.ParseIP(host) != nil {
			return strict.DialContext(ctx, network, address)
		}
		var d net.Dialer
		return d.DialContext(ctx, "tcp", server.Listener.Addr().String())
	}}
	opts.Sealer = s.handles
	if opts.Transport == nil {
		opts.Transport = all
	}
	opts.Logger = slog.New(slog.NewTextHandler(&s.log, nil))
	opts.Now = func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.now
	}
	s.Proxy = New(opts)
	t.Cleanup(func() {
		s.Close()
		all.CloseIdleConnections()
		server.Close()
		if s.log.Len() > 0 && strings.Contains(s.log.String(), "example") {
			t.Errorf("the log contains a URL: %s", &s.log)
		}
	})
	return s
}

// handle returns the handle of a URL for alice.
func (s *testProxy) handle(t testing.TB, url string) string {
	t.Helper()
	handle, ok := strings.CutPrefix(s.Path("alice@example.com", url), PathPrefix)
	if !ok {
		t.Fatalf("no path for %s", url)
	}
	return handle
}

// get requests a picture as alice.
func (s *testProxy) get(t testing.TB, url string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	return s.getAs("alice@example.com", s.handle(t, url), change...)
}

func (s *testProxy) getAs(worker, handle string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", PathPrefix+handle, nil)
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	s.Serve(w, r, worker, handle)
	return w
}

// isTransparentPixel reports whether a response is the transparent pixel.
func isTransparentPixel(w *httptest.ResponseRecorder) bool {
	return w.Code == http.StatusOK && w.Header().Get("Content-Type") == "image/gif" && w.Body.String() == transparentPixel && w.Header().Get("ETag") == ""
}

func isPicture(w *httptest.ResponseRecorder) bool {
	return w.Code == http.StatusOK && w.Header().Get("Content-Type") == "image/jpeg"
}

func TestTransparentPixel(t *testing.T) {
	img, err := gif.Decode(strings.NewReader(transparentPixel))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, alpha := img.At(0, 0).RGBA(); alpha != 0 || img.Bounds() != image.Rect(0, 0, 1, 1) {
		t.Errorf("transparentPixel has size %v and alpha %d", img.Bounds(), alpha)
	}
}

func respondWith(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { w.Write(data) }
}

func TestProxy_Serve(t *testing.T) {
	s := newTestProxy(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Set-Cookie", "theirs=1")
		w.Write(asPNG(t, quarters(300, 300)))
	})
	w := s.get(t, "http://pictures.example/a.png")
	if !isPicture(w) {
		t.Fatalf("GET: status %d, want the picture", w.Code)
	}
	for name, want := range map[string]string{
		"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=86400",
		"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "inline", "Set-Cookie": "",
		"Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("GET: header %s = %q, want %q", name, got, want)
		}
	}
	etag := w.Header().Get("ETag")
	if len(etag) < 10 {
		t.Errorf("ETag = %q", etag)
	}
	if !isQuarters(decode(t, &picture{data: w.Body.Bytes(), mime: "image/jpeg"}), red, green, blue, white) {
		t.Error("Serve() shows another picture")
	}
	size := w.Body.Len()

	w = s.get(t, "http://pictures.example/a.png", func(r *http.Request) { r.Header.Set("If-None-Match", etag) })
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("Cache-Control") != "private, max-age=86400" {
		t.Errorf("GET with If-None-Match: status %d, %d bytes, Cache-Control %q", w.Code, w.Body.Len(), w.Header().Get("Cache-Control"))
	}
	w = s.get(t, "http://pictures.example/a.png", func(r *http.Request) { r.Method = "HEAD" })
	if !isPicture(w) || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "image/jpeg" || w.Result().ContentLength != int64(size) {
		t.Errorf("HEAD: status %d, %d bytes, header %v", w.Code, w.Body.Len(), w.Header())
	}
	w = s.get(t, "http://pictures.example/a.png", func(r *http.Request) { r.Method = "POST" })
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: status %d", w.Code)
	}
	if n := s.requests.Load(); n != 1 {
		t.Errorf("GET, HEAD and POST: %d requests to the server, want 1", n)
	}
	if st := s.Stats(); st.Requests != 3 || st.Hits != 2 || st.Fetched != 1 || st.Kept != 1 || st.KeptBytes < size || st.Fetching+st.Waiting != 0 {
		t.Errorf("Stats() = %+v", st)
	}
}

func TestProxy_Serve_ChecksHandles(t *testing.T) {
	s := newTestProxy(t, Options{}, respondWith(asPNG(t, quarters(200, 200))))
	handle := s.handle(t, "http://pictures.example/a.png")
	if w := s.getAs("alice@example.com", handle); !isPicture(w) {
		t.Fatalf("alice: status %d", w.Code)
	}
	if w := s.getAs("Alice@EXAMPLE.com", handle); !isPicture(w) {
		t.Errorf("alice in other case: status %d", w.Code)
	}
	wrong := s.getAs("alice@example.com", "nonsense")
	for name, w := range map[string]*httptest.ResponseRecorder{
		"bob":              s.getAs("bob@example.com", handle),
		"no worker":        s.getAs("", handle),
		"a changed handle": s.getAs("alice@example.com", handle[:len(handle)-2]+"AA"),
		"an empty handle":  s.getAs("alice@example.com", ""),
		"a URL":            s.getAs("alice@example.com", "http://pictures.example/a.png"),
		"another key":      s.getAs("alice@example.com", secret.NewKey().HandleSealer("avatar").Seal([]byte("http://pictures.example/a.png"), "alice@example.com")),
	} {
		if w.Code != http.StatusNotFound || w.Body.String() != wrong.Body.String() || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("GET of a wrong handle, %s: status %d %q, want that of any wrong handle", name, w.Code, w.Body)
		}
	}
	if n := s.requests.Load(); n != 1 {
		t.Errorf("GET with wrong handles: %d requests to the server, want 1", n)
	}
	if a, b := s.Path("alice@example.com", "http://pictures.example/a.png"), s.Path("bob@example.com", "http://pictures.example/a.png"); a == b {
		t.Error("two workers have the same handle for a URL")
	}
}

func TestProxy_Path(t *testing.T) {
	s := newTestProxy(t, Options{}, respondWith(nil))
	long := "https://pictures.example/" + strings.Repeat("a", 1975)
	for _, url := range []string{
		"https://pictures.example/a.png", "HTTP://pictures.example:8080/a b.png?x=1&y=ü#frag", " https://pictures.example/a ",
		"https://8.8.8.8/a", "https://[2001:4860:4860::8888]/a", "https://müller.example/a.png", long,
	} {
		path := s.Path("alice", url)
		handle, ok := strings.CutPrefix(path, "/avatars/")
		if !ok || strings.Trim(handle, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("Path(%s) = %q", url, path)
		}
		if path != s.Path("alice", url) {
			t.Errorf("Path(%s) is not deterministic", url)
		}
	}
	if s.Path("alice", "https://pictures.example/a#x") != s.Path("alice", "https://pictures.example/a") {
		t.Error("Path() depends on the fragment")
	}
	for _, url := range []string{
		"", " ", "http://", "https:///a.png", "pictures.example/a.png", "//pictures.example/a.png", "/a.png", "ftp://pictures.example/a.png",
		"data:image/png;base64,iVBORw0KGgo=", "javascript:alert(1)", "file:///etc/passwd", "blob:https://pictures.example/1", "http:pictures.example",
		"https://user@pictures.example/a.png", "https://user:word@pictures.example/a.png", "https://@pictures.example/a.png", long + "a",
		"https://pictures.example/" + strings.Repeat("ü", 900), "http://pictures.example:0/", "http://pictures.example:99999/", "http://pictures.example:http/",
		"http://127.0.0.1/a.png", "http://localhost:8080/a", "http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data", "http://2130706433/",
		"http://0x7f.1/", "http://[::ffff:127.0.0.1]/", "http://metadata.google.internal/", "http://192.168.1.1/a.png", "http://pictures.example/\x00", "http://[::1",
	} {
		if path := s.Path("alice", url); path != "" {
			t.Errorf("Path(%q) = %q, want none", url, path)
		}
	}
}

// TestNew_DefaultTransportRefusesPrivateAddresses requests pictures of a server on loopback.
func TestNew_DefaultTransportRefusesPrivateAddresses(t *testing.T) {
	var connections atomic.Int32
	inside := httptest.NewUnstartedServer(respondWith(asPNG(t, quarters(200, 200))))
	inside.Config.ConnState = func(net.Conn, http.ConnState) { connections.Add(1) }
	inside.Start()
	t.Cleanup(inside.Close)
	handles := secret.NewKey().HandleSealer("avatar")
	p := New(Options{Sealer: handles})
	t.Cleanup(p.Close)
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	for _, url := range []string{inside.URL, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://127.1:" + port} {
		// Sealed without Path's check, as a name may resolve to any address.
		handle := handles.Seal([]byte(url), "alice")
		w := httptest.NewRecorder()
		p.Serve(w, httptest.NewRequest("GET", "/avatars/"+handle, nil), "alice", handle)
		if !isTransparentPixel(w) {
			t.Errorf("Serve(%s): status %d, %d bytes, want the transparent pixel", url, w.Code, w.Body.Len())
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("Serve made %d connections to the private server, want none", n)
	}
	if st := p.Stats(); st.Refused < 2 || st.Fetched != 0 {
		t.Errorf("Stats() = %+v", st)
	}
	if resp, err := http.Get(inside.URL); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the private server does not respond: %v", err)
	} else {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}
