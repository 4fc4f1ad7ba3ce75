package activity

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestQuantilesAreRightWithinEightPercent(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name string
		draw func() time.Duration
	}{
		{"a quick service of our own", func() time.Duration { return time.Duration(60+random.IntN(400)) * time.Microsecond }},
		{"a usual service", func() time.Duration { return time.Duration(80+random.ExpFloat64()*120) * time.Millisecond }},
		{"one that always takes the same", func() time.Duration { return 333 * time.Millisecond }},
		{"one near the limit", func() time.Duration { return time.Duration(5000+random.IntN(1000)) * time.Millisecond }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h Histogram
			all := make([]time.Duration, 5000)
			for i := range all {
				all[i] = c.draw()
				h.Add(all[i])
			}
			slices.Sort(all)
			for _, q := range []float64{0, 0.5, 0.95, 0.99, 1} {
				want := all[min(int(q*float64(len(all))), len(all)-1)]
				got := h.Quantile(q)
				if off := float64(got)/float64(want) - 1; off < -0.08 || off > 0.08 {
					t.Errorf("quantile %v is %v, want %v within 8 %%", q, got, want)
				}
			}
		})
	}
}

func TestAHistogramTakesAnyDuration(t *testing.T) {
	var h Histogram
	if got := h.Quantile(0.5); got != 0 {
		t.Errorf("of nothing the median is %v", got)
	}
	for _, d := range []time.Duration{-time.Hour, 0, 1, firstBound, firstBound + 1, 6 * time.Second, time.Hour, 1<<63 - 1} {
		h.Add(d)
	}
	if got := h.Count(); got != 8 {
		t.Errorf("counted %d of 8", got)
	}
	if got := h.Quantile(1); got < 10*time.Second {
		t.Errorf("the longest is %v", got)
	}
	for i := range bins - 1 {
		if at := binOf(Bound(i) - time.Nanosecond); at != i {
			t.Errorf("just below bound %d is counted in %d", i, at)
		}
		if at := binOf(Bound(i) + 2*time.Nanosecond); at != i+1 {
			t.Errorf("just above bound %d is counted in %d", i, at)
		}
	}
}

func TestHistogramsCanBeAdded(t *testing.T) {
	var a, b, both Histogram
	for i := range 100 {
		d := time.Duration(i*i) * time.Millisecond
		both.Add(d)
		if i%3 == 0 {
			a.Add(d)
		} else {
			b.Add(d)
		}
	}
	a.Merge(&b)
	if a != both {
		t.Error("two together are not as if one had counted all")
	}
}

func FuzzHistogramDecode(f *testing.F) {
	var some Histogram
	for i := range 40 {
		some.Add(time.Duration(i) * 77 * time.Millisecond)
	}
	f.Add(some.Encode())
	f.Add([]byte{})
	f.Add([]byte{scale})
	f.Add([]byte{2, 1, 1})
	f.Add([]byte{scale, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1})
	f.Add([]byte{scale, 89, 1, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var h, again Histogram
		if h.Decode(b) != nil {
			return
		}
		encoded := h.Encode()
		if err := again.Decode(encoded); err != nil || again != h {
			t.Errorf("%x was read, but not what it was written as, %x: %v", b, encoded, err)
		}
	})
}
