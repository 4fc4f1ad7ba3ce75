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

// happened fills a bench with a past: calls, failures, gaps.
func happened(b *bench) {
	at := func(minutes int) time.Time { return noon.Add(-time.Duration(minutes) * time.Minute) }
	b.past.points[at(2)] = activity.Point{Calls: 4, Failed: 1, Error: .25, Hits: 12, HitRate: .75, P50: 120 * time.Millisecond, P95: 400 * time.Millisecond, P99: 1500 * time.Millisecond}
	b.past.points[at(3)] = activity.Point{Calls: 2, Hits: 0, P50: 100 * time.Millisecond, P95: 200 * time.Millisecond, P99: 300 * time.Millisecond}
	b.past.points[at(10)] = activity.Point{Hits: 5, HitRate: 1}
	b.past.entries = []activity.Entry{
		{When: at(1), Took: 142 * time.Millisecond, Location: frontline.LocationCustomersList, Worker: "alice@example.com", Bytes: 1946, Status: 200},
		{When: at(2), Took: 6 * time.Second, Queued: 1400 * time.Millisecond, Location: frontline.LocationCustomersList, Search: true, Worker: "bob", Code: 48005},
		{When: at(3), Took: 3 * time.Millisecond, Location: frontline.LocationCustomerDetails, Worker: "<script>alert(1)</script>", Status: 404, NotFound: true, Crawl: true},
		{When: at(4), Took: 400 * time.Microsecond, Location: "GetSomethingNew", Worker: "carol", Status: 500, Code: 48004, BuiltIn: true},
	}
}

func TestActivityTellsOfTheLastCalls(t *testing.T) {
	b := newBench(t, nil)
	happened(b)
	b.get("root", "/console/activity").must(t, http.StatusOK, []string{
		"142 ms", "1.9 KiB", "alice@example.com", "Search", "48005", "6.00 s", "1.40 s queued", "background", "Not found",
		"&lt;script&gt;alert(1)", "GetSomethingNew", "0.4 ms", "status <bdi>500</bdi>", `data-error-code="48004"`, "11:59",
		"Cache hit rate", "Response time", "Error rate",
	}, "<script>alert", "No callbacks yet")
	b.get("root", "/console/activity?show=failed&span=24h").must(t, http.StatusOK, []string{"48005", "48004", `?span=24h#calls-title`}, "alice@example.com", "142 ms")
	b.past.entries = b.past.entries[:1]
	b.get("root", "/console/activity?show=failed").must(t, http.StatusOK, []string{"No failed requests"})
}

func TestActivityListsOlderCallsWhenAsked(t *testing.T) {
	b := newBench(t, nil)
	for i := range 60 {
		b.past.entries = append(b.past.entries, activity.Entry{When: noon.Add(-time.Duration(i) * time.Second), Location: frontline.LocationCustomersList, Worker: "w", Code: 48004})
	}
	count := func(a answer) int { return strings.Count(a.body, `<tr role="row" data-error-code`) }
	a := b.get("root", "/console/activity?show=failed")
	more := regexp.MustCompile(`class="button older" href="([^"]*)"`).FindStringSubmatch(a.body)
	if count(a) != 25 || more == nil {
		t.Fatalf("%d calls are listed, more by %q", count(a), more)
	}
	all := b.get("root", "/console/activity"+strings.ReplaceAll(strings.TrimSuffix(more[1], "#calls-title"), "&amp;", "&"))
	if count(all) != 60 || strings.Contains(all.body, "button older") {
		t.Errorf("%d calls are listed", count(all))
	}
}

func TestBeforeAnythingHappenedThePageSaysSo(t *testing.T) {
	b := newBench(t, nil)
	b.get("root", "/console/activity").must(t, http.StatusOK, []string{"No callbacks yet", "Built-in integration service", "is active and runs in this program."}, "<table", "class=\"plot\"")
	none := newBench(t, func(o *console.Options) { o.Activity, o.Status = nil, nil })
	none.get("root", "/console/activity").must(t, http.StatusOK, []string{"No callbacks yet"})
}

