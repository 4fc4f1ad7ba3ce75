package integration

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/locale"
)

// chart is a line chart over time: the template "chart". Lengths are in its own units; a
// stylesheet gives it its size and colors.
type chart struct {
	ID, Title, Desc string
	Width, Height   int
	// The ends of the two axes.
	Left, Right, Top, Bottom int
	X, Y                     []tick
	Lines                    []chartLine
	// Empty reports whether there is nothing to draw.
	Empty bool
}

// tick is a label at a coordinate of an axis.
type tick struct{ At, Label string }

// chartLine is one line of a chart, with its name in the legend.
type chartLine struct{ Class, Name, Path, Area, Dots string }

// timeRange is the time that charts show.
type timeRange struct {
	from, to time.Time
	span
}

// series is one line before it is drawn: a value for each point, NaN for a gap.
type series struct {
	class, name string
	values      []float64
	area        bool
}

// charts draws the response times, the share of failed calls, and the share of requests
// served from the cache.
func charts(points []activity.Point, r timeRange, loc *locale.Locale) []chart {
	part := func(class, key string, area bool, value func(activity.Point) (float64, bool)) series {
		s := series{class: class, name: loc.Text(key), area: area, values: make([]float64, len(points))}
		for i, p := range points {
			s.values[i] = math.NaN()
			if y, ok := value(p); ok {
				s.values[i] = y
			}
		}
		return s
	}
	took := func(of func(activity.Point) time.Duration) func(activity.Point) (float64, bool) {
		return func(p activity.Point) (float64, bool) {
			return float64(of(p)) / float64(time.Millisecond), p.Calls > 0
		}
	}
	return []chart{
		draw("latency", loc.Text("console.chart.latency"), r, loc, scaleTime, []series{
			part("p99", "console.activity.p99", false, took(func(p activity.Point) time.Duration { return p.P99 })),
			part("p95", "console.activity.p95", false, took(func(p activity.Point) time.Duration { return p.P95 })),
			part("p50", "console.activity.p50", false, took(func(p activity.Point) time.Duration { return p.P50 })),
		}),
		draw("errors", loc.Text("console.chart.errors"), r, loc, scalePercent, []series{
			part("failed", "console.activity.errors", true, func(p activity.Point) (float64, bool) { return p.Error * 100, p.Calls > 0 }),
		}),
		draw("hits", loc.Text("console.chart.hits"), r, loc, scaleFullPercent, []series{
			part("kept", "console.activity.hit_rate", true, func(p activity.Point) (float64, bool) { return p.HitRate * 100, p.Calls+p.Hits > 0 }),
		}),
	}
}

// The size of every chart: as wide as a phone, so that labels are not scaled down there.
const (
	chartWidth, chartHeight = 400, 180
	chartLeft, chartRight   = 46, 392
	chartTop, chartBottom   = 12, 152
)

// draw returns a chart of lines over the same points. scale returns the top of the axis
// and its labels.
func draw(id, title string, r timeRange, loc *locale.Locale, scale func(highest float64, loc *locale.Locale) (float64, []axisLabel), lines []series) chart {
	c := chart{ID: id, Title: title, Width: chartWidth, Height: chartHeight, Left: chartLeft, Right: chartRight, Top: chartTop, Bottom: chartBottom}
	highest, hasData := 0.0, false
	for _, s := range lines {
		for _, y := range s.values {
			if !math.IsNaN(y) {
				highest, hasData = max(highest, y), true
			}
		}
	}
	c.Empty = !hasData
	top, labels := scale(highest, loc)
	for _, l := range labels {
		c.Y = append(c.Y, tick{coordinate(chartBottom - (chartBottom-chartTop)*l.value/top), l.text})
	}
	for _, t := range r.ticks(loc) {
		c.X = append(c.X, tick{coordinate(r.x(t.when)), t.text})
	}
	for _, s := range lines {
		c.Lines = append(c.Lines, r.line(s, top))
	}
	c.Desc = describeChart(lines, labels, loc)
	return c
}

// x returns the coordinate of a time.
func (r timeRange) x(t time.Time) float64 {
	return chartLeft + (chartRight-chartLeft)*float64(t.Sub(r.from))/float64(r.to.Sub(r.from))
}

// line draws a series. Gaps break the line; a point without neighbors is a dot.
func (r timeRange) line(s series, top float64) chartLine {
	out := chartLine{Class: s.class, Name: s.name}
	var part []string // the points since the last gap
	var first, last string
	endPart := func() {
		switch {
		case len(part) == 1:
			out.Dots += "M" + part[0] + " h0 "
		case len(part) > 1:
			piece := "M" + strings.Join(part, " L") + " "
			out.Path += piece
			if s.area {
				out.Area += fmt.Sprintf("%sL%s %d L%s %d Z ", piece, last, chartBottom, first, chartBottom)
			}
		}
		part = nil
	}
	for i, y := range s.values {
		if math.IsNaN(y) {
			endPart()
			continue
		}
		// In the middle of its step.
		last = coordinate(r.x(r.from.Add(time.Duration(i)*r.step + r.step/2)))
		if len(part) == 0 {
			first = last
		}
		part = append(part, last+" "+coordinate(chartBottom-(chartBottom-chartTop)*min(y/top, 1)))
	}
	endPart()
	out.Path, out.Area, out.Dots = strings.TrimSpace(out.Path), strings.TrimSpace(out.Area), strings.TrimSpace(out.Dots)
	return out
}

// coordinate formats a number for SVG.
func coordinate(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }
