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
func (r *slidingCount) add(key uint64, now time.Time, limit int, within time.Duration) (isNew bool, total int) {
	r.seen = slices.Delete(r.seen, 0, r.expired(now, within))
	if r.total > 0 && len(r.seen) <= limit/2 {
		r.total = 0
	}
	if i := r.find(key); i >= 0 {
		x := r.seen[i]
		if x.at = now; now.Sub(x.written) >= repeatWindow {
			x.written, isNew = now, true
		}
		r.seen = append(slices.Delete(r.seen, i, i+1), x)
		return isNew, 0
	}
	if len(r.seen) > 2*limit { // bounds memory; the run is known by now
		r.seen = slices.Delete(r.seen, 0, 1)
	}
	r.seen = append(r.seen, observation{key, now, now})
	switch {
	case r.total > 0:
		r.total++
	case len(r.seen) > limit:
		r.total, r.next, r.began = len(r.seen), len(r.seen), r.seen[0].at
	}
	if r.total == 0 || r.total < r.next {
		return true, 0
	}
	r.next = 2 * r.total
	return true, r.total
}

// expired returns how many observations are older than the time.
func (r *slidingCount) expired(now time.Time, within time.Duration) (n int) {
	for n < len(r.seen) && now.Sub(r.seen[n].at) >= within {
		n++
	}
	return n
}

func (r *slidingCount) find(key uint64) int {
	for i := len(r.seen) - 1; i >= 0; i-- { // recent keys are the likeliest
		if r.seen[i].key == key {
			return i
		}
	}
	return -1
}

// last returns the time of the latest observation.
func (r *slidingCount) last() time.Time {
	if len(r.seen) == 0 {
		return time.Time{}
	}
	return r.seen[len(r.seen)-1].at
}
