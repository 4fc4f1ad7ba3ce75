package server

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
)

// metricLines returns the lines of the metrics that begin with a name.
func metricLines(t *testing.T, m *metrics, name string) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.handler(func(*http.Request) bool { return true }, http.NotFoundHandler(), slog.New(slog.DiscardHandler)).
		ServeHTTP(w, httptest.NewRequest(http.MethodGet, MetricsPath, nil))
	var found strings.Builder
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, name) {
			found.WriteString(line)
		}
	}
	return found.String()
}

func TestMetrics_Callbacks(t *testing.T) {
	m := newMetrics()
	const list, details = frontline.LocationCustomersList, frontline.LocationCustomerDetails
	for _, c := range []crm.Call{
		{Location: list, Worker: "w0rker", Took: 30 * time.Millisecond, Queued: 2 * time.Second, Bytes: 100, Status: 200},
		{Location: list, Worker: "w0rker", Took: 2 * time.Second, Crawl: true, Status: 500, Code: frontline.CodeCallbackFailed},
		{Location: list, Worker: "w0rker", Search: true, Took: 6 * time.Second, Code: frontline.CodeCallbackTimeout},
		{Location: details, Worker: "w0rker", Status: 404, NotFound: true},
		{Location: details, Worker: "w0rker", Hit: true},
		{Location: details, Worker: "w0rker", BuiltIn: true, Bytes: 7},
	} {
		m.calls.Record(c)
	}
	got := metricLines(t, m, "clientele_callback")
	for _, want := range []string{
		`clientele_callbacks_total{outcome="ok",question="list",service="foreign"} 1`,
		`clientele_callbacks_total{outcome="48004",question="list",service="foreign"} 1`,
		`clientele_callbacks_total{outcome="48005",question="search",service="foreign"} 1`,
		`clientele_callbacks_total{outcome="not_found",question="details",service="foreign"} 1`,
		`clientele_callbacks_total{outcome="ok",question="details",service="built-in"} 1`,
		`clientele_callback_duration_seconds_bucket{question="list",service="foreign",le="0.05"} 1`,
		`clientele_callback_duration_seconds_count{question="list",service="foreign"} 2`,
		`clientele_callback_wait_seconds_sum{for="worker"} 2`,
		`clientele_callback_wait_seconds_count{for="crawl"} 1`,
		`clientele_callback_answer_bytes_total{question="list",service="foreign"} 100`,
		`clientele_callback_cache_hits_total{question="details"} 1`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("metrics have no %s:\n%s", want, got)
		}
	}
	if strings.Contains(got, "w0rker") {
		t.Error("metrics contain a worker")
	}
}

func TestMetrics_Permission(t *testing.T) {
	for name, c := range map[string]struct {
		token, peer, method, authorization string
		want                               bool
	}{
		"this machine, no token is set": {"", "127.0.0.1:50000", "GET", "", true},
		"elsewhere, no token is set":    {"", "192.168.1.20:50000", "GET", "", false},
		"elsewhere with an empty token": {"", "192.168.1.20:50000", "GET", "Bearer ", false},
		"this machine, a token is set":  {"t0ken", "127.0.0.1:50000", "GET", "", false},
		"elsewhere with the token":      {"t0ken", "192.168.1.20:50000", "GET", "Bearer t0ken", true},
		"with the scheme in lower case": {"t0ken", "192.168.1.20:50000", "HEAD", "bearer t0ken", true},
		"with another token":            {"t0ken", "192.168.1.20:50000", "GET", "Bearer t0ke", false},
		"with another scheme":           {"t0ken", "192.168.1.20:50000", "GET", "Basic t0ken", false},
		"with the token alone":          {"t0ken", "192.168.1.20:50000", "GET", "t0ken", false},
		"with the token by POST":        {"t0ken", "192.168.1.20:50000", "POST", "Bearer t0ken", false},
	} {
		t.Run(name, func(t *testing.T) {
			unknown := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "the page of unknown pages", http.StatusNotFound)
			})
			r := httptest.NewRequest(c.method, MetricsPath, nil)
			r.RemoteAddr, r.Host = c.peer, "127.0.0.1:8080"
			if c.authorization != "" {
				r.Header.Set("Authorization", c.authorization)
			}
			w := httptest.NewRecorder()
			newMetrics().handler(mayReadMetrics(c.token, ""), unknown, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
			if got := w.Code == http.StatusOK; got != c.want {
				t.Errorf("%s %s: status %d, want the metrics: %v", c.method, MetricsPath, w.Code, c.want)
			}
			if !c.want && !strings.Contains(w.Body.String(), "unknown pages") {
				t.Errorf("%s %s: %s, want the page of unknown pages", c.method, MetricsPath, w.Body)
			}
		})
	}
}

func TestMetrics_PublicURLNeedsToken(t *testing.T) {
	r := httptest.NewRequest("GET", MetricsPath, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "127.0.0.1:8080" // a proxy that sets no header
	if mayReadMetrics("", "https://crm.example.com")(r) {
		t.Error("mayReadMetrics behind a proxy, without a token = true")
	}
	r.Header.Set("Authorization", "Bearer t0ken")
	if !mayReadMetrics("t0ken", "https://crm.example.com")(r) {
		t.Error("mayReadMetrics behind a proxy, with the token = false")
	}
}
