package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestMain runs the test binary as the floor, as main does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == floorCommand {
		exit(floorMain())
	}
	os.Exit(m.Run())
}

// TestMeasure_FillsEveryFigure runs the whole benchmark with few customers and little
// time; its figures mean nothing.
func TestMeasure_FillsEveryFigure(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // PostgreSQL does not run as root
		t.Fatal(err)
	}
	o := options{binary: filepath.Join(dir, "clientele"), external: filepath.Join(dir, "externalservice"), cache: dir,
		sizes: []int{60, 1200}, each: 40 * time.Millisecond, part: 100, connections: 4, many: 40, workers: 12, perSecond: 10, concurrency: 4}
	for file, from := range map[string]string{o.binary: "../../cmd/clientele", o.external: "../externalservice"} {
		build := exec.Command("go", "build", "-o", file, from)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	r, err := measure(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range slices.Concat(r.sizes, r.postgres) {
		checkSize(t, m)
	}
	if r.without != nil {
		fmt.Fprintf(os.Stderr, "SKIPPED the half on PostgreSQL of %s: %v\n", t.Name(), r.without)
	}
	if len(r.postgres) != len(r.sizes) && (r.without == nil || os.Getenv("CI") != "") {
		t.Errorf("measured %d of %d sizes on PostgreSQL: %v", len(r.postgres), len(r.sizes), r.without)
	}
	for _, rush := range r.rushes {
		if rush.cold.errors > 0 || len(rush.cold.whole) != o.workers || rush.maxInFlight == 0 || rush.after.peak <= 0 {
			t.Errorf("a rush: %+v", rush)
		}
	}
	checkReport(t, r)
	checkPostgresGoals(t, r)
	r.rushes[0].maxInFlight = o.concurrency + 1
	if err := r.failed(); err == nil || !strings.Contains(r.String(), "**missed**") {
		t.Errorf("failed() = %v after too many requests at once", err)
	}
	r.rushes = nil
	if err := r.failed(); err != nil {
		t.Errorf("failed() = %v", err)
	}
	r.sizes[0].load.rows[0].floor.errors.Add(1)
	if err := r.failed(); err == nil || !strings.Contains(err.Error(), "60 customers: list: 1 errors") {
		t.Errorf("failed() = %v after an error", err)
	}
}

// checkSize checks that every figure of a number of customers is there.
func checkSize(t *testing.T, m measured) {
	for _, f := range m.store {
		if f.median <= 0 || f.runs == 0 {
			t.Errorf("%d customers: %s took %v in %d runs", m.customers, f.name, f.median, f.runs)
		}
	}
	if !strings.HasSuffix(m.name, "PostgreSQL") {
		checkConsole(t, m)
	}
	for _, c := range m.load.rows {
		for _, s := range []*side{&c.program, &c.floor} {
			if median(s.rates) <= 0 || s.latency.quantile(0.5) <= 0 || s.latency.quantile(0.5) > s.latency.quantile(0.999) || s.errors.Load() > 0 {
				t.Errorf("%d customers: %s: %v a second, median %v, %v", m.customers, c.name, s.rates, s.latency.quantile(0.5), s.failure())
			}
		}
		if c.bytes <= 0 || c.ofFloor <= 0 || c.generator <= 0 {
			t.Errorf("%d customers: %s: %d bytes, %v of the floor, generator %v", m.customers, c.name, c.bytes, c.ofFloor, c.generator)
		}
	}
	if m.made == nil || m.made.peak <= 0 || m.load.mixed.anonymous <= 0 || m.load.after.peak < m.load.idle.resident || m.load.start <= 0 {
		t.Errorf("%d customers: import %+v, load %+v", m.customers, m.made, m.load)
	}
}

func checkConsole(t *testing.T, m measured) {
	if m.console == nil || m.console.moved != m.customers/10 || len(m.console.edits) != 2 {
		t.Fatalf("%d customers: the console: %+v", m.customers, m.console)
	}
	for _, e := range m.console.edits {
		if e.edits == 0 || e.took <= 0 || e.log < int64(e.edits) {
			t.Errorf("%d customers: edits: %+v", m.customers, e)
		}
	}
	for _, f := range m.console.figures {
		if f.median <= 0 || f.rowsReturned == 0 && !strings.HasPrefix(f.name, "search") && !strings.HasPrefix(f.name, "groups") {
			t.Errorf("%d customers: %s took %v and returned %v rows", m.customers, f.name, f.median, f.rowsReturned)
		}
	}
	for _, l := range slices.Concat(m.console.quiet, m.console.during) {
		if len(l.took) == 0 || l.took[0] <= 0 {
			t.Errorf("%d customers: %s: %v", m.customers, l.name, l.took)
		}
	}
}

// checkReport checks the text, and that it and the chart are written where they belong.
func checkReport(t *testing.T, r report) {
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.MkdirAll(filepath.Join(filepath.Dir(page), "images"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(page, []byte("above\n"+beginMark+"old\n"+endMark+"\nbelow\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.writeInto(page); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(written)
	if len(r.postgres) > 0 {
		for _, want := range []string{"### SQLite and PostgreSQL side by side at 1,200 customers", "### Whole requests with 60 customers (PostgreSQL)",
			"| anchored list: processor time from 60 to 1,200 customers |"} {
			if !strings.Contains(text, want) {
				t.Errorf("the page has no %q:\n%s", want, text)
			}
		}
	}
	for _, want := range []string{"above\n" + beginMark + "![", "](images/load.svg)", "| 12 workers at once: no errors | 0 and 0 [] | met |", "it rejects more than 10 a second",
		"| customers | 60 | 1,200 |", "| anchored list, 40 connections |", "| import of the CSV file |", endMark + "\nbelow\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %q:\n%s", want, text)
		}
	}
	if wrong := regexp.MustCompile(`%!|NaN|Inf|–|old`).FindString(text); wrong != "" {
		t.Errorf("the page holds %q:\n%s", wrong, text)
	}
	chart, err := os.ReadFile(filepath.Join(filepath.Dir(page), chartFile))
	if err != nil {
		t.Fatal(err)
	}
	var svg struct {
		Style string   `xml:"style"`
		Texts []string `xml:"text"`
	}
	if err := xml.Unmarshal(chart, &svg); err != nil {
		t.Fatalf("the chart is no XML: %v", err)
	}
	for _, want := range []string{"app: list page", "1,200 customers", "goal with a million", "1 ms"} {
		if !slices.Contains(svg.Texts, want) {
			t.Errorf("the chart has no %q", want)
		}
	}
	if !strings.Contains(svg.Style, "prefers-color-scheme: dark") {
		t.Error("the chart has no dark colours")
	}
}

// checkPostgresGoals checks the goals of PostgreSQL, as if the last size were a million.
func checkPostgresGoals(t *testing.T, r report) {
	if len(r.postgres) == 0 {
		return
	}
	r.postgres = slices.Clone(r.postgres)
	r.postgres[1].customers = million
	var wants []string
	for _, g := range r.goals() {
		if strings.HasPrefix(g.want, "PostgreSQL: ") {
			wants = append(wants, g.want)
		}
	}
	if len(wants) != 9 || !slices.Contains(wants, "PostgreSQL: anchored list: at least 0.15 of the floor") {
		t.Errorf("goals of PostgreSQL: %q", wants)
	}
	r.sizes = slices.Clone(r.sizes)
	r.sizes[1].store = []figure{{name: slowestSearch + fewCustomers, p99: time.Hour}, {name: slowestSearch + poolsWorker, p99: 1}}
	for _, p := range r.sideBySide() {
		if strings.HasPrefix(p.what, slowestSearch) && p.met != (p.what == slowestSearch+fewCustomers) {
			t.Errorf("%s: %s, and %s in SQLite: met = %v", p.what, p.postgres, p.sqlite, p.met)
		}
	}
}

func TestHistogram_QuantilesAreNearTheExactOnes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for name, draw := range map[string]func() time.Duration{
		"same":         func() time.Duration { return 1500 * time.Microsecond },
		"nanoseconds":  func() time.Duration { return time.Duration(rng.IntN(300)) },
		"even":         func() time.Duration { return time.Duration(rng.Int64N(int64(time.Second))) },
		"a long tail":  func() time.Duration { return time.Duration(float64(200*time.Microsecond) / (1 - rng.Float64())) },
		"milliseconds": func() time.Duration { return time.Duration(1+rng.IntN(9)) * time.Millisecond },
	} {
		var h histogram
		var all []time.Duration
		for range 20_000 {
			d := draw()
			h.add(d)
			all = append(all, d)
		}
		slices.Sort(all)
		for _, q := range []float64{0, 0.5, 0.99, 0.999, 1} {
			got, want := h.quantile(q), quantile(all, q)
			if off := (got - want).Abs(); off > want/250 {
				t.Errorf("%s: quantile(%v) = %v, want %v", name, q, got, want)
			}
		}
	}
	if got := new(histogram).quantile(0.5); got != 0 {
		t.Errorf("quantile(0.5) of none = %v, want 0", got)
	}
}

func TestSide_LoadCountsErrors(t *testing.T) {
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) % 3 {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			fmt.Fprint(w, "good")
		default:
			time.Sleep(time.Millisecond)
			fmt.Fprint(w, "slow")
		}
	}))
	defer server.Close()
	s := side{process: &process{cmd: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}, addr: server.Listener.Addr().String()}}
	if err := s.load(t.Context(), []request{{raw: rawRequest("GET", "/", "", "")}}, 2, 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	good, bad := s.responses.Load(), s.errors.Load()
	if good+bad != n.Load() || bad < good/2-1 || bad > good/2+1 || s.failure().Error() != "status 503" {
		t.Errorf("load() counted %d responses and %d errors (%v) of %d", good, bad, s.failure(), n.Load())
	}
	if slowest := s.latency.quantile(0.999); slowest < time.Millisecond {
		t.Errorf("the slowest response took %v", slowest)
	}

	broken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer broken.Close()
	go func() {
		for conn, err := broken.Accept(); err == nil; conn, err = broken.Accept() {
			conn.Close()
		}
	}()
	s.process.addr = broken.Addr().String()
	if err := s.load(context.Background(), []request{{raw: rawRequest("GET", "/", "", "")}}, 2, time.Second); err != nil || s.errors.Load() != bad+2 {
		t.Errorf("load() = %v and counted %d errors of 2 broken connections", err, s.errors.Load()-bad)
	}
}

