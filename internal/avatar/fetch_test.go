package avatar

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestProxy_Fetch(t *testing.T) {
	png := asPNG(t, quarters(200, 200))
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/picture" {
				w.Write(png)
				return
			}
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		}
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			w.Write(png)
		}
	}
	counter := func(name string) func(Stats) int64 {
		return func(s Stats) int64 {
			return map[string]int64{"fetched": s.Fetched, "refused": s.Refused, "unreachable": s.Unreachable, "status": s.Status, "too large": s.TooLarge, "no picture": s.NotPicture}[name]
		}
	}
	for _, c := range []struct {
		name     string
		outcome  string
		internet http.HandlerFunc
	}{
		{"a picture", "fetched", respondWith(png)},
		{"a page", "no picture", respondWith([]byte("<html>"))},
		{"SVG that says it is PNG", "no picture", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
		}},
		{"empty response", "no picture", respondWith(nil)},
		{"half a picture", "no picture", respondWith(png[:len(png)/2])},
		{"status 404 with a picture", "status", status(404)},
		{"status 500", "status", status(500)},
		{"status 204", "status", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }},
		{"status 206", "status", status(206)},
		{"3 MiB with Content-Length", "too large", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "3145728")
			w.Write(png)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}},
		{"3 MiB without Content-Length", "too large", func(w http.ResponseWriter, r *http.Request) {
			w.Write(png)
			w.(http.Flusher).Flush()
			w.Write(make([]byte, 3<<20))
		}},
		{"less than Content-Length", "unreachable", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100000")
			w.Write(png)
			panic(http.ErrAbortHandler)
		}},
		{"a connection that closes", "unreachable", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"a server that does not respond", "unreachable", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"a slow server", "unreachable", func(w http.ResponseWriter, r *http.Request) {
			for i := 0; r.Context().Err() == nil && i < len(png); i++ {
				w.Write(png[i : i+1])
				w.(http.Flusher).Flush()
				time.Sleep(5 * time.Millisecond)
			}
		}},
		{"an endless header", "unreachable", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 12<<20))
			w.Write(png)
		}},
		{"a redirect to a picture", "fetched", redirect("/picture")},
		{"a redirect to another server", "fetched", redirect("http://other.example/picture")},
		{"a redirect to this machine", "refused", redirect("http://127.0.0.1:80/picture")},
		{"a redirect to this machine by name", "refused", redirect("http://localhost/picture")},
		{"a redirect to metadata", "refused", redirect("http://169.254.169.254/picture")},
		{"a redirect to an odd spelling", "refused", redirect("http://0x7f000001/picture")},
		{"a redirect with a password", "refused", redirect("http://user:word@other.example/picture")},
		{"a redirect to another scheme", "refused", redirect("ftp://other.example/picture")},
		{"a redirect to itself", "status", redirect("/round")},
	} {
		t.Run(c.name, func(t *testing.T) {
			timeout := 20 * time.Second
			if c.outcome == "unreachable" {
				timeout = 300 * time.Millisecond
			}
			s := newTestProxy(t, Options{Timeout: timeout}, c.internet)
			w := s.get(t, "http://pictures.example/a.png")
			if c.outcome == "fetched" {
				if !isPicture(w) {
					t.Errorf("GET: status %d, want the picture", w.Code)
				}
			} else if !isTransparentPixel(w) || w.Header().Get("Cache-Control") != "private, max-age=300" {
				t.Errorf("GET: status %d, %d bytes, Cache-Control %q, want a transparent pixel for five minutes", w.Code, w.Body.Len(), w.Header().Get("Cache-Control"))
			}
			if st := s.Stats(); counter(c.outcome)(st) != 1 {
				t.Errorf("Stats() = %+v, want it %s", st, c.outcome)
			}
		})
	}
}

func TestProxy_Fetch_LimitsRedirects(t *testing.T) {
	for hops, want := range map[int]bool{1: true, 3: true, 4: false} {
		s := newTestProxy(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			if done := len(strings.Trim(r.URL.Path, "/")); done < hops {
				http.Redirect(w, r, r.URL.Path+"x", http.StatusMovedPermanently)
				return
			}
			w.Write(asPNG(t, quarters(20, 20)))
		})
		if w := s.get(t, "http://pictures.example/"); isPicture(w) != want || isTransparentPixel(w) == want {
			t.Errorf("GET with %d redirects: status %d, picture %v, want %v", hops, w.Code, isPicture(w), want)
		}
	}
}

