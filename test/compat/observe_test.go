package compat

import (
	"encoding/csv"
	"fmt"
	"html"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// An observer reads a copy of a fixture, from outside, and records what is to be
// the same for ever: data, not words that people read.
type observer struct {
	t  *testing.T
	in installation
	s  *server
	m  manifest
	by time.Duration // what times were shifted by
	// seen are the observations by name; each is a file of golden.
	seen map[string]string
}

// open copies a fixture, as if it had been made an hour ago.
func open(t *testing.T, fixture string) *observer {
	t.Helper()
	o := &observer{t: t, in: installation{t.TempDir()}, m: readManifest(t, fixture), seen: map[string]string{}}
	copyFiles(t, fixture, o.in.dir, "clientele.db", "clientele.db.secret")
	o.by = time.Since(o.m.Made.Add(time.Hour)).Truncate(time.Minute)
	shift(t, o.in, o.by, o.m)
	return o
}

// observe reads everything in a fixture.
func observe(t *testing.T, fixture string) *observer {
	t.Helper()
	o := open(t, fixture)
	if c, err := net.Dial("tcp", o.m.ServiceAddr); err == nil {
		c.Close()
		t.Fatalf("the fixture's integration service is to be down, and something listens at %s, where it was", o.m.ServiceAddr)
	}
	o.see("export.jsonl", o.in.run(t, "", "export"))
	o.see("export.csv", o.in.run(t, "", "export", "--format", "csv"))
	o.see("people.json", o.in.run(t, "", "user", "list", "--json"))
	o.see("token.txt", o.in.run(t, "", "token", "show"))
	o.see("masking.txt", o.in.run(t, "", "masking", "show"))
	o.s = o.in.serve(t)
	o.activity()
	o.audit()
	o.settings()
	o.signIns()
	o.builtIn()
	o.register()
	o.searchForms()
	o.otherService()
	o.withoutOtherService()
	o.s.stop()

	up := open(t, fixture)
	defer startOther(t, o.m.ServiceAddr)()
	up.s = up.in.serve(t)
	up.halfWay()
	o.see("other-up.txt", up.seen["other-up.txt"])
	return o
}

func (o *observer) see(name, text string) { o.seen[name] += text }

func (o *observer) note(name, format string, args ...any) {
	o.see(name, fmt.Sprintf(format, args...)+"\n")
}

// page loads a page, which must be there.
func (o *observer) page(path, cookie string) string {
	o.t.Helper()
	got := o.s.get(path, cookie)
	if got.status != 200 {
		o.t.Errorf("GET %s: status %d\n%.2000s", path, got.status, got.body)
	}
	return got.body
}

// all returns what the groups of a pattern match, wherever it does.
func all(body, pattern string) (found []string) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(body, -1) {
		found = append(found, html.UnescapeString(strings.Join(m[1:], " ")))
	}
	return found
}

// activity sees the last calls, and how many were counted in a day.
func (o *observer) activity() {
	body := o.page("/console/activity?span=24h", o.m.Admin)
	for _, row := range all(body, `(?s)<tr role="row"([^>]*>.*?)</tr>`) {
		if worker := all(row, `>([^<>]+@[^<>]+)<`); worker != nil {
			o.note("activity.txt", "%s %s", worker[0], attribute(row, "data-error-code"))
		}
	}
	sum := 0
	for _, calls := range all(body, `<tr><th scope="row">.*?</th><td>([0-9]+)</td>`) {
		n, _ := strconv.Atoi(calls)
		sum += n
	}
	o.note("activity.txt", "%d calls", sum)
}

// audit sees the entries that the fixture came with.
func (o *observer) audit() {
	got := o.s.post("/console/audit/export", o.m.Exporter, url.Values{})
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) < 2 {
		o.t.Fatalf("the audit as CSV: status %d, %d rows, %v", got.status, len(rows), err)
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	for i, row := range rows {
		if id, _ := strconv.Atoi(row[0]); i == 0 || id <= o.m.LastEntry {
			w.Write(row)
		}
	}
	w.Flush()
	o.see("audit.csv", out.String())
}

// settings sees the fields of the pages of settings.
func (o *observer) settings() {
	for _, path := range []string{"/console/callbacks", "/console/signin", "/console/audit"} {
		body := o.page(path, o.m.Admin)
		for _, input := range all(body, `(<input [^>]*>)`) {
			name, value := attribute(input, "name"), attribute(input, "value")
			kind := attribute(input, "type")
			choice := kind == "radio" || kind == "checkbox"
			if name == "" || value == "" || kind == "hidden" || choice && !strings.Contains(input, " checked") {
				continue
			}
			o.note("settings.txt", "%s %s=%q", path, name, value)
		}
	}
	params := listParams(pageInHand{Worker: bob}, "")
	for _, token := range []string{o.m.Token, o.m.Previous, "a-token-of-nobody"} {
		o.note("settings.txt", "signed with %s: status %d", token, o.s.callback(token, params).status)
	}
}

func attribute(tag, name string) string {
	return strings.Join(all(tag, ` `+name+`="([^"]*)"`), "")
}

