package audit

import (
	"slices"
	"time"
)

// slidingCount watches how many different things somebody does within a time. What is more
// than a limit is a run, which is told when it begins, and whenever it has become
// twice as long. It ends when no more than half of the limit is left within the
// time.
type slidingCount struct {
	seen []observation // within the time, the last time of each, the oldest first

	total int // of the run; 0 when there is none
	next  int // tell again then
	began time.Time
}

// observation is one thing.
type observation struct {
	key         uint64
	at, written time.Time // the last time, and the last time that it was written
}

// add notes what was done at now. fresh tells that it was not within the last minute;
// total is of a run that is to be told, else 0.
func (r *slidingCount) add(what uint64, now time.Time, limit int, within time.Duration) (fresh bool, total int) {
	r.seen = slices.Delete(r.seen, 0, r.expired(now, within))
	if r.total > 0 && len(r.seen) <= limit/2 {
		r.total = 0
	}
	if i := r.find(what); i >= 0 {
		x := r.seen[i]
		if x.at = now; now.Sub(x.written) >= repeatWindow {
			x.written, fresh = now, true
		}
		r.seen = append(slices.Delete(r.seen, i, i+1), x)
		return fresh, 0
	}
	if len(r.seen) > 2*limit { // memory is bounded; a run is known by now
		r.seen = slices.Delete(r.seen, 0, 1)
	}
	r.seen = append(r.seen, observation{what, now, now})
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

// expired is how many are not within the time any more.
func (r *slidingCount) expired(now time.Time, within time.Duration) (n int) {
	for n < len(r.seen) && now.Sub(r.seen[n].at) >= within {
		n++
	}
	return n
}

func (r *slidingCount) find(what uint64) int {
	for i := len(r.seen) - 1; i >= 0; i-- { // the last are the likeliest
		if r.seen[i].key == what {
			return i
		}
	}
	return -1
}

// last is when something was done the last time.
func (r *slidingCount) last() time.Time {
	if len(r.seen) == 0 {
		return time.Time{}
	}
	return r.seen[len(r.seen)-1].at
}
