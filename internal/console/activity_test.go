package console_test

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/settings"
)

// addActivity fills the activity log with calls, failures and gaps.
func addActivity(f *fixture) {
	at := func(minutes int) time.Time { return noon.Add(-time.Duration(minutes) * time.Minute) }
	f.activity.points[at(2)] = activity.Point{Calls: 4, Failed: 1, Error: .25, Hits: 12, HitRate: .75, P50: 120 * time.Millisecond, P95: 400 * time.Millisecond, P99: 1500 * time.Millisecond}
	f.activity.points[at(3)] = activity.Point{Calls: 2, Hits: 0, P50: 100 * time.Millisecond, P95: 200 * time.Millisecond, P99: 300 * time.Millisecond}
	f.activity.points[at(10)] = activity.Point{Hits: 5, HitRate: 1}
	f.activity.entries = []activity.Entry{
		{When: at(1), Took: 142 * time.Millisecond, Location: frontline.LocationCustomersList, Worker: "alice@example.com", Bytes: 1946, Status: 200},
		{When: at(2), Took: 6 * time.Second, Queued: 1400 * time.Millisecond, Location: frontline.LocationCustomersList, Search: true, Worker: "bob", Code: 48005},
		{When: at(3), Took: 3 * time.Millisecond, Location: frontline.LocationCustomerDetails, Worker: "<script>alert(1)</script>", Status: 404, NotFound: true, Crawl: true},
		{When: at(4), Took: 400 * time.Microsecond, Location: "GetSomethingNew", Worker: "carol", Status: 500, Code: 48004, BuiltIn: true},
	}
}

func TestActivity_ListsLastCalls(t *testing.T) {
	f := newFixture(t, nil)
	addActivity(f)
	f.get("root", "/console/activity").check(t, http.StatusOK, []string{
		"142 ms", "1.9 KiB", "alice@example.com", "Search", "48005", "6.00 s", "1.40 s queued", "background", "Not found",
		"&lt;script&gt;alert(1)", "GetSomethingNew", "0.4 ms", "status <bdi>500</bdi>", `data-error-code="48004"`, "11:59",
		"Cache hit rate", "Response time", "Error rate",
	}, "<script>alert", "No callbacks yet")
	f.get("root", "/console/activity?show=failed&span=24h").check(t, http.StatusOK, []string{"48005", "48004", `?span=24h#calls-title`}, "alice@example.com", "142 ms")
	f.activity.entries = f.activity.entries[:1]
	f.get("root", "/console/activity?show=failed").check(t, http.StatusOK, []string{"No failed requests"})
}

func TestActivity_ListsOlderCalls(t *testing.T) {
	f := newFixture(t, nil)
	for i := range 60 {
		f.activity.entries = append(f.activity.entries, activity.Entry{When: noon.Add(-time.Duration(i) * time.Second), Location: frontline.LocationCustomersList, Worker: "w", Code: 48004})
	}
	count := func(a response) int { return strings.Count(a.body, `<tr role="row" data-error-code`) }
	a := f.get("root", "/console/activity?show=failed")
	more := regexp.MustCompile(`class="button older" href="([^"]*)"`).FindStringSubmatch(a.body)
	if count(a) != 25 || more == nil {
		t.Fatalf("ShowActivity lists %d calls, with more at %q", count(a), more)
	}
	all := f.get("root", "/console/activity"+strings.ReplaceAll(strings.TrimSuffix(more[1], "#calls-title"), "&amp;", "&"))
	if count(all) != 60 || strings.Contains(all.body, "button older") {
		t.Errorf("ShowActivity with older calls lists %d calls", count(all))
	}
}

func TestActivity_WithoutCalls(t *testing.T) {
	f := newFixture(t, nil)
	f.get("root", "/console/activity").check(t, http.StatusOK, []string{"No callbacks yet", "Built-in integration service", "is active and runs in this program."}, "<table", "class=\"plot\"")
}

func TestActivity_ShowsRefusals(t *testing.T) {
	f := newFixture(t, nil)
	f.activity.refused = []activity.Refusal{
		{When: noon, Callback: "/callbacks/crm", Cause: activity.OtherURL, Signed: "http://10.0.0.7/callbacks/crm", Expected: "https://crm.example/callbacks/crm"},
		{When: noon, Callback: "/callbacks/templates", Cause: activity.OtherToken},
		{When: noon, Callback: "/callbacks/routing", Cause: activity.PreviousToken},
		{When: noon, Callback: "/callbacks/outgoing-conversation", Cause: activity.Unsigned},
	}
	f.get("root", "/console/activity").check(t, http.StatusOK, []string{
		"No callbacks yet", "Refused requests", "/callbacks/crm", "signed for http://10.0.0.7/callbacks/crm, but this server expects https://crm.example/callbacks/crm", "--public-url",
		"/callbacks/templates", "signed with another token", "/callbacks/routing", "previous signing token", "wasn’t signed", "12:00",
	})
	f.activity.refused = nil
	f.get("root", "/console/activity").check(t, http.StatusOK, nil, "Refused requests")
}

