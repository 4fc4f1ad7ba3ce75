package main

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// steps is how many ranges a histogram has for each doubling of the duration: a quantile
// is wrong by 0.4 % at most.
const steps = 128

// A histogram counts durations in ranges that grow with the duration. Its zero value is
// empty, and many may add to it at once.
type histogram struct {
	counts [41 * steps]atomic.Uint32 // up to 39 hours
}

func (h *histogram) add(d time.Duration) { h.counts[rangeOf(d)].Add(1) }

// rangeOf returns the range that counts d. The first 2·steps ranges are a nanosecond wide,
// the next steps ranges two, then four, and so on.
func rangeOf(d time.Duration) int {
	n := uint64(max(d, 0))
	shift := bits.Len64(n / (2 * steps))
	return min(shift*steps+int(n>>shift), 41*steps-1)
}

// middleOf returns the duration in the middle of a range.
func middleOf(i int) time.Duration {
	shift := max(i/steps-1, 0)
	return time.Duration(i-shift*steps)<<shift + time.Duration(1)<<shift/2
}

// quantile returns the duration that a part q of all is below, or 0 if there are none.
func (h *histogram) quantile(q float64) time.Duration {
	total := 0
	for i := range h.counts {
		total += int(h.counts[i].Load())
	}
	below := min(int(q*float64(total)), total-1)
	for i := range h.counts {
		if below -= int(h.counts[i].Load()); below < 0 && total > 0 {
			return middleOf(i)
		}
	}
	return 0
}
