package server

import (
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/crm/external"
)

// status is the state of the current service, for the console.
func (s *liveSettings) status() console.Status {
	svc := s.crm.current()
	if svc.cache == nil {
		return console.Status{BuiltIn: svc.problem == "", Problem: svc.problem}
	}
	stats := svc.cache.Stats()
	return console.Status{
		Breaker: stats.Breaker.State, RetryAt: stats.Breaker.RetryAt,
		Queued: stats.Queue.Waiting, InFlight: stats.Queue.InFlight, CachedBytes: int64(stats.HeldBytes),
	}
}

// stats are the figures of the current service, zeroes for the built-in one.
func (s *liveSettings) stats() external.Stats {
	if cache := s.crm.current().cache; cache != nil {
		return cache.Stats()
	}
	return external.Stats{}
}