func TestActivity_ShowsStatus(t *testing.T) {
	for says, status := range map[string]console.Status{
		"is working normally.":       {Breaker: "closed", Queued: 3, InFlight: 7, CachedBytes: 3 << 20},
		"Next try at 12:00:30":       {Breaker: "open", RetryAt: noon.Add(30 * time.Second)},
		"Trying again with a single": {Breaker: "half-open"},
		"the host is gone":           {Problem: "the host is gone"},
	} {
		f := newFixture(t, nil)
		f.status = status
		f.get("root", "/console/activity").check(t, http.StatusOK, []string{says})
		if status.Queued > 0 {
			f.get("root", "/console/activity").check(t, http.StatusOK, []string{"<dd>7</dd>", "<dd>3</dd>", "3.0 MiB"})
		}
	}
}

func TestActivity_ShowsFailedLastCall(t *testing.T) {
	f := newFixture(t, nil)
	f.status = console.Status{Breaker: "closed"}
	f.activity.entries = []activity.Entry{{When: noon, BuiltIn: true}, {When: noon, Code: 48004}, {When: noon}}
	f.get("root", "/console/activity").check(t, http.StatusOK, []string{"the last request failed"}, "working normally")
	f.activity.entries = []activity.Entry{{When: noon}, {When: noon, Code: 48004}}
	f.get("root", "/console/activity").check(t, http.StatusOK, []string{"working normally"}, "the last request failed")
}

var (
	plot = regexp.MustCompile(`(?s)<svg class="plot".*?</svg>`)
	Line = regexp.MustCompile(`class="line (\w+)" d="([^"]*)"`)
)

func TestActivity_ChartsAreWellFormed(t *testing.T) {
	f := newFixture(t, nil)
	addActivity(f)
	for _, span := range []string{"", "1h", "24h", "7d", "nonsense"} {
		page := f.get("root", "/console/activity?span="+span).body
		plots := plot.FindAllString(page, -1)
		if len(plots) != 3 {
			t.Fatalf("span %s: the page has %d charts", span, len(plots))
		}
		for _, svg := range plots {
			for d := xml.NewDecoder(strings.NewReader(svg)); ; {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("span %s: the chart is not well-formed: %v\n%s", span, err, svg)
				}
			}
			for _, part := range []string{"<title id=", "<desc id=", `role="img"`, "aria-labelledby=", "<text"} {
				if !strings.Contains(svg, part) {
					t.Errorf("span %s: a chart lacks %s", span, part)
				}
			}
			for _, bad := range []string{"NaN", "Inf", "style="} {
				if strings.Contains(svg, bad) {
					t.Errorf("span %s: a chart has %s", span, bad)
				}
			}
		}
	}
	// The hour ends at 12:01; the axis is 346 wide from 46, and 140 high down to 152.
	// Minutes 57 and 58 have calls, so their middles are at 46+346*57.5/60 and so on.
	lines := make(map[string]string)
	page := f.get("root", "/console/activity?span=1h").body
	for _, m := range Line.FindAllStringSubmatch(strings.Join(plot.FindAllString(page, -1), ""), -1) {
		lines[m[1]] = m[2]
	}
	for class, want := range map[string]string{
		"p99":    "M371.8 124 L377.6 12", // 300 ms and 1.5 s of 1.5 s
		"p50":    "M371.8 142.7 L377.6 140.8",
		"failed": "M371.8 152 L377.6 82", // nothing, and 25 % of 50 %
		"kept":   "M371.8 152 L377.6 47", // 0 % and 75 %
		"p95":    "M371.8 133.3 L377.6 114.7",
	} {
		if lines[class] != want {
			t.Errorf("path of class %s = %q, want %q", class, lines[class], want)
		}
	}
	if !strings.Contains(page, `<path class="line dots kept" d="M331.5 12 h0"/>`) {
		t.Error("the minute with cache hits only has no dot at 100 %")
	}
	for _, says := range []string{"Median (p50): 100 ms to 120 ms.", "Error rate: 0% to 25%.", ">11:45<"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page lacks %q", says)
		}
	}
	// The same in numbers: three steps in which anything happened.
	table := regexp.MustCompile(`(?s)<div class="scroll".*?</div>`).FindString(page)
	if n := strings.Count(table, `<th scope="row">`); n != 3 {
		t.Errorf("the table has %d rows", n)
	}
	for _, cell := range []string{"<td>4</td><td>1</td><td>25%</td><td>12</td><td>75%</td><td>120 ms</td><td>400 ms</td><td>1.50 s</td>", "<td>0</td><td>0</td><td>–</td><td>5</td><td>100%</td><td>–</td>"} {
		if !strings.Contains(table, cell) {
			t.Errorf("the table lacks %s", cell)
		}
	}
}

func TestActivity_TranslatesProblem(t *testing.T) {
	f := newFixture(t, func(o *console.Options) { o.CheckURL = checkURLStrictly })
	f.save(func(k *settings.Callbacks) { k.CRM = "http://10.0.0.1/crm" })
	f.status = console.Status{Problem: "english from below"}
	for _, path := range []string{"/console/activity", "/console/callbacks"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Language", "de")
		f.do("root", r).check(t, http.StatusOK, []string{"führt auf diesen Rechner oder in ein privates Netz"}, "english")
	}
	other := newFixture(t, nil)
	other.store.values, other.status = f.store.values, f.status
	for _, path := range []string{"/console/activity", "/console/callbacks"} {
		a := other.get("root", path).check(t, http.StatusOK, []string{"The saved URLs can’t be read"}, "english")
		if strings.Count(a.body, "can’t be read") != 1 {
			t.Errorf("page %s shows the problem twice", path)
		}
	}
}
