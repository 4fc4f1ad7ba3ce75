package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/clientele-project/clientele/internal/avatar"
)

// avatarMetrics collects the metrics of avatars whenever Prometheus reads.
type avatarMetrics struct {
	stats func() avatar.Stats

	requests, fetches, bytes, fetching, waiting *prometheus.Desc
}

// watchAvatars adds the metrics of avatars.
func (m *metrics) watchAvatars(stats func() avatar.Stats) {
	m.registry.MustRegister(&avatarMetrics{
		stats: stats,
		requests: prometheus.NewDesc("clientele_avatar_requests_total",
			"Requests for avatars: answered from the cache (kept, failed_before) or after a fetch (waited); given up (left, slow, busy); with an invalid handle (not_ours).", []string{"outcome"}, nil),
		fetches: prometheus.NewDesc("clientele_avatar_fetches_total",
			"Avatars fetched from their URLs, by outcome.", []string{"outcome"}, nil),
		bytes:    prometheus.NewDesc("clientele_avatar_kept_bytes", "Memory of the avatar cache.", nil, nil),
		fetching: prometheus.NewDesc("clientele_avatar_fetching", "Avatars being fetched.", nil, nil),
		waiting:  prometheus.NewDesc("clientele_avatar_waiting", "Avatars waiting to be fetched.", nil, nil),
	})
}

// Describe implements prometheus.Collector.
func (p *avatarMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{p.requests, p.fetches, p.bytes, p.fetching, p.waiting} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (p *avatarMetrics) Collect(to chan<- prometheus.Metric) {
	s := p.stats()
	for _, c := range []struct {
		desc    *prometheus.Desc
		outcome string
		n       int64
	}{
		{p.requests, "kept", s.Hits},
		{p.requests, "failed_before", s.Remembered},
		{p.requests, "waited", max(s.Requests-s.Hits-s.Remembered-s.Abandoned-s.Slow-s.Busy, 0)},
		{p.requests, "not_ours", s.InvalidHandles},
		{p.requests, "left", s.Abandoned},
		{p.requests, "slow", s.Slow},
		{p.requests, "busy", s.Busy},
		{p.fetches, "ok", s.Fetched},
		{p.fetches, "refused", s.Refused},
		{p.fetches, "unreachable", s.Unreachable},
		{p.fetches, "status", s.Status},
		{p.fetches, "too_large", s.TooLarge},
		{p.fetches, "no_picture", s.NotPicture},
	} {
		to <- prometheus.MustNewConstMetric(c.desc, prometheus.CounterValue, float64(c.n), c.outcome)
	}
	to <- prometheus.MustNewConstMetric(p.bytes, prometheus.GaugeValue, float64(s.KeptBytes))
	to <- prometheus.MustNewConstMetric(p.fetching, prometheus.GaugeValue, float64(s.Fetching))
	to <- prometheus.MustNewConstMetric(p.waiting, prometheus.GaugeValue, float64(s.Waiting))
}
