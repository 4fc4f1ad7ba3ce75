package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/clientele-project/clientele/internal/web"
)

// metrics are the metrics of a running program. No label holds a name, an address or
// anything else that a request can choose.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	calls    *callMetrics
}

// pageBuckets are for the times of our own responses, in seconds; callBuckets for
// those of services, which may take six.
var (
	pageBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 6}
	callBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 4, 5, 6}
)

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clientele_http_requests_total",
			Help: "Requests served, by route and class of status (none: the connection was lost).",
		}, []string{"route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clientele_http_request_duration_seconds", Buckets: pageBuckets,
			Help: "Response time, by route.",
		}, []string{"route"}),
		calls: newCallMetrics(),
	}
	m.registry.MustRegister(m.requests, m.took,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.calls.collectors()...)
	return m
}

// observe counts a request, for web.Instrument.
func (m *metrics) observe(r web.Request) {
	m.requests.WithLabelValues(r.Route, statusClass(r.Status)).Inc()
	m.took.WithLabelValues(r.Route).Observe(r.Took.Seconds())
}

// statusClass is "2xx" for 204, and "none" for no status.
func statusClass(status int) string {
	if status < 100 || status > 599 {
		return "none"
	}
	return fmt.Sprintf("%dxx", status/100)
}

// gauge adds a metric that is computed whenever Prometheus reads.
func (m *metrics) gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// handler serves the metrics to those who may read them. For all others the path does
// not exist: notFound handles it as any unknown page.
func (m *metrics) handler(may func(*http.Request) bool, notFound http.Handler, logger *slog.Logger) http.Handler {
	metrics := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		MaxRequestsInFlight: 4,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !may(r) || r.Method != http.MethodGet && r.Method != http.MethodHead {
			notFound.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		metrics.ServeHTTP(w, r)
	})
}

// mayReadMetrics returns who may read the metrics: with a token, its bearer; without
// one, this machine alone, and no one where a public URL implies a proxy, which may hide
// the client's address.
func mayReadMetrics(token, publicURL string) func(*http.Request) bool {
	switch {
	case token == "" && publicURL != "":
		return func(*http.Request) bool { return false }
	case token == "":
		return FromThisMachine
	}
	want := sha256.Sum256([]byte(token)) // hashed, so that lengths compare alike
	return func(r *http.Request) bool {
		scheme, sent, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(strings.TrimSpace(sent)))
		return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
	}
}
