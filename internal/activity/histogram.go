package activity

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// The scale of a Histogram: from 50 µs, needed by the built-in service, each bound is 15 %
// above the one before, up to 11 s, beyond the 6 s limit of a call. So quantiles are exact
// within 8 %.
const (
	firstBound = 50 * time.Microsecond
	growth     = 1.15
	bins       = 90
)

// Histogram counts durations on a fixed scale, so that any two can be merged. The zero value
// is empty.
type Histogram [bins]uint32

// binIndex returns the bin of d.
func binIndex(d time.Duration) int {
	if d <= firstBound {
		return 0
	}
	i := int(math.Ceil(math.Log(float64(d)/float64(firstBound)) / math.Log(growth)))
	return min(i, bins-1)
}

// Bound returns the longest duration of bin i. The last bin has no bound.
func Bound(i int) time.Duration {
	return time.Duration(float64(firstBound) * math.Pow(growth, float64(i)))
}

// Add counts one duration.
func (h *Histogram) Add(d time.Duration) { h[binIndex(d)]++ }

// Merge adds the counts of another histogram.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other {
		h[i] += n
	}
}

// Count returns the number of durations counted.
func (h *Histogram) Count() (n int64) {
	for _, in := range h {
		n += int64(in)
	}
	return n
}

// Quantile returns the duration not exceeded by the share q (0 to 1) of all durations; 0
// for an empty histogram.
func (h *Histogram) Quantile(q float64) time.Duration {
	all := h.Count()
	if all == 0 {
		return 0
	}
	rank := max(int64(math.Ceil(q*float64(all))), 1)
	var below int64
	for i, in := range h {
		if below += int64(in); below >= rank {
			// The middle of the bin, on its own scale.
			return time.Duration(float64(Bound(i)) / math.Sqrt(growth))
		}
	}
	return Bound(bins - 1) // unreachable: rank is at most all
}

// scale is the first byte of an encoded histogram and identifies its scale.
const scale = 1

// Encode returns the histogram in bytes, few for few counts.
func (h *Histogram) Encode() []byte {
	b := []byte{scale}
	last := 0
	for i, n := range h {
		if n > 0 {
			b = binary.AppendUvarint(b, uint64(i-last))
			b = binary.AppendUvarint(b, uint64(n))
			last = i
		}
	}
	return b
}

var errHistogram = errors.New("invalid encoded histogram")

// Decode is the reverse of Encode.
func (h *Histogram) Decode(b []byte) error {
	*h = Histogram{}
	if len(b) == 0 || b[0] != scale {
		return errHistogram
	}
	at := uint64(0)
	for b = b[1:]; len(b) > 0; {
		gap, n := binary.Uvarint(b)
		if n <= 0 || gap >= bins {
			return errHistogram
		}
		count, m := binary.Uvarint(b[n:])
		if at += gap; m <= 0 || at >= bins || count > math.MaxUint32 {
			return errHistogram
		}
		h[at] += uint32(count)
		b = b[n+m:]
	}
	return nil
}