// signIns records which sessions are valid, and which passwords work.
func (o *observer) signIns() {
	for _, identity := range slices.Sorted(maps.Keys(o.m.Sessions)) {
		body := o.page("/account", o.m.Sessions[identity])
		o.note("signins.txt", "session of %s: hers %v, theme %q, language %q", identity, strings.Contains(body, identity),
			all(body, `data-theme="([^"]*)"`), all(body, `<html lang="([^"]*)"`))
	}
	for _, what := range slices.Sorted(maps.Keys(o.m.Ended)) {
		got := o.s.get("/account", o.m.Ended[what])
		o.note("signins.txt", "session %s: status %d", what, got.status)
	}
	for _, identity := range slices.Sorted(maps.Keys(o.m.Passwords)) {
		got := o.s.post("/signin", "", url.Values{"identity": {identity}, "password": {o.m.Passwords[identity]}}, "X-Forwarded-For", "203.0.113.50")
		o.note("signins.txt", "password of %s: status %d, to %q", identity, got.status, got.header.Get("Location"))
	}
}

// pageToken matches what differs between responses.
var pageToken = regexp.MustCompile(`"next_page_token":"([^"]+)"`)

// walk sees all pages from one on.
func (o *observer) walk(name string, p pageInHand, token string) {
	o.t.Helper()
	for range 100 {
		got := o.s.callback(o.m.Token, listParams(p, token))
		o.note(name, "%d %s", got.status, strings.TrimSpace(pageToken.ReplaceAllString(got.body, `"next_page_token":"…"`)))
		next := pageToken.FindStringSubmatch(got.body)
		if next == nil {
			return
		}
		token = next[1]
	}
	o.t.Errorf("%s: the list of %s has no end", name, p.Worker)
}

// builtIn records the built-in service's responses, byte for byte.
func (o *observer) builtIn() {
	for _, p := range []pageInHand{{Worker: alice}, {Worker: bob}, {Worker: carol}, {Worker: gone}, {Worker: "stranger@example.com"}, {Worker: alice, Query: "zoe oneil"},
		{Worker: alice, Query: "7040102"}, {Worker: alice, Query: "محمد"}, {Worker: alice, Query: "כהן"}, {Worker: bob, Query: "broken a"}, {Worker: bob, Query: "twin"}} {
		o.note("lists.txt", "# %s %q", p.Worker, p.Query)
		o.walk("lists.txt", p, "")
	}
	for _, p := range o.m.Pages {
		o.note("pages-in-hand.txt", "# %s %q", p.Worker, p.Query)
		o.walk("pages-in-hand.txt", p, p.Token)
		o.note("pages-in-hand.txt", "another's: %d", o.s.callback(o.m.Token, listParams(pageInHand{Worker: carol, Query: p.Query}, p.Token)).status)
	}
	for _, id := range []string{"every-channel", "rtl", "arabic", "+15557040199", "a//b", "..", "shared", "everybody", "by-hand", "card-1", "twin-1", "twin-2", "delete-me", "restore-me"} {
		got := o.s.callback(o.m.Token, url.Values{"Location": {"GetCustomerDetailsByCustomerId"}, "Worker": {alice}, "CustomerId": {id}})
		o.note("details.txt", "%d %s", got.status, strings.TrimSpace(got.body))
	}
}

// register sees what the console keeps of customers beside them: who is deleted, who may be
// the same. The killed import's duplicates are found after a while.
func (o *observer) register() {
	groups := ""
	for deadline := time.Now().Add(15 * time.Second); !strings.Contains(groups, "broken-"); time.Sleep(20 * time.Millisecond) {
		if groups = o.page("/console/customers/duplicates", o.m.Admin); time.Now().After(deadline) {
			o.t.Error("the duplicates of the import that was killed are not found")
			break
		}
	}
	o.note("register.txt", "duplicates: %q", sorted(all(groups, `name="id" value="([^"]*)"`)))
	o.note("register.txt", "deleted: %q", sorted(all(o.page("/console/customers/deleted", o.m.Admin), `name="id" value="([^"]*)"`)))
	for _, id := range []string{"delete-me", "every-channel"} {
		o.note("register.txt", "%s: %d", id, o.s.get("/console/customers/one?id="+id, o.m.Exporter).status)
	}
}

// searchForms checks that names are found as they are typed, once their documents are made
// again.
func (o *observer) searchForms() {
	for query, want := range map[string]string{"oersted": "Niels Ørsted", "bjoern": "Björn Wiśniewski", "김ㅅ": "김수빈", "ハヤシ": "はやし ひかり", "はやし": "はやし ひかり"} {
		found := false
		for deadline := time.Now().Add(15 * time.Second); !found && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			found = slices.ContainsFunc(all(o.page("/console/customers?q="+url.QueryEscape(query), o.m.Admin), `(?s)<bdi dir="auto">(.*?)</bdi>`), func(name string) bool {
				return strings.NewReplacer("<mark>", "", "</mark>", "").Replace(name) == want
			})
		}
		if !found {
			o.t.Errorf("a search for %q does not find %q", query, want)
		}
	}
}

func sorted(all []string) []string { sort.Strings(all); return all }
