package cli

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/external"
)

// callMetrics counts what integration services answered; it is an
// upstream.Recorder.
type callMetrics struct {
	total  *prometheus.CounterVec
	took   *prometheus.HistogramVec
	queued *prometheus.HistogramVec
	bytes  *prometheus.CounterVec
	hits   *prometheus.CounterVec
}

var _ external.Recorder = (*callMetrics)(nil)

func newCallMetrics() *callMetrics {
	asked := []string{"service", "question"}
	return &callMetrics{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clientele_callbacks_total",
			Help: "Questions put to an integration service, by service (built-in or foreign), question (list, search or details) and outcome (ok, not_found, or the code of the failure).",
		}, append(asked, "outcome")),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clientele_callback_duration_seconds", Buckets: callBuckets,
			Help: "How long a service took to answer, its failures included.",
		}, asked),
		queued: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clientele_callback_wait_seconds", Buckets: callBuckets,
			Help: "How long a question waited its turn before it was sent, by who waits (worker or crawl).",
		}, []string{"for"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clientele_callback_answer_bytes_total",
			Help: "Bytes of the answers' bodies.",
		}, asked),
		hits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clientele_callback_cache_hits_total",
			Help: "Questions answered from the copy that is held, without asking the service.",
		}, []string{"question"}),
	}
}

func (m *callMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.total, m.took, m.queued, m.bytes, m.hits}
}

// Record implements upstream.Recorder.
func (m *callMetrics) Record(c external.Call) {
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

// outcome is how a call ended, in one word.
func outcome(c external.Call) string {
	switch {
	case c.Code != 0:
		return strconv.Itoa(int(c.Code))
	case c.NotFound:
		return "not_found"
	}
	return "ok"
}

// recorders is several recorders in one.
type recorders []external.Recorder

// Record implements upstream.Recorder.
func (all recorders) Record(c external.Call) {
	for _, r := range all {
		r.Record(c)
	}
}
