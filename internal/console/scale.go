package console

import (
	"math"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/locale"
)

// label is what stands at a value of the upright axis.
type label struct {
	value float64
	text  string
}

// scaleTime is an axis of milliseconds from 0, in two to four even steps.
func scaleTime(most float64, w *locale.Locale) (top float64, labels []label) {
	step := 1.0
	for _, s := range []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000} {
		if step = s; s*4 >= most {
			break
		}
	}
	top = max(math.Ceil(most/step), 2) * step
	for y := 0.0; y <= top; y += step {
		text := w.Text("console.unit.ms", "n", at(y))
		if top >= 1000 {
			text = w.Text("console.unit.s", "n", decimal(y/1000, precision(step/1000), w))
		}
		labels = append(labels, label{y, text})
	}
	return top, labels
}

// precision is how many digits a step needs behind the point.
func precision(step float64) int {
	if step >= 1 {
		return 0
	}
	return 1
}

// scalePercent is an axis from 0 % to the next of a few round shares.
func scalePercent(most float64, w *locale.Locale) (top float64, labels []label) {
	for _, t := range []float64{4, 10, 20, 50, 100} {
		if top = t; t >= most {
			break
		}
	}
	return top, shares(top, w)
}

// scaleWhole is an axis from 0 % to 100 %.
func scaleWhole(_ float64, w *locale.Locale) (top float64, labels []label) {
	return 100, shares(100, w)
}

func shares(top float64, w *locale.Locale) []label {
	return []label{{0, w.Percent("0")}, {top / 2, w.Percent(at(top / 2))}, {top, w.Percent(at(top))}}
}

// percent writes a share, from 0 to 1. What is not nothing does not read so.
func percent(share float64, w *locale.Locale) string {
	digits := 0
	if share > 0 && share < 0.1 || share < 1 && share > 0.99 {
		digits = 1
	}
	return w.Percent(decimal(share*100, digits, w))
}

// count writes a number.
func count(n int64) string { return strconv.FormatInt(n, 10) }

// moment is what stands at a moment of the axis of time.
type moment struct {
	when time.Time
	text string
}

// ticks are the round times within the frame, in the zone of its ends: every quarter
// of an hour, every sixth hour, or every second midnight.
func (f frame) ticks(w *locale.Locale) (all []moment) {
	switch {
	case f.length <= time.Hour:
		for t := f.from.Truncate(15 * time.Minute); !t.After(f.to); t = t.Add(15 * time.Minute) {
			all = append(all, moment{t, w.Clock(t)})
		}
	case f.length <= 24*time.Hour:
		y, m, d := f.from.Date()
		for i := range 9 { // by the calendar: a day may have 23 hours
			t := time.Date(y, m, d, 6*i, 0, 0, 0, f.from.Location())
			all = append(all, moment{t, w.Clock(t)})
		}
	default:
		y, m, d := f.from.Date()
		for i := range 9 {
			t := time.Date(y, m, d+i, 0, 0, 0, 0, f.from.Location())
			if i%2 == 1 {
				all = append(all, moment{t, w.Day(t)})
			}
		}
	}
	within := all[:0]
	for _, t := range all {
		if !t.when.Before(f.from) && !t.when.After(f.to) {
			within = append(within, t)
		}
	}
	return within
}

// describeChart says in a sentence what a chart shows, for who does not see it.
func describeChart(lines []series, labels []label, w *locale.Locale) string {
	text := w.Text("console.chart.empty")
	for i, s := range lines {
		least, most, n := math.Inf(1), 0.0, 0
		for _, y := range s.values {
			if !math.IsNaN(y) {
				least, most, n = min(least, y), max(most, y), n+1
			}
		}
		if n == 0 {
			continue
		}
		if i == 0 {
			text = ""
		} else {
			text += " "
		}
		write := func(y float64) string {
			if s.area {
				return percent(y/100, w)
			}
			return duration(time.Duration(y*float64(time.Millisecond)), w)
		}
		text += w.Text("console.chart.range", "name", s.name, "least", write(least), "most", write(most))
	}
	return text
}
