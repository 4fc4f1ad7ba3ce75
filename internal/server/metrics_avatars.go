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
			"Requests for avatars: served from the cache (kept, failed_before) or after a fetch (waited); given up (left, slow, busy); with an invalid handle (not_ours).", []string{"outcome"}, nil),
		fetches: prometheus.NewDesc("clientele_avatar_fetches_total",
			"Avatars fetched from their URLs, by outcome.", []string{"outcome"}, nil),
		bytes:    prometheus.NewDesc("clientele_avatar_kept_bytes", "Memory of the avatar cache.", nil, nil),
		fetching: prometheus.NewDesc("clientele_avatar_fetching", "Avatars being fetched.", nil, nil),
		waiting:  prometheus.NewDesc("clientele_avatar_waiting", "Avatars waiting to be fetched.", nil, nil),
	})
}

// Describe implements prometheus.Collector.
func (a *avatarMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{a.requests, a.fetches, a.bytes, a.fetching, a.waiting} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (a *avatarMetrics) Collect(to chan<- prometheus.Metric) {
	s := a.stats()
	for _, c := range []struct {
		desc    *prometheus.Desc
		outcome string
		n       int64
	}{
		{a.requests, "kept", s.Hits},
		{a.requests, "failed_before", s.Remembered},
		{a.requests, "waited", max(s.Requests-s.Hits-s.Remembered-s.Abandoned-s.Slow-s.Busy, 0)},
		{a.requests, "not_ours", s.InvalidHandles},
		{a.requests, "left", s.Abandoned},
		{a.requests, "slow", s.Slow},
		{a.requests, "busy", s.Busy},
		{a.fetches, "ok", s.Fetched},
		{a.fetches, "refused", s.Refused},
		{a.fetches, "unreachable", s.Unreachable},
		{a.fetches, "status", s.Status},
		{a.fetches, "too_large", s.TooLarge},
		{a.fetches, "no_picture", s.NotPicture},
	} {
		to <- prometheus.MustNewConstMetric(c.desc, prometheus.CounterValue, float64(c.n), c.outcome)
	}
	to <- prometheus.MustNewConstMetric(a.bytes, prometheus.GaugeValue, float64(s.KeptBytes))
	to <- prometheus.MustNewConstMetric(a.fetching, prometheus.GaugeValue, float64(s.Fetching))
	to <- prometheus.MustNewConstMetric(a.waiting, prometheus.GaugeValue, float64(s.Waiting))
}
