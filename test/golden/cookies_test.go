package golden

import (
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// cookieLine returns a cookie as sent, with its value and time replaced.
func cookieLine(sent string) string {
	parts := strings.Split(sent, "; ")
	name, _, _ := strings.Cut(parts[0], "=")
	value := "value"
	if strings.HasSuffix(parts[0], "=") {
		value = "empty"
	}
	for i, p := range parts {
		if moment, ok := strings.CutPrefix(p, "Expires="); ok {
			if parts[i] = "Expires=later"; strings.HasSuffix(moment, "1970 00:00:01 GMT") {
				parts[i] = "Expires=past"
			}
		}
	}
	return strings.Join(append([]string{name, value}, parts[1:]...), "; ")
}

// TestCookies pins the cookies as they are sent, over HTTP and behind HTTPS.
func TestCookies(t *testing.T) {
	w := makeWorld(t)
	https := serve(t, "--database", filepath.Join(workDir, "world.db"), "--public-url", "https://crm.example.com",
		"--oidc-issuer", w.provider, "--oidc-client-id", "golden")
	var lines []string
	for _, s := range []struct{ name, url, origin string }{{"http", w.url, w.url}, {"https", https.url, "https://crm.example.com"}} {
		c := newClient(t, s.url)
		var session string
		step := func(name, method, path string, form url.Values, header ...string) {
			if session != "" { // a Secure cookie does not come back over HTTP by itself
				header = append(header, "Cookie", session)
			}
			header = append(header, "Origin", s.origin)
			r, err := http.NewRequest(method, s.url+path, strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for i := 0; i+1 < len(header); i += 2 {
				r.Header.Add(header[i], header[i+1])
			}
			r.Host = strings.TrimPrefix(strings.TrimPrefix(s.origin, "https://"), "http://")
			c.http.Jar = nil
			resp, err := c.http.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode >= 500 {
				t.Errorf("%s, %s: %s", s.name, name, resp.Status)
			}
			for _, sent := range resp.Header.Values("Set-Cookie") {
				lines = append(lines, s.name+", "+name+": "+cookieLine(sent))
				if name == "sign in" && session == "" { // the device's cookie follows
					session, _, _ = strings.Cut(sent, ";")
				}
			}
			if h := resp.Header.Get("Clear-Site-Data"); h != "" {
				lines = append(lines, s.name+", "+name+": Clear-Site-Data "+h)
			}
		}
		step("page", http.MethodGet, "/signin", nil)
		step("provider", http.MethodGet, "/signin/provider", nil)
		step("provider came back", http.MethodGet, "/signin/provider/callback?error=access_denied&state=x", nil)
		step("wrong password", http.MethodPost, "/signin", url.Values{"identity": {worker}, "password": {"wrong wrong"}})
		step("sign in", http.MethodPost, "/signin", url.Values{"identity": {worker}, "password": {password}})
		if session == "" {
			t.Fatalf("%s: signing in sets no cookie", s.name)
		}
		step("preferences", http.MethodPost, "/account/preferences", url.Values{"theme": {"dark"}, "language": {"de"}, "zone": {"Europe/Berlin"}})
		step("sign out", http.MethodPost, "/signout", nil)
		step("ended session", http.MethodGet, "/customers", nil)
		step("good-bye", http.MethodGet, "/signin?bye=1", nil)
	}
	golden(t, "cookies", lines)
}

var (
	metricType   = regexp.MustCompile(`(?m)^# TYPE (clientele_\S+) (\S+)$`)
	metricSample = regexp.MustCompile(`(?m)^(clientele_[a-z_]+)(?:\{(.*)\})? \S+$`)
	metricLabel  = regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\.)*)"`)
)

// TestMetrics pins names, types, label names, and the values of labels other than
// routes.
func TestMetrics(t *testing.T) {
	w := makeWorld(t)
	_, body := w.clients[""].do(http.MethodGet, "/metrics", nil)
	var lines []string
	for _, m := range metricType.FindAllStringSubmatch(body, -1) {
		lines = append(lines, m[1]+" "+m[2])
	}
	for _, m := range metricSample.FindAllStringSubmatch(body, -1) {
		lines = append(lines, m[1])
		for _, l := range metricLabel.FindAllStringSubmatch(m[2], -1) {
			value := l[2]
			switch l[1] {
			case "le", "service", "question", "outcome":
			default:
				value = "…"
			}
			if m[1] == "clientele_callback_cache_hits_total" || m[1] == "clientele_callbacks_total" && l[1] == "outcome" {
				value = "…" // the values that occur depend on timing
			}
			lines = append(lines, m[1]+" "+l[1]+"="+value)
		}
	}
	golden(t, "metrics", lines)
}