func TestTheStateOfTheServiceIsTold(t *testing.T) {
	for says, status := range map[string]console.Status{
		"is working normally.":       {Breaker: "closed", Queued: 3, InFlight: 7, HeldBytes: 3 << 20},
		"Next try at 12:00:30":       {Breaker: "open", RetryAt: noon.Add(30 * time.Second)},
		"Trying again with a single": {Breaker: "half-open"},
		"the host is gone":           {Problem: "the host is gone"},
	} {
		b := newBench(t, nil)
		b.status = status
		b.get("root", "/console/activity").must(t, http.StatusOK, []string{says})
		if status.Queued > 0 {
			b.get("root", "/console/activity").must(t, http.StatusOK, []string{"<dd>7</dd>", "<dd>3</dd>", "3.0 MiB"})
		}
	}
}

func TestAServiceWhoseLastCallFailedIsNotSaidToBeWell(t *testing.T) {
	b := newBench(t, nil)
	b.status = console.Status{Breaker: "closed"}
	b.past.entries = []activity.Entry{{When: noon, BuiltIn: true}, {When: noon, Code: 48004}, {When: noon}}
	b.get("root", "/console/activity").must(t, http.StatusOK, []string{"the last request failed"}, "working normally")
	b.past.entries = []activity.Entry{{When: noon}, {When: noon, Code: 48004}}
	b.get("root", "/console/activity").must(t, http.StatusOK, []string{"working normally"}, "the last request failed")
}

var (
	plot = regexp.MustCompile(`(?s)<svg class="plot".*?</svg>`)
	line = regexp.MustCompile(`class="line (\w+)" d="([^"]*)"`)
)

func TestChartsAreWellFormedAndRight(t *testing.T) {
	b := newBench(t, nil)
	happened(b)
	for _, span := range []string{"", "1h", "24h", "7d", "nonsense"} {
		page := b.get("root", "/console/activity?span="+span).body
		plots := plot.FindAllString(page, -1)
		if len(plots) != 3 {
			t.Fatalf("%s: %d charts", span, len(plots))
		}
		for _, svg := range plots {
			for d := xml.NewDecoder(strings.NewReader(svg)); ; {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s: not well-formed: %v\n%s", span, err, svg)
				}
			}
			for _, part := range []string{"<title id=", "<desc id=", `role="img"`, "aria-labelledby=", "<text"} {
				if !strings.Contains(svg, part) {
					t.Errorf("%s: a chart lacks %s", span, part)
				}
			}
			for _, bad := range []string{"NaN", "Inf", "style="} {
				if strings.Contains(svg, bad) {
					t.Errorf("%s: a chart has %s", span, bad)
				}
			}
		}
	}
	// The hour ends at 12:01; the axis is 346 wide from 46, and 140 high down to 152.
	// Minutes 57 and 58 have calls, so their middles are at 46+346*57.5/60 and so on.
	lines := make(map[string]string)
	page := b.get("root", "/console/activity?span=1h").body
	for _, m := range line.FindAllStringSubmatch(strings.Join(plot.FindAllString(page, -1), ""), -1) {
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
			t.Errorf("%s is drawn %q, want %q", class, lines[class], want)
		}
	}
	if !strings.Contains(page, `<path class="line dots kept" d="M331.5 12 h0"/>`) {
		t.Error("the minute with hits alone is no dot at 100 %")
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

func TestWhyNobodyCanBeAskedIsToldInTheReadersLanguage(t *testing.T) {
	b := newBench(t, func(o *console.Options) { o.CheckURL = strictly })
	b.save(func(k *settings.Callbacks) { k.CRM = "http://10.0.0.1/crm" })
	b.status = console.Status{Problem: "english from below"}
	for _, path := range []string{"/console/activity", "/console/callbacks"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Language", "de")
		b.do("root", r).must(t, http.StatusOK, []string{"führt auf diesen Rechner oder in ein privates Netz"}, "english")
	}
	other := newBench(t, nil)
	other.store.kept, other.status = b.store.kept, b.status
	for _, path := range []string{"/console/activity", "/console/callbacks"} {
		a := other.get("root", path).must(t, http.StatusOK, []string{"The saved URLs can’t be read"}, "english")
		if strings.Count(a.body, "can’t be read") != 1 {
			t.Errorf("%s says it twice", path)
		}
	}
}
