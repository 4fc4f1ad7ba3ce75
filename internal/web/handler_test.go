package web_test

import (
	"bytes"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web"
)

func TestExact(t *testing.T) {
	var got string
	h := web.Exact(map[string]http.Handler{
		"/healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
	}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.EscapedPath() }))
	for _, path := range []string{"/customers/a%2F%2Fb", "/customers/a//b", "/customers/..", "/healthz/", "/healthz/../x", "/%68ealthz"} {
		got = ""
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if got != path || w.Code != http.StatusOK {
			t.Errorf("GET %s: the fallback got %q, status %d", path, got, w.Code)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/healthz?x", nil))
	if w.Code != http.StatusNoContent {
		t.Errorf("GET /healthz?x: status %d, want 204", w.Code)
	}
}

func TestLog_ContainsNothingOfTheRequestButItsRoute(t *testing.T) {
	var log bytes.Buffer
	mux := http.NewServeMux()
	mux.HandleFunc("GET /customers/{id}", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("body-secret")) })
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("value-secret") })
	logger := slog.New(slog.NewTextHandler(&log, nil))
	h := web.Chain(mux, web.Log(logger), web.Recover(logger, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
	})))
	r := httptest.NewRequest("GET", "/customers/id-secret?q=query-secret", nil)
	r.Header.Set("Cookie", "clientele=cookie-secret")
	h.ServeHTTP(httptest.NewRecorder(), r)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("METHOD-SECRET", "/path-secret", nil))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/panic", strings.NewReader("body-secret")))
	if w.Code != http.StatusInternalServerError {
		t.Errorf("panic: status %d, want 500", w.Code)
	}
	text := log.String()
	if strings.Contains(strings.ToLower(text), "secret") {
		t.Errorf("the log contains secrets:\n%s", text)
	}
	for _, want := range []string{`route="GET /customers/{id}"`, "status=200", "bytes=11", "msg=panic", "status=500", "method=other"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %s:\n%s", want, text)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	denied := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	sameOrigin, err := web.SameOrigin("https://crm.example.com", denied)
	if err != nil {
		t.Fatal(err)
	}
	h := sameOrigin(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, test := range []struct {
		name, method, site, origin string
		want                       int
	}{
		{"our own form", "POST", "same-origin", "https://crm.example.com", 200},
		{"our own form, through a proxy that changes Host", "POST", "", "https://crm.example.com", 200},
		{"no browser", "POST", "", "", 200},
		{"another site's form", "POST", "cross-site", "https://evil.example", 403},
		{"form of another site of the same domain", "POST", "same-site", "https://other.example.com", 403},
		{"another site's form in an old browser", "POST", "", "https://evil.example", 403},
		{"another site's link", "GET", "cross-site", "", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, "http://internal:8080/signin", nil)
			if test.site != "" {
				r.Header.Set("Sec-Fetch-Site", test.site)
			}
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != test.want {
				t.Errorf("%s from %q, %q: status %d, want %d", test.method, test.site, test.origin, w.Code, test.want)
			}
		})
	}
	if _, err := web.SameOrigin("https://x/with/a/path", denied); err == nil {
		t.Error("SameOrigin(https://x/with/a/path) succeeded")
	}
}

func TestRenderer_Render(t *testing.T) {
	catalog, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	rd, err := web.NewRenderer(catalog, nil, fstest.MapFS{"a.html": {Data: []byte(
		`{{define "good"}}{{t "nav.account"}} {{.}}{{end}}{{define "bad"}}half {{.Missing}}{{end}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	de, _ := catalog.Locale("de")
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	if err := rd.Render(w, r, 200, de, "bad", struct{}{}); err == nil {
		t.Error("Render(bad) succeeded")
	}
	if w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("Render(bad) wrote %q with headers %v", w.Body, w.Header())
	}
	if err := rd.Render(w, r, 404, de, "good", "<x> +1 &#43;"); err != nil {
		t.Fatal(err)
	}
	if w.Code != 404 || w.Body.String() != "Konto &lt;x&gt; +1 &amp;#43;" || w.Header().Get("Content-Language") != "de" {
		t.Errorf("Render(good): status %d, body %q, headers %v", w.Code, w.Body, w.Header())
	}
	if _, err := web.NewRenderer(catalog, nil, fstest.MapFS{"a.html": {Data: []byte(`{{nonsense}}`)}}); err == nil {
		t.Error("NewRenderer({{nonsense}}) succeeded")
	}
}

// TestRenderer_CallsWithConstants writes the same calls as constants and with data.
func TestRenderer_CallsWithConstants(t *testing.T) {
	catalog, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	funcs := template.FuncMap{
		"asset": func(name string) string { return "/a/" + name + "?x&y" },
		"icon": func(name string) (template.HTML, error) {
			if name == "none" {
				return "", errors.New("no icon")
			}
			return template.HTML("<svg>" + name + "</svg>"), nil
		},
	}
	rd, err := web.NewRenderer(catalog, funcs, fstest.MapFS{"a.html": {Data: []byte(
		`{{define "constant"}}{{icon "b"}}<a href="{{asset "c"}}" title="{{t "<d> '&"}}">{{t "<d> '&"}}</a>{{end}}` +
			`{{define "data"}}{{icon .Icon}}<a href="{{asset .Asset}}" title="{{t .Text}}">{{t .Text}}</a>{{end}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	english := catalog.Locales()[0]
	got, err := rd.Execute(english, "constant", nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := rd.Execute(english, "data", struct{ Icon, Asset, Text string }{"b", "c", "<d> '&"})
	if err != nil || string(got) != string(want) || !strings.HasPrefix(string(want), "<svg>b</svg>") {
		t.Errorf("with constants %q, with data %q, %v", got, want, err)
	}
	if _, err := web.NewRenderer(catalog, funcs, fstest.MapFS{"a.html": {Data: []byte(`{{icon "none"}}`)}}); err == nil {
		t.Error(`NewRenderer({{icon "none"}}) succeeded`)
	}
}
