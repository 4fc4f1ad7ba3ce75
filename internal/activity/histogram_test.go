package activity

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestHistogram_Quantile(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name string
		draw func() time.Duration
	}{
		{"a fast service", func() time.Duration { return time.Duration(60+random.IntN(400)) * time.Microsecond }},
		{"a usual service", func() time.Duration { return time.Duration(80+random.ExpFloat64()*120) * time.Millisecond }},
		{"a constant duration", func() time.Duration { return 333 * time.Millisecond }},
		{"close to the limit", func() time.Duration { return time.Duration(5000+random.IntN(1000)) * time.Millisecond }},
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
					t.Errorf("Quantile(%v) = %v, want %v within 8 %%", q, got, want)
				}
			}
		})
	}
}

func TestHistogram_Add_AnyDuration(t *testing.T) {
	var h Histogram
	if got := h.Quantile(0.5); got != 0 {
		t.Errorf("Quantile(0.5) of an empty histogram = %v", got)
	}
	for _, d := range []time.Duration{-time.Hour, 0, 1, firstBound, firstBound + 1, 6 * time.Second, time.Hour, 1<<63 - 1} {
		h.Add(d)
	}
	if got := h.Count(); got != 8 {
		t.Errorf("Count() = %d, want 8", got)
	}
	if got := h.Quantile(1); got < 10*time.Second {
		t.Errorf("Quantile(1) = %v, want at least 10s", got)
	}
	for i := range bins - 1 {
		if at := binIndex(Bound(i) - time.Nanosecond); at != i {
			t.Errorf("binIndex(just below bound %d) = %d", i, at)
		}
		if at := binIndex(Bound(i) + 2*time.Nanosecond); at != i+1 {
			t.Errorf("binIndex(just above bound %d) = %d", i, at)
		}
	}
}

func TestHistogram_Merge(t *testing.T) {
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
		t.Error("Merge() differs from counting in one histogram")
	}
}

func FuzzHistogram_Decode(f *testing.F) {
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
			t.Errorf("Decode(%x), Encode() = %x, which decodes to another histogram: %v", b, encoded, err)
		}
	})
}
