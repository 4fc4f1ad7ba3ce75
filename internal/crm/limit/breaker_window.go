package limit

import "time"

const (
	maxInRow  = 5   // failures in a row: the next call would hardly succeed
	minCalls  = 20  // in the window, before a share of them means anything
	failShare = 0.6 // of those calls: most fail
	// windowTime is how long a call counts at most, so that yesterday's failures do not.
	// Calls are dropped by halves of it.
	windowTime = 30 * time.Second
)

// window counts the recent calls.
type window struct {
	began         time.Time // of the newer half
	older, newer  tally
	failuresInRow int
}

type tally struct{ calls, failed int }

// add counts a call, and reports whether too many have failed.
func (w *window) add(failed bool, now time.Time) bool {
	switch age := now.Sub(w.began); {
	case age >= windowTime:
		*w = window{began: now}
	case age >= windowTime/2:
		w.began, w.older, w.newer = now, w.newer, tally{}
	}
	w.newer.calls++
	if !failed {
		w.failuresInRow = 0
		return false
	}
	w.newer.failed++
	w.failuresInRow++
	calls, failures := w.older.calls+w.newer.calls, w.older.failed+w.newer.failed
	return w.failuresInRow >= maxInRow || calls >= minCalls && float64(failures) >= failShare*float64(calls)
}
