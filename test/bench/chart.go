package main

import (
	"fmt"
	"html"
	"math"
	"runtime"
	"strings"
	"time"
)

// The chart's columns: names of rows, parts of the floor, and response times.
const (
	chartWidth             = 1000
	shareLeft, shareRight  = 300, 610
	timeLeft, timeRight    = 680, 960
	chartTop, barHeight    = 130, 9
	barStep, spaceOfGroups = 12, 14
)

// chartStyle is readable on light and dark pages: the chart has its own background.
const chartStyle = `<style>
svg { --paper: #ffffff; --frame: #d0d7de; --text: #1f2328; --faint: #59636e; --grid: #d8dee4; --goal: #cf222e;
  --s0: #9ac6f5; --s1: #3d8fe0; --s2: #0b4a94; --s3: #6e40c9; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --frame: #30363d; --text: #e6edf3; --faint: #9198a1; --grid: #2a313a; --goal: #ff7b72;
    --s0: #1f4f86; --s1: #3f8ae0; --s2: #a5d0ff; --s3: #bc8cff; }
}
text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--text); }
.title { font-size: 18px; font-weight: 600; } .head { font-weight: 600; } .faint { fill: var(--faint); }
.value { font-size: 9px; fill: var(--faint); stroke: var(--paper); stroke-width: 3; paint-order: stroke; } .end { text-anchor: end; } .middle { text-anchor: middle; }
.paper { fill: var(--paper); stroke: var(--frame); } .grid { stroke: var(--grid); } .goal { stroke: var(--goal); stroke-width: 2; }
.s0 { fill: var(--s0); stroke: var(--s0); } .s1 { fill: var(--s1); stroke: var(--s1); }
.s2 { fill: var(--s2); stroke: var(--s2); } .s3 { fill: var(--s3); stroke: var(--s3); }
.bar { stroke: none; } .range { stroke-width: 2; } .ring { fill: var(--paper); stroke-width: 2; }
</style>
`

// A chart is an SVG that is being drawn.
type chart struct{ strings.Builder }

func (c *chart) text(x, y float64, class, text string) {
	fmt.Fprintf(c, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, html.EscapeString(text))
}

func (c *chart) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(c, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1, y1, x2, y2, class)
}

func (c *chart) bar(x, y, width float64, class string) {
	fmt.Fprintf(c, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"1.5\" class=\"bar %s\"/>\n", x, y, width, barHeight, class)
}

func (c *chart) dot(x, y, radius float64, class string) {
	fmt.Fprintf(c, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" class=\"%s\"/>\n", x, y, radius, class)
}

// shareAt returns where a part of the floor is, and timeAt where a response time is on an
// axis of so many powers of ten from 0.1 ms.
func shareAt(share float64) float64 { return shareLeft + (shareRight-shareLeft)*min(share, 1) }

func timeAt(d time.Duration, powers int) float64 {
	at := math.Log10(float64(max(d, 100*time.Microsecond))/1e5) / float64(powers)
	return timeLeft + (timeRight-timeLeft)*min(at, 1)
}

// chart draws the whole requests of all sizes: throughput as a part of the floor, and
// response times.
func (r report) chart() string {
	groupHeight := float64(len(r.sizes)*barStep + spaceOfGroups)
	bottom := chartTop + groupHeight*float64(len(kinds))
	powers := 1
	for _, m := range r.sizes {
		for _, row := range m.load.rows {
			for timeAt(row.program.latency.quantile(0.999), powers) >= timeRight && powers < 6 {
				powers++
			}
		}
	}
	c := &chart{}
	fmt.Fprintf(c, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Whole requests: throughput as a part of the floor, and response times\">\n",
		chartWidth, bottom+50)
	c.WriteString(chartStyle)
	fmt.Fprintf(c, "<rect x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%.0f\" rx=\"8\" class=\"paper\"/>\n", chartWidth-1, bottom+49)
	c.text(24, 36, "title", "Whole requests to clientele, beside a bare HTTP handler")
	c.text(24, 57, "faint", fmt.Sprintf("%s, %d cores, logs on, %d connections", time.Now().Format("2 January 2006"), runtime.NumCPU(), r.sizes[0].load.rows[0].connections))
	r.legend(c)
	c.axes(bottom, powers)
	for i := range kinds {
		r.group(c, i, chartTop+groupHeight*float64(i), groupHeight, powers)
	}
	c.WriteString("</svg>\n")
	return c.String()
}

func (r report) legend(c *chart) {
	x := 24.0
	for i, m := range r.sizes {
		c.bar(x, 75, 18, series(i))
		c.text(x+24, 84, "", thousands(m.customers)+" customers")
		x += 170
	}
	c.line(x, 73, x, 86, "goal")
	c.text(x+8, 84, "", "goal with a million")
	c.line(timeLeft, 79.5, timeLeft+60, 79.5, "range s1")
	c.dot(timeLeft, 79.5, 4, "s1")
	c.dot(timeLeft+35, 79.5, 3, "ring s1")
	c.text(timeLeft+70, 84, "", "dot p50, ring p99, end p99.9")
}

// series returns the class of a size's colour.
func series(i int) string { return fmt.Sprintf("s%d", i%4) }

func (c *chart) axes(bottom float64, powers int) {
	c.text(shareLeft, chartTop-20, "head", "requests a second, as a part of the floor")
	c.text(timeLeft, chartTop-20, "head", "response time (logarithmic)")
	for tenths := 0; tenths <= 10; tenths += 2 {
		share := float64(tenths) / 10
		c.line(shareAt(share), chartTop-8, shareAt(share), bottom, "grid")
		c.text(shareAt(share), bottom+18, "faint middle", fmt.Sprintf("%.1f", share))
	}
	labels := []string{"0.1 ms", "1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"}
	for i, d := 0, 100*time.Microsecond; i <= powers; i, d = i+1, 10*d {
		c.line(timeAt(d, powers), chartTop-8, timeAt(d, powers), bottom, "grid")
		c.text(timeAt(d, powers), bottom+18, "faint middle", labels[i])
	}
}

// group draws one kind of request.
func (r report) group(c *chart, kind int, top, height float64, powers int) {
	c.text(shareLeft-14, top+height/2-spaceOfGroups/2+4, "end", r.sizes[0].load.rows[kind].name)
	for i, m := range r.sizes {
		row := m.load.rows[kind]
		y := top + float64(i*barStep)
		c.bar(shareLeft, y, shareAt(row.ofFloor)-shareLeft, series(i))
		at := func(q float64) float64 { return timeAt(row.program.latency.quantile(q), powers) }
		middle := y + barHeight/2.0
		c.line(at(0.5), middle, at(0.999), middle, "range "+series(i))
		c.dot(at(0.5), middle, 4, series(i))
		c.dot(at(0.99), middle, 3, "ring "+series(i))
	}
	for _, goal := range []struct {
		has bool
		at  float64
	}{{kinds[kind].share > 0, shareAt(kinds[kind].share)}, {kinds[kind].p99 > 0, timeAt(kinds[kind].p99, powers)}} {
		if goal.has {
			c.line(goal.at, top-4, goal.at, top+height-spaceOfGroups+2, "goal")
		}
	}
	for i, m := range r.sizes { // above the goals
		share := m.load.rows[kind].ofFloor
		c.text(shareAt(share)+5, top+float64(i*barStep)+8, "value", fmt.Sprintf("%.2f", share))
	}
}
