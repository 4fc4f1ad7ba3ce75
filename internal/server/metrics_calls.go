package server

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/external"
)

// callMetrics counts calls to integration services.
type callMetrics struct {
	total  *prometheus.CounterVec
	took   *prometheus.HistogramVec
	queued *prometheus.HistogramVec
	bytes  *prometheus.CounterVec
	hits   *prometheus.CounterVec
}

var _ crm.Recorder = (*callMetrics)(nil)

func newCallMetrics() *callMetrics {
	labels := []string{"service", "question"}
	return &callMetrics{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clientele_callbacks_total",
			Help: "Calls to an integration service, by service (built-in, or foreign for an external one), request (label question: list, search or details) and outcome (ok, not_found, or the error code).",
		}, append(labels, "outcome")),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clientele_callback_duration_seconds", Buckets: callBuckets,
			Help: "Response time of a service, failures included.",
		}, labels),
		queued: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clientele_callback_wait_seconds", Buckets: callBuckets,
			Help: "Time that a call waited in the queue, by who waits (worker or crawl).",
		}, []string{"for"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clientele_callback_answer_bytes_total",
			Help: "Bytes of response bodies.",
		}, labels),
		hits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clientele_callback_cache_hits_total",
			Help: "Requests served from the cache, without calling the service.",
		}, []string{"question"}),
	}
}

func (m *callMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.total, m.took, m.queued, m.bytes, m.hits}
}

// Record implements crm.Recorder.
func (m *callMetrics) Record(c crm.Call) {
	question := "list"
	switch {
	case c.Location == frontline.LocationCustomerDetails:
		question = "details"
	case c.Search:
		question = "search"
	}
	if c.Hit {
		m.hits.WithLabelValues(question).Inc()
		return
	}
	service := "foreign"
	if c.BuiltIn {
		service = "built-in"
	} else {
		who := "worker"
		if c.Crawl {
			who = "crawl"
		}
		m.queued.WithLabelValues(who).Observe(c.Queued.Seconds())
	}
	m.total.WithLabelValues(service, question, outcome(c)).Inc()
	m.took.WithLabelValues(service, question).Observe(c.Took.Seconds())
	m.bytes.WithLabelValues(service, question).Add(float64(max(c.Bytes, 0)))
}

// outcome is the result of a call in one word.
func outcome(c crm.Call) string {
	switch {
	case c.Code != 0:
		return strconv.Itoa(int(c.Code))
	case c.NotFound:
		return "not_found"
	}
	return "ok"
}

// recorders are several recorders in one.
type recorders []crm.Recorder

// Record implements crm.Recorder.
func (all recorders) Record(c crm.Call) {
	for _, r := range all {
		r.Record(c)
	}
}

// watchService adds the metrics of the service that is called.
func (m *metrics) watchService(stats func() external.Stats) {
	m.gauge("clientele_callback_queue_length", "Calls in the queue.", func() float64 {
		return float64(stats().Queue.Waiting)
	})
	m.gauge("clientele_callback_in_flight", "Calls under way.", func() float64 {
		return float64(stats().Queue.InFlight)
	})
	m.gauge("clientele_callback_breaker_state", "Circuit breaker of an external service: 0 closed, 1 half-open, 2 open.", func() float64 {
		switch stats().Breaker.State {
		case "open":
			return 2
		case "half-open":
			return 1
		}
		return 0
	})
	m.gauge("clientele_callback_held_bytes", "Memory of the cached lists of an external service.", func() float64 {
		return float64(stats().HeldBytes)
	})
	m.gauge("clientele_callback_held_workers", "Workers with a cached list.", func() float64 {
		return float64(stats().Workers)
	})
}
