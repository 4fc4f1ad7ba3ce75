package external

import "sync/atomic"

// Stats is how a Service does just now.
type Stats struct {
	Deadline DeadlineStats
	Queue    QueueStats
	Breaker  BreakerStats
	// HeldBytes is about what all lists take in memory that are held, and Workers
	// of how many workers they are.
	HeldBytes, Workers int
	// Calls were really made since the start, Failures are those that failed; Hits
	// are answers without a call.
	Calls, Failures, Hits int64
}

// Stats tells how the service does.
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
