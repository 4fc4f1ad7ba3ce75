package external

import "sync/atomic"

// Stats describes the current state of a Service.
type Stats struct {
	Deadline DeadlineStats
	Queue    QueueStats
	Breaker  BreakerStats
	// HeldBytes is the approximate memory of all cached lists, and Workers the number
	// of workers that have one.
	HeldBytes, Workers int
	// Calls counts calls made since the start, Failures those that failed, Hits the
	// responses from the cache.
	Calls, Failures, Hits int64
}

// Stats returns the current state of the service.
func (s *Service) Stats() Stats {
	stats := Stats{
		Deadline: s.patient.Stats(), Queue: s.gate.Stats(), Breaker: s.breaker.Stats(),
		Calls: s.counted.calls.Load(), Failures: s.counted.failures.Load(), Hits: s.counted.hits.Load(),
	}
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	stats.HeldBytes, stats.Workers = s.shelf.bytes, len(s.shelf.books)
	return stats
}

// counted counts what it hands on.
type counted struct {
	to                    Recorder // may be nil
	calls, failures, hits atomic.Int64
}

// Record implements Recorder.
func (r *counted) Record(c Call) {
	switch {
	case c.Hit:
		r.hits.Add(1)
	case c.Code != 0:
		r.failures.Add(1)
		r.calls.Add(1)
	default:
		r.calls.Add(1)
	}
	if r.to != nil {
		r.to.Record(c)
	}
}
