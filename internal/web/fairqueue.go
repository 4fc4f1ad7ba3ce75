package web

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// ErrBusy is returned when too many requests wait for the same work.
var ErrBusy = errors.New("too many requests at the same time")

// FairQueue bounds how many callers do costly work at the same time, and how many wait for
// how long. Each key, such as a client's network, gets its share: its second request waits
// behind the first ones of all others. Among these, the newest goes first, so that a crowd
// that came at once does not delay later callers. It is safe for concurrent use.
type FairQueue struct {
	maxRunning, maxWaiting int
	maxWait                time.Duration

	mu      sync.Mutex
	running int
	rounds  map[int]int // by rank, of the caller admitted last
	waiting []*waiter   // in order of arrival
}

// waiter is a caller that waits. Lower ranks go first, then lower rounds.
type waiter struct {
	key         string
	rank, round int
	admitted    chan bool // false: refused
}

func (w *waiter) before(other *waiter) bool {
	return w.rank < other.rank || w.rank == other.rank && w.round < other.round
}

// NewFairQueue returns a FairQueue that admits maxRunning callers at the same time, while
// maxWaiting others wait for at most maxWait.
func NewFairQueue(maxRunning, maxWaiting int, maxWait time.Duration) *FairQueue {
	return &FairQueue{maxRunning: maxRunning, maxWaiting: maxWaiting, maxWait: maxWait, rounds: make(map[int]int)}
}

// Enter waits until the caller may work; it must call release afterwards. Callers of a lower
// rank go first. It returns ErrBusy after maxWait, or as soon as too many go before the
// caller, and the error of ctx.
func (q *FairQueue) Enter(ctx context.Context, key string, rank int) (release func(), err error) {
	w := q.add(key, rank)
	timeout := time.NewTimer(q.maxWait)
	defer timeout.Stop()
	select {
	case ok := <-w.admitted:
		if !ok {
			return nil, ErrBusy
		}
		return q.release, nil
	case <-timeout.C:
		err = ErrBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	} else if <-w.admitted { // at the same moment
		q.admitNext()
	}
	return nil, err
}

// add appends a caller, admits it if there is room, and refuses the last in order if too
// many wait.
func (q *FairQueue) add(key string, rank int) *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := &waiter{key: key, rank: rank, round: q.rounds[rank], admitted: make(chan bool, 1)}
	for _, other := range q.waiting {
		if other.key == key && other.rank == rank {
			w.round = max(w.round, other.round+1)
		}
	}
	q.waiting = append(q.waiting, w)
	if q.running < q.maxRunning {
		q.running++
		q.admitNext()
	} else if len(q.waiting) > q.maxWaiting {
		last := 0
		for i, other := range q.waiting {
			if q.waiting[last].before(other) {
				last = i
			}
		}
		q.remove(last).admitted <- false
	}
	return w
}

func (q *FairQueue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.admitNext()
}

// admitNext gives the place of a caller that has finished to the first in order.
func (q *FairQueue) admitNext() {
	if len(q.waiting) == 0 {
		q.running--
		return
	}
	first := 0
	for i, other := range q.waiting {
		if !q.waiting[first].before(other) {
			first = i
		}
	}
	w := q.remove(first)
	q.rounds[w.rank] = max(q.rounds[w.rank], w.round)
	w.admitted <- true
}

func (q *FairQueue) remove(i int) *waiter {
	w := q.waiting[i]
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return w
}
