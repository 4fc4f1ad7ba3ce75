package cli

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/clientele-project/clientele/internal/web"
)

// metricsPath is where Prometheus reads.
const metricsPath = "/metrics"

// metrics are the figures of a running program. No label holds a name, an address,
// or anything else that a request could make up.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	calls    *callMetrics
}

// pageBuckets part the times of our own answers, in seconds; callBuckets those of
// services, which may take six.
var (
	pageBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 6}
	callBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 4, 5, 6}
)

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clientele_http_requests_total",
			Help: "Requests answered, by route and class of status (none: the connection was broken off).",
		}, []string{"route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clientele_http_request_duration_seconds", Buckets: pageBuckets,
			Help: "How long answering took, by route.",
		}, []string{"route"}),
		calls: newCallMetrics(),
	}
	m.registry.MustRegister(m.requests, m.took,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.calls.collectors()...)
	return m
}

// seen counts a request; it is what web.Instrument calls.
func (m *metrics) seen(s web.Request) {
	m.requests.WithLabelValues(s.Route, statusClass(s.Status)).Inc()
	m.took.WithLabelValues(s.Route).Observe(s.Took.Seconds())
}

// statusClass is "2xx" for 204, and "none" for no status.
func statusClass(status int) string {
	if status < 100 || status > 599 {
		return "none"
	}
	return fmt.Sprintf("%dxx", status/100)
}

// gauge adds a figure that is asked for whenever Prometheus reads.
func (m *metrics) gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// handler answers the figures to those who may read them; to all others there is
// nothing here, and elsewhere says so as for any unknown page.
func (m *metrics) handler(may func(*http.Request) bool, elsewhere http.Handler, logger *slog.Logger) http.Handler {
	figures := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		// Reading is quick; whoever asks more often at once is told to come back.
		MaxRequestsInFlight: 4,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !may(r) || r.Method != http.MethodGet && r.Method != http.MethodHead {
			elsewhere.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		figures.ServeHTTP(w, r)
	})
}
