package console

import (
	"html/template"
	"net/http"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// activityPage is how the callbacks went lately.
type activityPage struct {
	ui.Base
	Span   string // one of spans
	Failed bool   // only failed calls are listed
	Status statusCard
	// Empty tells that nothing has ever happened; the rest is empty then.
	Empty   bool
	Figures []fact
	Charts  []chart
	Rows    []figuresRow
	Calls   []callRow
	// More leads to older calls, "" when all are listed.
	More string
}

// statusCard is how the service does right now.
type statusCard struct {
	Service string
	// State is in words, Good that there is nothing to worry about.
	State string
	Good  bool
	Facts []fact
}

// callRow is one call of the list.
type callRow struct {
	When     template.HTML
	Worker   string
	Question string
	// Outcome is "ok", "not-found" or "failed"; Result says it in words.
	Outcome, Result string
	// Code is the published code, "" for none, and Meaning what it says.
	Code, Meaning string
	Status        int
	Took, Queued  string
	Size          string
	Crawl         bool
	BuiltIn       bool
}

// figuresRow is one step of the charts, in numbers.
type figuresRow struct {
	Start         template.HTML
	Calls, Failed int64
	Hits          int64
	P50, P95, P99 string
	Errors, Kept  string
}

// span is a stretch of time that the charts can show, in steps.
type span struct {
	name         string
	length, step time.Duration
}

// spans are those to choose from, the first unless another is asked for.
var spans = []span{
	{"1h", time.Hour, time.Minute},
	{"24h", 24 * time.Hour, 20 * time.Minute},
	{"7d", 7 * 24 * time.Hour, 2 * time.Hour},
}

// How many calls are listed at first, and at most; the latter many are looked through
// for those that failed.
const (
	fewCalls = 25
	maxCalls = 500
)

func (c *console) showActivity(w http.ResponseWriter, r *http.Request, v *visit) error {
	query := r.URL.Query()
	chosen := spans[0]
	for _, s := range spans {
		if s.name == query.Get("span") {
			chosen = s
		}
	}
	page := activityPage{
		Base: v.Base(v.Locale.Text("console.activity.title"), "activity"),
		Span: chosen.name, Failed: query.Get("show") == "failed",
	}
	status := c.Status()
	if status.Problem != "" {
		kept, err := c.Settings.Callbacks(r.Context())
		status.Problem = c.trouble(c.inForce(kept), err, v)
	}
	entries := c.Activity.Recent(maxCalls)
	page.Status = describeStatus(status, lastFailed(entries), v)
	week := c.Activity.Summary(v.Now.Add(-spans[2].length), v.Now.Add(time.Minute))
	page.Empty = len(entries) == 0 && week.Calls == 0 && week.Hits == 0
	if !page.Empty {
		page.calls(entries, query.Has("older"), v)
		// Whole steps, the one that has just begun included.
		to := v.Now.Truncate(chosen.step).Add(chosen.step)
		from := to.Add(-chosen.length)
		page.figures(c.Activity.Summary(from, to), v)
		points := c.Activity.Series(from, to, chosen.step)
		page.Charts = charts(points, frame{from.In(v.Zone), to.In(v.Zone), chosen}, v.Locale)
		page.rows(points, v)
	}
	auth.SetPrivate(w)
	return c.pages.Render(w, r, http.StatusOK, v.Locale, "activity", page)
}

// figures are the sums of the whole span.
func (p *activityPage) figures(sum activity.Point, v *visit) {
	w := v.Locale
	none := w.Text("console.activity.none")
	errors, kept, p50, p95, p99 := none, none, none, none, none
	if sum.Calls > 0 {
		errors = percent(sum.Error, w)
		p50, p95, p99 = duration(sum.P50, w), duration(sum.P95, w), duration(sum.P99, w)
	}
	if sum.Calls+sum.Hits > 0 {
		kept = percent(sum.HitRate, w)
	}
	p.Figures = []fact{
		{w.Text("console.activity.calls"), count(sum.Calls)},
		{w.Text("console.activity.errors"), errors},
		{w.Text("console.activity.kept"), kept},
		{w.Text("console.activity.p50"), p50},
		{w.Text("console.activity.p95"), p95},
		{w.Text("console.activity.p99"), p99},
	}
}

// rows are the steps in which anything happened, the newest first.
func (p *activityPage) rows(points []activity.Point, v *visit) {
	w := v.Locale
	for i := len(points) - 1; i >= 0; i-- {
		pt := points[i]
		if pt.Calls == 0 && pt.Hits == 0 {
			continue
		}
		row := figuresRow{Start: v.TimeHTML(pt.Start), Calls: pt.Calls, Failed: pt.Failed, Hits: pt.Hits, Kept: percent(pt.HitRate, w)}
		none := w.Text("console.activity.none")
		row.P50, row.P95, row.P99, row.Errors = none, none, none, none
		if pt.Calls > 0 {
			row.P50, row.P95, row.P99 = duration(pt.P50, w), duration(pt.P95, w), duration(pt.P99, w)
			row.Errors = percent(pt.Error, w)
		}
		p.Rows = append(p.Rows, row)
	}
}

// calls lists the last calls, or those of them that failed.
func (p *activityPage) calls(entries []activity.Entry, older bool, v *visit) {
	for _, e := range entries {
		if p.Failed && e.Outcome() != activity.Failed {
			continue
		}
		if len(p.Calls) == fewCalls && !older {
			p.More = "?span=" + p.Span + "&older=1"
			if p.Failed {
				p.More += "&show=failed"
			}
			p.More += "#calls-title"
			return
		}
		p.Calls = append(p.Calls, describeCall(e, v))
	}
}

func describeCall(e activity.Entry, v *visit) callRow {
	w := v.Locale
	row := callRow{
		When: v.TimeHTML(e.When), Worker: line(e.Worker, 200), Question: question(e, v),
		Outcome: string(e.Outcome()), Result: w.Text("console.outcome." + string(e.Outcome())),
		Status: e.Status, Took: duration(e.Took, w), Crawl: e.Crawl, BuiltIn: e.BuiltIn,
	}
	if e.Queued >= time.Millisecond {
		row.Queued = w.Text("console.activity.queued", "time", duration(e.Queued, w))
	}
	if e.Bytes > 0 {
		row.Size = size(e.Bytes, w)
	}
	if e.Code != 0 {
		row.Code = count(int64(e.Code))
		if key := "console.code." + row.Code; w.Has(key) {
			row.Meaning = w.Text(key)
		}
	}
	return row
}

// question names what was asked; a kind that is new to this program by its own name.
func question(e activity.Entry, v *visit) string {
	switch {
	case e.Location == frontline.LocationCustomersList && e.Search:
		return v.Locale.Text("console.ask.search")
	case e.Location == frontline.LocationCustomersList:
		return v.Locale.Text("console.ask.list")
	case e.Location == frontline.LocationCustomerDetails:
		return v.Locale.Text("console.ask.details")
	}
	return line(e.Location, 60)
}

// lastFailed tells whether the last call to a service that is not built in failed.
func lastFailed(entries []activity.Entry) bool {
	for _, e := range entries {
		if !e.BuiltIn {
			return e.Outcome() == activity.Failed
		}
	}
	return false
}

// describeStatus puts the state of the service in words; failed tells that its last
// call did.
func describeStatus(s Status, failed bool, v *visit) statusCard {
	w := v.Locale
	if s.BuiltIn && s.Problem == "" {
		return statusCard{Service: w.Text("console.builtin"), State: w.Text("console.status.builtin"), Good: true}
	}
	card := statusCard{Service: w.Text("console.status.foreign"), State: w.Text("console.status.closed"), Good: true}
	switch {
	case s.Problem != "":
		return statusCard{Service: w.Text("console.status.nobody"), State: s.Problem}
	case s.Breaker == "open":
		card.State, card.Good = w.Text("console.status.open", "time", clockTime(s.RetryAt, v)), false
	case s.Breaker == "half-open":
		card.State, card.Good = w.Text("console.status.halfopen"), false
	case failed:
		card.State, card.Good = w.Text("console.status.failed"), false
	}
	card.Facts = []fact{
		{w.Text("console.status.flight"), count(int64(s.InFlight))},
		{w.Text("console.status.queue"), count(int64(s.Queued))},
		{w.Text("console.status.held"), size(s.HeldBytes, w)},
	}
	return card
}

// clockTime is a time within a minute or so, with its seconds.
func clockTime(t time.Time, v *visit) string { return v.Locale.ClockSeconds(t.In(v.Zone)) }
