package integration

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/console/view/viewtest"

	"github.com/clientele-project/clientele/internal/activity"
)

func TestScaleTime_HasRoundSteps(t *testing.T) {
	loc := viewtest.Locales(t)[0]
	for highest, want := range map[float64]string{
		0:     "0 ms, 1 ms, 2 ms",
		3:     "0 ms, 1 ms, 2 ms, 3 ms",
		142:   "0 ms, 50 ms, 100 ms, 150 ms",
		999:   "0.0 s, 0.5 s, 1.0 s",
		1600:  "0.0 s, 0.5 s, 1.0 s, 1.5 s, 2.0 s",
		6001:  "0 s, 2 s, 4 s, 6 s, 8 s",
		40000: "0 s, 10 s, 20 s, 30 s, 40 s",
	} {
		top, labels := scaleTime(highest, loc)
		var texts []string
		for _, l := range labels {
			texts = append(texts, l.text)
		}
		if got := strings.Join(texts, ", "); got != want || top < highest {
			t.Errorf("scaleTime(%v) = %s up to %v, want %s", highest, got, top, want)
		}
	}
}

func TestScalePercent_GrowsWithHighest(t *testing.T) {
	for highest, want := range map[float64]float64{0: 4, 4: 4, 4.1: 10, 25: 50, 100: 100} {
		if got, _ := scalePercent(highest, viewtest.Locales(t)[0]); got != want {
			t.Errorf("scalePercent(%v) = up to %v, want %v", highest, got, want)
		}
	}
}

func TestTimeRange_TicksAtRoundTimesOfZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	loc := viewtest.Locales(t)[0]
	for name, test := range map[string]struct {
		to   time.Time
		span span
		want string
	}{
		"an hour":                      {time.Date(2026, 11, 22, 12, 1, 0, 0, berlin), spans[0], "11:15 11:30 11:45 12:00"},
		"a day":                        {time.Date(2026, 11, 22, 12, 20, 0, 0, berlin), spans[1], "18:00 00:00 06:00 12:00"},
		"a day when clocks are turned": {time.Date(2026, 10, 25, 12, 20, 0, 0, berlin), spans[1], "18:00 00:00 06:00 12:00"},
		"a week":                       {time.Date(2026, 11, 22, 14, 0, 0, 0, berlin), spans[2], "16 November 18 November 20 November 22 November"},
	} {
		f := timeRange{test.to.Add(-test.span.length), test.to, test.span}
		var got []string
		for _, m := range f.ticks(loc) {
			got = append(got, m.text)
			if x := f.x(m.when); x < chartLeft || x > chartRight {
				t.Errorf("x(%s) of %s = %v, want %v to %v", m.text, name, x, chartLeft, chartRight)
			}
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("ticks() of %s = %s, want %s", name, s, test.want)
		}
	}
}

func TestPercent(t *testing.T) {
	for _, test := range []struct {
		share  float64
		en, de string
	}{{0, "0%", "0\u00a0%"}, {.001, "0.1%", "0,1\u00a0%"}, {.25, "25%", "25\u00a0%"}, {.995, "99.5%", "99,5\u00a0%"}, {1, "100%", "100\u00a0%"}} {
		for i, want := range []string{test.en, test.de} {
			if got := percent(test.share, viewtest.Locales(t)[[]int{0, 2}[i]]); got != want {
				t.Errorf("percent(%v) = %s, want %s", test.share, got, want)
			}
		}
	}
}

func TestCharts_WithoutCallsAreEmpty(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, points := range [][]activity.Point{nil, make([]activity.Point, 60)} {
		for _, c := range charts(points, timeRange{now.Add(-time.Hour), now, spans[0]}, viewtest.Locales(t)[0]) {
			if !c.Empty || c.Desc != "No activity in this time." {
				t.Errorf("chart %s without calls: Empty = %v, Desc = %q", c.ID, c.Empty, c.Desc)
			}
			for _, l := range c.Lines {
				if l.Path != "" || l.Area != "" || l.Dots != "" {
					t.Errorf("chart %s without calls has the path %q", c.ID, l.Path)
				}
			}
		}
	}
}

func TestTimeRange_LineBreaksAtGaps(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f := timeRange{now.Add(-4 * time.Minute), now, span{length: 4 * time.Minute, step: time.Minute}}
	got := f.line(series{values: []float64{1, math.NaN(), 2, 3}, area: true}, 4)
	want := chartLine{Path: "M262.3 82 L348.8 47", Area: "M262.3 82 L348.8 47 L348.8 152 L262.3 152 Z", Dots: "M89.3 117 h0"}
	if got != want {
		t.Errorf("line = %+v, want %+v", got, want)
	}
}
