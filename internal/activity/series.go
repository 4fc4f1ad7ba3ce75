package activity

import "time"

// Point is what happened in one step of a Series.
type Point struct {
	Start time.Time
	// Calls were really made; with none, the rate of errors and the percentiles mean
	// nothing: a gap.
	Calls    int64
	Failures Failures
	Failed   int64   // all Failures
	Error    float64 // share of the calls that failed, 0 to 1
	// Hits are questions that were answered without a call, HitRate their share in
	// all questions, 0 to 1; with neither calls nor hits it means nothing.
	Hits    int64
	HitRate float64
	Bytes   int64
	// The time that half of the calls, 95 in a hundred and 99 in a hundred did not
	// exceed, within 8 %.
	P50, P95, P99 time.Duration
}

// mostPoints bounds a Series: one for every minute that is kept.
const mostPoints = int64(keepFor / time.Minute)

// Series answers what happened from a time up to, and without, another, in steps;
// the first begins at from. All three count in whole minutes, rounded down, a step in
// at least one. There is a point for every step, also when nothing happened in it. It
// answers no more than the week that is kept has minutes.
func (l *Log) Series(from, to time.Time, step time.Duration) []Point {
	first, end := minuteOf(from), minuteOf(to)
	every := max(int64(step/time.Minute), 1)
	if end <= first {
		return nil
	}
	n := min((end-first+every-1)/every, mostPoints)
	end = min(end, first+n*every)
	sums := make([]*Figures, n)
	sum := func(minutes map[int64]*Figures) {
		for minute, f := range minutes {
			if minute < first || minute >= end {
				continue
			}
			i := (minute - first) / every
			if sums[i] == nil {
				sums[i] = new(Figures)
			}
			sums[i].Merge(f)
		}
	}
	l.reading.Lock()
	sum(l.history)
	l.mu.Lock()
	sum(l.counts) // a minute or two
	l.mu.Unlock()
	l.reading.Unlock()

	points := make([]Point, n)
	for i := range points {
		points[i].Start = time.Unix((first+int64(i)*every)*60, 0).In(from.Location())
		if sums[i] != nil {
			points[i].set(sums[i])
		}
	}
	return points
}

// Summary is Series with all of the time in one point.
func (l *Log) Summary(from, to time.Time) Point {
	points := l.Series(from, to, max(to.Sub(from), time.Minute))
	if len(points) == 0 {
		return Point{Start: from}
	}
	return points[0]
}

func (p *Point) set(f *Figures) {
	p.Calls, p.Hits, p.Bytes = f.Calls, f.Hits, f.Bytes
	p.Failures, p.Failed = f.Failures, f.Failures.Sum()
	if f.Calls > 0 {
		p.Error = float64(p.Failed) / float64(f.Calls)
	}
	if asked := f.Calls + f.Hits; asked > 0 {
		p.HitRate = float64(f.Hits) / float64(asked)
	}
	p.P50, p.P95, p.P99 = f.Latency.Quantile(0.50), f.Latency.Quantile(0.95), f.Latency.Quantile(0.99)
}
