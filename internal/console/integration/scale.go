package integration

import (
	"math"
	"time"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/locale"
)

// axisLabel is a label of the vertical axis.
type axisLabel struct {
	value float64
	text  string
}

// scaleTime returns an axis of milliseconds from 0, in two to four even steps.
func scaleTime(highest float64, loc *locale.Locale) (top float64, labels []axisLabel) {
	step := 1.0
	for _, s := range []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000} {
		if step = s; s*4 >= highest {
			break
		}
	}
	top = max(math.Ceil(highest/step), 2) * step
	for y := 0.0; y <= top; y += step {
		text := loc.Text("console.unit.ms", "n", coordinate(y))
		if top >= 1000 {
			text = loc.Text("console.unit.s", "n", view.Decimal(y/1000, precision(step/1000), loc))
		}
		labels = append(labels, axisLabel{y, text})
	}
	return top, labels
}

// precision returns how many decimals a step needs.
func precision(step float64) int {
	if step >= 1 {
		return 0
	}
	return 1
}

// scalePercent returns an axis from 0 % to the next of a few round percentages.
func scalePercent(highest float64, loc *locale.Locale) (top float64, labels []axisLabel) {
	for _, t := range []float64{4, 10, 20, 50, 100} {
		if top = t; t >= highest {
			break
		}
	}
	return top, percentLabels(top, loc)
}

// scaleFullPercent returns an axis from 0 % to 100 %.
func scaleFullPercent(_ float64, loc *locale.Locale) (top float64, labels []axisLabel) {
	return 100, percentLabels(100, loc)
}

func percentLabels(top float64, loc *locale.Locale) []axisLabel {
	return []axisLabel{{0, loc.Percent("0")}, {top / 2, loc.Percent(coordinate(top / 2))}, {top, loc.Percent(coordinate(top))}}
}

// percent formats a share from 0 to 1. Shares near 0 and 1 get a decimal, so that few are
// not shown as none.
func percent(share float64, loc *locale.Locale) string {
	digits := 0
	if share > 0 && share < 0.1 || share < 1 && share > 0.99 {
		digits = 1
	}
	return loc.Percent(view.Decimal(share*100, digits, loc))
}

// timeTick is a label of the time axis.
type timeTick struct {
	when time.Time
	text string
}

// ticks returns the round times within the range, in the zone of its ends: every quarter
// of an hour, every sixth hour, or every second midnight.
func (r timeRange) ticks(loc *locale.Locale) (all []timeTick) {
	switch {
	case r.length <= time.Hour:
		for t := r.from.Truncate(15 * time.Minute); !t.After(r.to); t = t.Add(15 * time.Minute) {
			all = append(all, timeTick{t, loc.Clock(t)})
		}
	case r.length <= 24*time.Hour:
		y, m, d := r.from.Date()
		for i := range 9 { // by the calendar: a day may have 23 hours
			t := time.Date(y, m, d, 6*i, 0, 0, 0, r.from.Location())
			all = append(all, timeTick{t, loc.Clock(t)})
		}
	default:
		y, m, d := r.from.Date()
		for i := range 9 {
			t := time.Date(y, m, d+i, 0, 0, 0, 0, r.from.Location())
			if i%2 == 1 {
				all = append(all, timeTick{t, loc.Day(t)})
			}
		}
	}
	inside := all[:0]
	for _, t := range all {
		if !t.when.Before(r.from) && !t.when.After(r.to) {
			inside = append(inside, t)
		}
	}
	return inside
}

// describeChart describes a chart in words, for people who cannot see it.
func describeChart(lines []series, labels []axisLabel, loc *locale.Locale) string {
	text := loc.Text("console.chart.empty")
	for i, s := range lines {
		lowest, highest, n := math.Inf(1), 0.0, 0
		for _, y := range s.values {
			if !math.IsNaN(y) {
				lowest, highest, n = min(lowest, y), max(highest, y), n+1
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
				return percent(y/100, loc)
			}
			return view.Duration(time.Duration(y*float64(time.Millisecond)), loc)
		}
		text += loc.Text("console.chart.range", "name", s.name, "least", write(lowest), "most", write(highest))
	}
	return text
}
