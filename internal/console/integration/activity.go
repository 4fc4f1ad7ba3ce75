package integration

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// activityPage shows the latest callbacks.
type activityPage struct {
	ui.Base
	Span   string // one of spans
	Failed bool   // list failed calls only
	Status statusCard
	// Refusals are of requests to the callbacks of this program.
	Refusals []refusalRow
	// Empty reports whether there are no calls at all; the rest is empty then.
	Empty   bool
	Figures []fact
	Charts  []chart
	Rows    []intervalRow
	Calls   []callRow
	// More is the address with older calls, "" when all are listed.
	More string
}

// statusCard is the present state of the CRM.
type statusCard struct {
	Service string
	// State is in words; Good reports whether nothing is wrong.
	State string
	Good  bool
	Facts []fact
}

// callRow is one call of the list.
type callRow struct {
	When    template.HTML
	Worker  string
	Request string
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

// refusalRow is a request with a wrong signature.
type refusalRow struct {
	When            template.HTML
	Callback, Cause string
}

// intervalRow is one step of the charts in numbers.
type intervalRow struct {
	Start          template.HTML
	Calls, Failed  int64
	Hits           int64
	P50, P95, P99  string
	Errors, Cached string
}

// span is a period that the charts can show, in steps.
type span struct {
	name         string
	length, step time.Duration
}

// spans are the periods to choose from. The first is the default.
var spans = []span{
	{"1h", time.Hour, time.Minute},
	{"24h", 24 * time.Hour, 20 * time.Minute},
	{"7d", 7 * 24 * time.Hour, 2 * time.Hour},
}

// How many calls are listed at first, and at most. Failed calls are looked for among
// maxCalls.
const (
	callsPerPage = 25
	maxCalls     = 500
)

// ShowActivity shows the activity page.
func (h *Handlers) ShowActivity(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
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
	status := h.Status()
	if status.Problem != "" {
		stored, err := h.Settings.Callbacks(r.Context())
		status.Problem = h.crmProblem(h.crmURL(stored), err, v)
	}
	for _, e := range h.Activity.Refusals() {
		page.Refusals = append(page.Refusals, refusalRow{v.TimeHTML(e.When), e.Callback, v.Locale.Text(
			"console.refused."+string(e.Cause), "signed", view.Line(e.Signed, view.MaxValue), "expected", view.Line(e.Expected, view.MaxValue), "flag", "--public-url")})
	}
	entries := h.Activity.Recent(maxCalls)
	page.Status = describeStatus(status, lastFailed(entries), v)
	week := h.Activity.Summary(v.Now.Add(-spans[2].length), v.Now.Add(time.Minute))
	page.Empty = len(entries) == 0 && week.Calls == 0 && week.Hits == 0
	if !page.Empty {
		page.fillCalls(entries, query.Has("older"), v)
		// Whole steps, the one that has just begun included.
		to := v.Now.Truncate(chosen.step).Add(chosen.step)
		from := to.Add(-chosen.length)
		page.fillSummary(h.Activity.Summary(from, to), v)
		points := h.Activity.Series(from, to, chosen.step)
		page.Charts = charts(points, timeRange{from.In(v.Zone), to.In(v.Zone), chosen}, v.Locale)
		page.fillRows(points, v)
	}
	return h.Render(w, r, v, http.StatusOK, "activity", page)
}

// fillSummary adds the sums of the whole period.
func (p *activityPage) fillSummary(sum activity.Point, v *auth.Viewer) {
	loc := v.Locale
	all := describeInterval(sum, v)
	if sum.Calls+sum.Hits == 0 {
		all.Cached = loc.Text("console.activity.none")
	}
	p.Figures = []fact{
		{loc.Text("console.activity.calls"), strconv.FormatInt(sum.Calls, 10)},
		{loc.Text("console.activity.errors"), all.Errors},
		{loc.Text("console.activity.hit_rate"), all.Cached},
		{loc.Text("console.activity.p50"), all.P50},
		{loc.Text("console.activity.p95"), all.P95},
		{loc.Text("console.activity.p99"), all.P99},
	}
}

// fillRows adds the steps that have calls, the newest first.
func (p *activityPage) fillRows(points []activity.Point, v *auth.Viewer) {
	for _, pt := range slices.Backward(points) {
		if pt.Calls > 0 || pt.Hits > 0 {
			p.Rows = append(p.Rows, describeInterval(pt, v))
		}
	}
}

// describeInterval formats a point. Without calls there are no response times.
func describeInterval(pt activity.Point, v *auth.Viewer) intervalRow {
	loc := v.Locale
	row := intervalRow{Start: v.TimeHTML(pt.Start), Calls: pt.Calls, Failed: pt.Failed, Hits: pt.Hits, Cached: percent(pt.HitRate, loc)}
	if pt.Calls == 0 {
		none := loc.Text("console.activity.none")
		row.P50, row.P95, row.P99, row.Errors = none, none, none, none
		return row
	}
	row.P50, row.P95, row.P99 = view.Duration(pt.P50, loc), view.Duration(pt.P95, loc), view.Duration(pt.P99, loc)
	row.Errors = percent(pt.Error, loc)
	return row
}

// fillCalls lists the last calls, or those of them that failed.
func (p *activityPage) fillCalls(entries []activity.Entry, showOlder bool, v *auth.Viewer) {
	for _, e := range entries {
		if p.Failed && e.Outcome() != activity.Failed {
			continue
		}
		if len(p.Calls) == callsPerPage && !showOlder {
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

func describeCall(e activity.Entry, v *auth.Viewer) callRow {
	loc := v.Locale
	row := callRow{
		When: v.TimeHTML(e.When), Worker: view.Line(e.Worker, 200), Request: requestText(e, v),
		Outcome: string(e.Outcome()), Result: loc.Text("console.outcome." + string(e.Outcome())),
		Status: e.Status, Took: view.Duration(e.Took, loc), Crawl: e.Crawl, BuiltIn: e.BuiltIn,
	}
	if e.Queued >= time.Millisecond {
		row.Queued = loc.Text("console.activity.queued", "time", view.Duration(e.Queued, loc))
	}
	if e.Bytes > 0 {
		row.Size = view.Size(e.Bytes, loc)
	}
	if e.Code != 0 {
		row.Code = strconv.Itoa(int(e.Code))
		if key := "console.code." + row.Code; loc.Has(key) {
			row.Meaning = loc.Text(key)
		}
	}
	return row
}

// requestText names a request. A location unknown to this program keeps its own name.
func requestText(e activity.Entry, v *auth.Viewer) string {
	switch {
	case e.Location == frontline.LocationCustomersList && e.Search:
		return v.Locale.Text("console.request.search")
	case e.Location == frontline.LocationCustomersList:
		return v.Locale.Text("console.request.list")
	case e.Location == frontline.LocationCustomerDetails:
		return v.Locale.Text("console.request.details")
	}
	return view.Line(e.Location, 60)
}

// lastFailed reports whether the last call to an external service failed.
func lastFailed(entries []activity.Entry) bool {
	for _, e := range entries {
		if !e.BuiltIn {
			return e.Outcome() == activity.Failed
		}
	}
	return false
}

// describeStatus describes the state of the CRM. failed reports whether its last call
// failed.
func describeStatus(s Status, failed bool, v *auth.Viewer) statusCard {
	loc := v.Locale
	if s.BuiltIn && s.Problem == "" {
		return statusCard{Service: loc.Text("console.builtin"), State: loc.Text("console.status.builtin"), Good: true}
	}
	card := statusCard{Service: loc.Text("console.status.external"), State: loc.Text("console.status.closed"), Good: true}
	switch {
	case s.Problem != "":
		return statusCard{Service: loc.Text("console.status.none"), State: s.Problem}
	case s.Breaker == "open":
		card.State, card.Good = loc.Text("console.status.open", "time", clockTime(s.RetryAt, v)), false
	case s.Breaker == "half-open":
		card.State, card.Good = loc.Text("console.status.halfopen"), false
	case failed:
		card.State, card.Good = loc.Text("console.status.failed"), false
	}
	card.Facts = []fact{
		{loc.Text("console.status.in_progress"), strconv.Itoa(s.InFlight)},
		{loc.Text("console.status.queue"), strconv.Itoa(s.Queued)},
		{loc.Text("console.status.cached"), view.Size(s.CachedBytes, loc)},
	}
	return card
}

// clockTime returns the time of day with seconds.
func clockTime(t time.Time, v *auth.Viewer) string { return v.Locale.ClockSeconds(t.In(v.Zone)) }
