package web_test

import (
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clientele-project/clientele/internal/web"
)

func newAssets(t *testing.T, css string) *web.Assets {
	t.Helper()
	a, err := web.NewAssets("/assets/", fstest.MapFS{"app.css": {Data: []byte(css)}, "dot.png": {Data: []byte("\x89PNG-not-worth-it")}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAssets_PathChangesWithTheContent(t *testing.T) {
	one, same, other := newAssets(t, "a{}").Path("app.css"), newAssets(t, "a{}").Path("app.css"), newAssets(t, "b{}").Path("app.css")
	if one != same || one == other {
		t.Errorf("Path() = %s and %s for the same content, %s for other content", one, same, other)
	}
	if !strings.HasPrefix(one, "/assets/app-") || !strings.HasSuffix(one, ".css") {
		t.Errorf("Path(app.css) = %s, want /assets/app-*.css", one)
	}
}

func TestAssets_ServeAsset(t *testing.T) {
	css := strings.Repeat("body { margin: 0 }\n", 200)
	a := newAssets(t, css)
	name := strings.TrimPrefix(a.Path("app.css"), "/assets/")
	for _, test := range []struct {
		name, method, encoding string
		zipped                 bool
	}{
		{"gzip where accepted", "GET", "br, gzip;q=0.8", true},
		{"plain without Accept-Encoding", "GET", "", false},
		{"plain where gzip is refused", "GET", "gzip;q=0, br", false},
		{"no body for HEAD", "HEAD", "gzip", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, "/assets/"+name, nil)
			r.Header.Set("Accept-Encoding", test.encoding)
			w := httptest.NewRecorder()
			if !a.ServeAsset(w, r, name) {
				t.Fatalf("ServeAsset(%s) = false", name)
			}
			h := w.Header()
			if got := h.Get("Content-Encoding") == "gzip"; got != test.zipped {
				t.Errorf("gzip: %v, want %v", got, test.zipped)
			}
			if h.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("Vary") != "Accept-Encoding" {
				t.Errorf("ServeAsset(%s): headers %v", name, h)
			}
			var body io.Reader = w.Body
			if test.method == "HEAD" {
				if w.Body.Len() != 0 {
					t.Errorf("HEAD: body of %d bytes, want none", w.Body.Len())
				}
				return
			}
			if test.zipped {
				z, err := gzip.NewReader(w.Body)
				if err != nil {
					t.Fatal(err)
				}
				body = z
			}
			if got, _ := io.ReadAll(body); string(got) != css {
				t.Errorf("ServeAsset(%s): body of %d bytes, want the %d of the file", name, len(got), len(css))
			}
		})
	}
	w := httptest.NewRecorder()
	if a.ServeAsset(w, httptest.NewRequest("GET", "/assets/app.css", nil), "app.css") || w.Body.Len() > 0 {
		t.Error("ServeAsset(app.css), without fingerprint, serves the file")
	}
}

func TestNewAssets_UnknownExtension(t *testing.T) {
	if _, err := web.NewAssets("/assets/", fstest.MapFS{"x.unheardof": {}}); err == nil {
		t.Error("NewAssets(x.unheardof) succeeded")
	}
}
