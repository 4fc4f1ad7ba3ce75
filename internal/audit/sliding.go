package audit

import (
	"slices"
	"time"
)

// slidingCount counts different keys within a sliding time. More than a limit are a run,
// which is reported when it begins and whenever it has doubled. It ends when half of the
// limit or less remain within the time.
type slidingCount struct {
	seen []observation // within the time, by the last time of each, oldest first

	total int // of the run, 0 when there is none
	next  int // total at which to report again
	began time.Time
}

// observation is a key that was seen.
type observation struct {
	key         uint64
	at, written time.Time // last seen, last written
}

// add counts key at now. isNew reports whether it was not written within the last minute;
// total is the size of a run to report, else 0.
func (s *slidingCount) add(key uint64, now time.Time, limit int, within time.Duration) (isNew bool, total int) {
	s.seen = slices.Delete(s.seen, 0, s.expired(now, within))
	if s.total > 0 && len(s.seen) <= limit/2 {
		s.total = 0
	}
	if i := s.find(key); i >= 0 {
		seen := s.seen[i]
		if seen.at = now; now.Sub(seen.written) >= repeatWindow {
			seen.written, isNew = now, true
		}
		s.seen = append(slices.Delete(s.seen, i, i+1), seen)
		return isNew, 0
	}
	if len(s.seen) > 2*limit { // bounds memory; the run is known by now
		s.seen = slices.Delete(s.seen, 0, 1)
	}
	s.seen = append(s.seen, observation{key, now, now})
	switch {
	case s.total > 0:
		s.total++
	case len(s.seen) > limit:
		s.total, s.next, s.began = len(s.seen), len(s.seen), s.seen[0].at
	}
	if s.total == 0 || s.total < s.next {
		return true, 0
	}
	s.next = 2 * s.total
	return true, s.total
}

// expired returns how many observations are older than the time.
func (s *slidingCount) expired(now time.Time, within time.Duration) (n int) {
	for n < len(s.seen) && now.Sub(s.seen[n].at) >= within {
		n++
	}
	return n
}

func (s *slidingCount) find(key uint64) int {
	for i := len(s.seen) - 1; i >= 0; i-- { // recent keys are the likeliest
		if s.seen[i].key == key {
			return i
		}
	}
	return -1
}

// last returns the time of the latest observation.
func (s *slidingCount) last() time.Time {
	if len(s.seen) == 0 {
		return time.Time{}
	}
	return s.seen[len(s.seen)-1].at
}
