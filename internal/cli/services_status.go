package cli

import (
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/crm/external"
)

// status is how the service that is asked does, for the console.
func (s *services) status() console.Status {
	svc := s.crm.now()
	if svc.held == nil {
		return console.Status{BuiltIn: svc.problem == "", Problem: svc.problem}
	}
	stats := svc.held.Stats()
	return console.Status{
		Breaker: stats.Breaker.State, RetryAt: stats.Breaker.RetryAt,
		Queued: queued(stats), InFlight: stats.Queue.InFlight, HeldBytes: int64(stats.HeldBytes),
	}
}

// queued is how many calls wait their turn.
func queued(stats external.Stats) (n int) {
	for _, waiting := range stats.Queue.Queue {
		n += waiting
	}
	return n
}

// stats are the figures of the service that is asked, zeroes when it is our own.
func (s *services) stats() external.Stats {
	if held := s.crm.now().held; held != nil {
		return held.Stats()
	}
	return external.Stats{}
}

// watchServices adds the figures of the service that is asked.
func (m *metrics) watchServices(stats func() external.Stats) {
	m.gauge("clientele_callback_queue_length", "Calls that wait their turn.", func() float64 {
		return float64(queued(stats()))
	})
	m.gauge("clientele_callback_in_flight", "Calls under way.", func() float64 {
		return float64(stats().Queue.InFlight)
	})
	m.gauge("clientele_callback_breaker_state", "Whether a foreign service is asked: 0 it is, 1 one call tries, 2 it is left alone.", func() float64 {
		switch stats().Breaker.State {
		case "open":
			return 2
		case "half-open":
			return 1
		}
		return 0
	})
	m.gauge("clientele_callback_held_bytes", "Memory that the lists of a foreign service take.", func() float64 {
		return float64(stats().HeldBytes)
	})
	m.gauge("clientele_callback_held_workers", "Workers of whom a list is held.", func() float64 {
		return float64(stats().Workers)
	})
}
