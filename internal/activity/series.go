package activity

import "time"

// Point is one step of a Series.
type Point struct {
	Start time.Time
	// Calls is the number of calls; without any, Error and the percentiles mean nothing.
	Calls    int64
	Failures Failures
	Failed   int64   // sum of Failures
	Error    float64 // share of failed calls, 0 to 1
	// Hits are requests served from the cache, HitRate their share of all requests, 0 to
	// 1. Without calls and hits it means nothing.
	Hits    int64
	HitRate float64
	Bytes   int64
	// Percentiles of the response time, within 8 %.
	P50, P95, P99 time.Duration
}

// maxPoints limits a Series: one point for every minute kept.
const maxPoints = int64(retention / time.Minute)

// Series returns the activity from from to before to, in steps; the first begins at from.
// All three are rounded down to whole minutes, a step to at least one. There is a point for
// every step, even without activity, and at most one for every minute of a week.
func (l *Log) Series(from, to time.Time, step time.Duration) []Point {
	first, end := minuteOf(from), minuteOf(to)
	every := max(int64(step/time.Minute), 1)
	if end <= first {
		return nil
	}
	n := min((end-first+every-1)/every, maxPoints)
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
	l.historyMu.Lock()
	sum(l.history)
	l.mu.Lock()
	sum(l.counts) // a minute or two
	l.mu.Unlock()
	l.historyMu.Unlock()

	points := make([]Point, n)
	for i := range points {
		points[i].Start = time.Unix((first+int64(i)*every)*60, 0).In(from.Location())
		if sums[i] != nil {
			points[i].set(sums[i])
		}
	}
	return points
}

// Summary is Series with a single point.
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
	if requests := f.Calls + f.Hits; requests > 0 {
		p.HitRate = float64(f.Hits) / float64(requests)
	}
	p.P50, p.P95, p.P99 = f.Latency.Quantile(0.50), f.Latency.Quantile(0.95), f.Latency.Quantile(0.99)
}