func TestSendMixed_SendsEachRequestOnce(t *testing.T) {
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) == 100 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	runs := []kindRun{{kinds[0], []request{{raw: rawRequest("GET", "/", "", "")}}}}
	o, p := options{part: 400, connections: 4}, &process{addr: server.Listener.Addr().String()}
	if err := sendMixed(t.Context(), o, p, runs); err != nil || n.Load() != int64(o.times(mixed)) {
		t.Errorf("sendMixed() = %v after %d requests, want %d", err, n.Load(), o.times(mixed))
	}
	n.Store(90)
	if err := sendMixed(t.Context(), o, p, runs); err == nil {
		t.Error("sendMixed() = nil after an error")
	}
}

func TestProc_Parsers(t *testing.T) {
	m, err := parseStatus("Name:\tclientele\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\nRssAnon:\t 100 kB\nRssFile:\t 100 kB\n")
	if want := (memory{200 << 10, 100 << 10, 300 << 10}); err != nil || m != want {
		t.Errorf("parseStatus() = %+v, %v, want %+v", m, err, want)
	}
	if _, err := parseStatus("Name:\tkthreadd\n"); err == nil {
		t.Error("parseStatus() without memory = nil error")
	}
	s, err := parseStat("7 (a (b) c) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 30 70 20 0 9 0 100 1 2")
	if want := (stat{7, 1, 2 * time.Second, time.Second}); err != nil || s != want {
		t.Errorf("parseStat() = %+v, %v, want %+v", s, err, want)
	}
	for _, text := range []string{"", "7 (a) S 1", "7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 x 50 0 0"} {
		if _, err := parseStat(text); err == nil {
			t.Errorf("parseStat(%q) = nil error", text)
		}
	}
}
