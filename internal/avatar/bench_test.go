package avatar

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func BenchmarkPath(b *testing.B) {
	s := newTestProxy(b, Options{}, respondWith(nil))
	b.ReportAllocs()
	for b.Loop() {
		s.Path("alice@example.com", "https://images.example.com/customers/4711/portrait.jpg?size=large")
	}
}

func BenchmarkServeKept(b *testing.B) {
	s := newTestProxy(b, Options{}, respondWith(asPNG(b, quarters(400, 400))))
	handle := s.handle(b, "http://pictures.example/a.png")
	etag := s.getAs("alice@example.com", handle).Header().Get("ETag")
	for name, header := range map[string]string{"whole": "", "not modified": etag} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/avatars/x", nil)
			r.Header.Set("If-None-Match", header)
			w := &discard{header: make(http.Header)}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				s.Serve(w, r, "alice@example.com", handle)
			}
		})
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

func BenchmarkRender(b *testing.B) {
	for name, data := range map[string][]byte{
		"JPEG 400x400":   asJPEG(b, quarters(400, 400)),
		"JPEG 4000x3000": asJPEG(b, quarters(4000, 3000)),
		"PNG 4000x4000":  asPNG(b, quarters(4000, 4000)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := render(b.Context(), data, decodeBytes, shrink); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
