package limit

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	// slowBy is what is left of the rate after each refusal, down to minRate.
	slowBy, minRate = 0.7, 0.5
	// Refusals within slowOnce are one: of calls that began together.
	slowOnce = time.Second
	// Without a refusal for growAfter, the rate grows by growBy: slowly, so that it is
	// not driven to the next refusal.
	growAfter, growBy = 15 * time.Second, 1.1
)

// SlowDown lets no call begin for a while, and fewer a second from then on, without
// bursts. The rate grows back by itself.
func (q *queue) SlowDown(rest time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if until := now.Add(rest); until.After(q.restUntil) {
		q.restUntil = until
	}
	if now.Sub(q.slowed) >= slowOnce {
		q.limiter.SetBurstAt(now, 1)
		q.limiter.SetLimitAt(now, rate.Limit(max(q.perSecond()*slowBy, min(minRate, q.share.perSecond))))
	}
	q.slowed = now
}

// perSecond returns how many calls may begin each second at present.
func (q *queue) perSecond() float64 { return float64(q.limiter.Limit()) }

func (q *queue) growBack(now time.Time) {
	for !q.slowed.IsZero() && now.Sub(q.slowed) >= growAfter {
		q.grow(now)
	}
}

// grow lets the rate grow by one step.
func (q *queue) grow(now time.Time) {
	q.slowed = q.slowed.Add(growAfter)
	faster := min(q.perSecond()*growBy, q.share.perSecond)
	q.limiter.SetLimitAt(now, rate.Limit(faster))
	if faster == q.share.perSecond {
		q.limiter.SetBurstAt(now, q.share.burst)
		q.slowed = time.Time{}
	}
}
