package external

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	// slowBy is what is left of the rate after each refusal, and leastRate where
	// that ends: a call every two seconds.
	slowBy, leastRate = 0.7, 0.5
	// slowOnce: refusals within this time are one, of calls that began together.
	slowOnce = time.Second
	// quicken is after how long without a refusal the rate grows again, by a tenth,
	// and a service that is refused every so often is not driven to it.
	quicken, quickenBy = 15 * time.Second, 1.1
)

// SlowDown has nobody let in for a while, and fewer a second from then on, without
// bursts: the service said that it is asked too much. The rate grows back by itself.
func (g *queue) SlowDown(rest time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if until := now.Add(rest); until.After(g.restUntil) {
		g.restUntil = until
	}
	if now.Sub(g.slowed) >= slowOnce {
		g.limiter.SetBurstAt(now, 1)
		g.limiter.SetLimitAt(now, rate.Limit(max(g.perSecond()*slowBy, min(leastRate, g.opts.PerSecond))))
	}
	g.slowed = now
}

// perSecond is how many calls may begin each second at present. g.mu is held.
func (g *queue) perSecond() float64 { return float64(g.limiter.Limit()) }

// recover lets the rate grow back. g.mu is held.
func (g *queue) recover(now time.Time) {
	if g.slowed.IsZero() || now.Sub(g.slowed) < quicken {
		return
	}
	g.slowed = now
	faster := g.perSecond() * quickenBy
	if faster < g.opts.PerSecond {
		g.limiter.SetLimitAt(now, rate.Limit(faster))
		return
	}
	g.limiter.SetLimitAt(now, rate.Limit(g.opts.PerSecond))
	g.limiter.SetBurstAt(now, g.opts.Burst)
	g.slowed = time.Time{}
}
