package external

import (
	"math"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// admit lets in whoever may go now, and sees to it that this is looked at again
// when the rate allows more. g.mu is held, as by all that have no lock of their own.
func (g *queue) admit() {
	for {
		w := g.next()
		if w == nil {
			return
		}
		now := time.Now()
		if d := g.restUntil.Sub(now); d > 0 {
			g.lookAgain(d)
			return
		}
		g.recover(now)
		if d := g.untilTokens(now, g.tokensFor(w)); d > 0 {
			g.lookAgain(d)
			return
		}
		if !g.limiter.AllowN(now, 1) { // by rounding
			g.lookAgain(time.Millisecond)
			return
		}
		g.take(w)
		g.inFlight++
		w.admitted <- nil
	}
}

// next answers who goes next, nil when nobody waits or there is no place.
func (g *queue) next() *waiter {
	if g.inFlight >= g.opts.Calls {
		return nil
	}
	for u := range g.queues {
		first := g.queues[u].Front()
		if first == nil {
			continue
		}
		if priority(u) == crawling && g.opts.Calls > 1 && g.inFlight >= g.opts.Calls-1 {
			return nil
		}
		return first.Value.(*waiter)
	}
	return nil
}

// tokensFor is what the limiter must have for w to go: crawling leaves one.
func (g *queue) tokensFor(w *waiter) float64 {
	if w.urgency == crawling && g.limiter.Burst() > 1 {
		return 2
	}
	return 1
}

func (g *queue) untilTokens(now time.Time, n float64) time.Duration {
	lacking := n - g.limiter.TokensAt(now)
	if lacking <= 0 {
		return 0
	}
	return seconds(lacking / g.perSecond())
}

// seconds answers so many seconds, rounded up, and no more than a day: with a rate of
// next to nothing they would not fit.
func seconds(s float64) time.Duration {
	const day = 24 * 60 * 60
	return time.Duration(math.Ceil(min(s, day) * float64(time.Second)))
}

func (g *queue) lookAgain(after time.Duration) {
	if g.timer == nil {
		g.timer = time.AfterFunc(after, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.admit()
		})
		return
	}
	g.timer.Reset(after)
}

// take takes a waiter out of the queue.
func (g *queue) take(w *waiter) {
	g.queues[w.urgency].Remove(w.place)
	w.gone = true
	g.waiting--
}

// promote moves a waiter up, behind those who are as urgent already.
func (g *queue) promote(w *waiter, u priority) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if w.gone || u >= w.urgency {
		return
	}
	g.queues[w.urgency].Remove(w.place)
	w.urgency = u
	w.place = g.queues[u].PushBack(w)
	g.admit()
}

// giveWay sends away the newest of the least urgent, if less urgent than u.
func (g *queue) giveWay(u priority) bool {
	for least := crawling; least > u; least-- {
		if last := g.queues[least].Back(); last != nil {
			g.send(last.Value.(*waiter), &frontline.UnavailableError{RetryAfter: g.estimate(least), Err: errQueueFull})
			return true
		}
	}
	return false
}

// send ends a wait with an error.
func (g *queue) send(w *waiter, err error) {
	g.take(w)
	w.admitted <- err
}

// Flush sends away all who wait, with err: the service is down, and they would only
// meet the same.
func (g *queue) Flush(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for u := range g.queues {
		for first := g.queues[u].Front(); first != nil; first = g.queues[u].Front() {
			g.send(first.Value.(*waiter), err)
		}
	}
}

// Estimate tells about how long a call of that urgency would have to wait its turn.
func (g *queue) Estimate(u priority) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.estimate(u)
}

func (g *queue) estimate(u priority) time.Duration {
	before := 0
	for i := range g.queues[:u+1] {
		before += g.queues[i].Len()
	}
	if before == 0 && g.inFlight < g.opts.Calls {
		return g.untilTokens(time.Now(), 1)
	}
	byRate := float64(before+1)/g.perSecond() + max(time.Until(g.restUntil), 0).Seconds()
	byPlace := float64(before+1) / float64(g.opts.Calls) * g.usual.Seconds()
	return seconds(max(byRate, byPlace))
}

// QueueStats describes the current state of the queue.
type QueueStats struct {
	Queue    [crawling + 1]int // calls that wait: for workers, for refreshes, in the background
	InFlight int               // calls in flight
	Wait     time.Duration     // about how long a worker's call would wait
}

// Stats returns the current state.
func (g *queue) Stats() QueueStats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := QueueStats{InFlight: g.inFlight, Wait: g.estimate(waiting)}
	for u := range g.queues {
		s.Queue[u] = g.queues[u].Len()
	}
	return s
}