func TestNewClient_RefusesRedirectsFromHTTPS(t *testing.T) {
	check := newClient(nil).CheckRedirect
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"https://a.example/", "https://b.example/", true},
		{"http://a.example/", "https://b.example/", true},
		{"http://a.example/", "http://b.example/", true},
		{"https://a.example/", "http://b.example/", false},
		{"https://a.example/", "http://a.example/", false},
	} {
		from, _ := http.NewRequest("GET", c.from, nil)
		to, _ := http.NewRequest("GET", c.to, nil)
		if err := check(to, []*http.Request{from}); (err == nil) != c.ok {
			t.Errorf("CheckRedirect(%s to %s) = %v, want allowed %v", c.from, c.to, err, c.ok)
		}
	}
}

func TestProxy_Fetch_SendsNothingOfTheBrowser(t *testing.T) {
	var seen []http.Header
	s := newTestProxy(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Clone())
		if r.URL.Path == "/a.png" {
			http.SetCookie(w, &http.Cookie{Name: "theirs", Value: "1", Domain: "pictures.example", Path: "/"})
			http.Redirect(w, r, "http://pictures.example/b.png", http.StatusFound)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "theirs", Value: "2"})
		w.Write(asPNG(t, quarters(20, 20)))
	})
	browser := func(r *http.Request) {
		for name, value := range map[string]string{"Cookie": "session=secret", "Referer": "https://clientele.example/customers/7", "User-Agent": "Mozilla/5.0",
			"X-Forwarded-For": "192.0.2.7", "Authorization": "Bearer secret", "Accept-Language": "de", "Sec-Fetch-Site": "same-origin", "Range": "bytes=0-1"} {
			r.Header.Set(name, value)
		}
	}
	if w := s.get(t, "http://pictures.example/a.png", browser); w.Code != http.StatusPartialContent {
		t.Fatalf("GET with a Range: status %d, want %d", w.Code, http.StatusPartialContent)
	}
	s.get(t, "http://pictures.example/c.png", browser)
	if len(seen) != 3 {
		t.Fatalf("GET of two pictures: %d requests to the server, want 3", len(seen))
	}
	for i, h := range seen {
		if h.Get("User-Agent") != "Clientele" || h.Get("Accept") != "image/jpeg, image/png, image/webp, image/gif" || h.Get("Accept-Encoding") != "identity" || len(h) != 3 {
			t.Errorf("request %d has the header %v", i, h)
		}
	}
}

func TestProxy_Fetch_SurvivesPanics(t *testing.T) {
	s := newTestProxy(t, Options{Transport: panicTransport{}}, respondWith(nil))
	if w := s.get(t, "http://pictures.example/a.png"); !isTransparentPixel(w) {
		t.Errorf("GET with a panic: status %d, want the transparent pixel", w.Code)
	}
	if log := s.log.String(); !strings.Contains(log, "panic") || strings.Contains(log, "oops") {
		t.Errorf("log = %q, want the panic without its value", log)
	}
	if st := s.Stats(); st.Fetching != 0 || st.NotPicture != 1 {
		t.Errorf("Stats() = %+v", st)
	}
}

type panicTransport struct{}

func (panicTransport) RoundTrip(*http.Request) (*http.Response, error) {
	panic("oops: pictures.example")
}

func FuzzParse(f *testing.F) {
	for _, url := range []string{"https://pictures.example/a b.png?x= 1#f", "http://[::ffff:8.8.8.8]:80/", "http://127.0.0.1", "HTTP://EXAMPLE.com", "http://a@b", "https://%e4.example/%zz", "http://x/?\x7f"} {
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		a, err := parse(raw)
		if err != nil {
			return
		}
		again, err := parse(a.url)
		if err != nil || again != a {
			t.Errorf("parse(%q) = %+v, but parsing that = %+v, %v", raw, a, again, err)
		}
		if _, err := http.NewRequest("GET", a.url, nil); err != nil {
			t.Errorf("parse(%q) is no valid request URL: %v", raw, err)
		}
	})
}
