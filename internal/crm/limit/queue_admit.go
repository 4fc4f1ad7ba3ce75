package limit

import (
	"math"
	"time"

	"github.com/clientele-project/clientele/internal/crm"
)

// farAhead is how long a wait is estimated at most. Looking at a whole long queue for each
// waiting page would take more time than all else.
const farAhead = 10 * time.Second

// recheck is how soon the queue looks again at a background call for which there is no
// room but for workers: one may wait for it by then, of which the queue is not told.
const recheck = 50 * time.Millisecond

// admit lets calls begin that may, and sees to it that it is called again when more may.
func (q *queue) admit() {
	for len(q.waiting) > 0 {
		now := time.Now()
		if q.takeShare(now); q.inFlight >= q.share.calls {
			return
		}
		if rest := q.restUntil.Sub(now); rest > 0 {
			q.admitAfter(rest)
			return
		}
		q.growBack(now)
		if d := q.untilToken(now); d > 0 {
			q.admitAfter(d)
			return
		}
		w := q.mostUrgent()
		w.background = crm.PriorityOf(w.ctx) == crm.Background
		if w.background && q.reserved(now) {
			q.admitAfter(recheck)
			return
		}
		q.limiter.AllowN(now, 1)
		q.remove(w)
		q.inFlight++
		if w.background {
			q.background++
		}
		w.admitted <- nil
	}
}

// mostUrgent returns the first of the most urgent.
func (q *queue) mostUrgent() (first *waiter) {
	var most crm.Priority
	for _, w := range q.waiting {
		if p := crm.PriorityOf(w.ctx); first == nil || p < most {
			first, most = w, p
		}
		if most == crm.Waiting {
			break
		}
	}
	return first
}

// reserved reports whether what is free is not for background calls. They leave the last
// place and the last call of a burst to workers, and have a quarter of the places.
func (q *queue) reserved(now time.Time) bool {
	return q.background >= max(q.share.calls/4, 1) ||
		q.share.calls > 1 && q.inFlight >= q.share.calls-1 ||
		q.limiter.Burst() > 1 && q.limiter.TokensAt(now) < 2
}

// untilToken returns how long it is until the rate allows a call.
func (q *queue) untilToken(now time.Time) time.Duration {
	return seconds(max(1-q.limiter.TokensAt(now), 0) / q.perSecond())
}

// seconds returns so many seconds, rounded up, and a day at most: with a tiny rate they
// would overflow.
func seconds(s float64) time.Duration {
	const day = 24 * 60 * 60
	return time.Duration(math.Ceil(min(s, day) * float64(time.Second)))
}

func (q *queue) admitAfter(d time.Duration) {
	if q.timer != nil {
		q.timer.Reset(d)
		return
	}
	q.timer = time.AfterFunc(d, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.admit()
	})
}

// Estimate returns about how long a call of priority p would wait, or farAhead if longer.
func (q *queue) Estimate(p crm.Priority) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.estimate(p)
}

func (q *queue) estimate(p crm.Priority) time.Duration {
	before, most := 0, int(q.perSecond()*farAhead.Seconds())
	for i := 0; i < len(q.waiting) && before < most; i++ {
		if crm.PriorityOf(q.waiting[i].ctx) <= p {
			before++
		}
	}
	now := time.Now()
	rest := max(q.restUntil.Sub(now), 0)
	if before == 0 && q.inFlight < q.share.calls {
		return max(rest, q.untilToken(now))
	}
	return rest + seconds(float64(before+1)/q.perSecond())
}

// QueueStats describes the current state of the queue.
type QueueStats struct{ Waiting, InFlight int }

// Stats returns the current state.
func (q *queue) Stats() QueueStats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return QueueStats{len(q.waiting), q.inFlight}
}
