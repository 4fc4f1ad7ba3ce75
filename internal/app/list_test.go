package app_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
)

var (
	sectionAttr = regexp.MustCompile(`data-section="([^"]*)"`)
	idAttr      = regexp.MustCompile(`data-customer-id="([^"]*)"`)
	nextHref    = regexp.MustCompile(`rel="next" href="([^"]*)"`)
)

func submatches(re *regexp.Regexp, s string) []string {
	var out []string
	for _, m := range re.FindAllStringSubmatch(s, -1) {
		out = append(out, m[1])
	}
	return out
}

func named(names ...string) []frontline.Customer {
	var out []frontline.Customer
	for i, n := range names {
		out = append(out, frontline.Customer{ID: fmt.Sprint("id-", i), DisplayName: n})
	}
	return out
}

func many(n int) []frontline.Customer {
	var out []frontline.Customer
	for i := range n {
		out = append(out, frontline.Customer{ID: fmt.Sprint("c", i), DisplayName: fmt.Sprintf("Name %05d", i)})
	}
	return out
}

func TestList_ShowsOwnCustomers(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", named("Çelik Şahin", "Bobby S.", "Åsa Øvergård")...)
	c.add("bob", frontline.Customer{ID: "bobs", DisplayName: "Secret Of Bob"})
	a := signedIn(t, h, "alice").get("/customers")
	a.must(t, http.StatusOK, []string{
		"<h1 class=\"title\">My Customers</h1>", ">Bobby S.</bdi>", ">BS</span>", "3 customers", `href="/customers/id-1"`, `action="/customers"`,
	}, "Secret Of Bob", "bobs", "Next page", "Conversations", "<script>", "style=")
	if got := submatches(sectionAttr, a.body); !slices.Equal(got, []string{"A", "B", "C"}) {
		t.Errorf("GET /customers: sections %q, want A, B, C", got)
	}
}

// TestList_RowsInMemoryFollowTheirContent shows rows that differ in one thing from rows that
// were shown before.
func TestList_RowsInMemoryFollowTheirContent(t *testing.T) {
	c, _, h, _ := newTestApp(t, func(o *app.Options) { o.Avatars = fakeAvatars{} })
	alice, bob := signedIn(t, h, "alice"), signedIn(t, h, "bob")
	one := frontline.Customer{ID: "1", DisplayName: "Anna <i>", Avatar: "https://tracker.example/a.png"}
	show := func(b *client, worker, path string, now frontline.Customer, has []string, hasNot ...string) {
		t.Helper()
		c.customers = map[string][]frontline.Customer{worker: {now}}
		for range 2 { // rendered, and from memory
			b.get(path).must(t, http.StatusOK, has, hasNot...)
		}
	}
	show(alice, "alice", "/customers", one, []string{">Anna &lt;i&gt;</bdi>", `src="/avatars/sealed-for-alice"`, `href="/customers/1"`})
	show(bob, "bob", "/customers", one, []string{`src="/avatars/sealed-for-bob"`}, "sealed-for-alice")
	show(alice, "alice", "/customers/1", one, []string{`href="/customers/1" aria-current="true"`})
	show(alice, "alice", "/customers", one, nil, `href="/customers/1" aria-current`)
	show(alice, "alice", "/customers?q=anna", one, []string{`href="/customers/1?q=anna"`, "<mark>Anna</mark> &lt;i&gt;</bdi>"})
	show(alice, "alice", "/customers", one, []string{">Anna &lt;i&gt;</bdi>"}, "<mark>")
	one.DisplayName = "Berta"
	show(alice, "alice", "/customers", one, []string{">Berta</bdi>"}, "Anna")
	one.Avatar = ""
	show(alice, "alice", "/customers", one, []string{">Berta</bdi>"}, "<img")
	one.ID = "2"
	show(alice, "alice", "/customers", one, []string{`data-customer-id="2"`, `href="/customers/2"`}, "/customers/1")
}

func TestList_SectionsOnlyWhenSorted(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.asIs = true
	c.add("alice", named("Bobby", "Anna", "Carlos")...)
	c.add("bob", named("Anna", "Bobby")...)
	alice := signedIn(t, h, "alice")
	a := alice.get("/customers")
	a.must(t, http.StatusOK, []string{"Anna"}, "data-section", "data-ordered")
	b := signedIn(t, h, "bob")
	b.get("/customers").must(t, http.StatusOK, []string{`data-section="A"`, "data-ordered"})
	b.get("/customers?q=a").must(t, http.StatusOK, []string{"<mark>A</mark>nna"}, "data-section", "data-ordered")
}

func TestList_PagesFollowTheToken(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", many(75)...)
	b := signedIn(t, h, "alice")
	seen, target := []string{}, "/customers"
	for range 3 {
		a := b.get(target)
		seen = append(seen, submatches(idAttr, a.body)...)
		next := submatches(nextHref, a.body)
		if len(next) == 0 {
			target = ""
			break
		}
		if target != "/customers" && !strings.Contains(a.body, ">First page<") {
			t.Errorf("GET %s: no link to the first page", target)
		}
		a.must(t, http.StatusOK, []string{"Next page"}, "75 customers", "30 customers</p>")
		target = strings.ReplaceAll(next[0], "&amp;", "&")
	}
	if target != "" || len(seen) != 75 || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != 75 {
		t.Errorf("GET of all pages: %d customers, next page %q, want 75 and none", len(seen), target)
	}
	b.getPart("/customers?page=after-30", "list").must(t, http.StatusOK,
		[]string{`data-customer-id="c30"`, `rel="next"`, "data-from=", "data-to="}, "<html", "<body", `data-customer-id="c29"`)
}

func TestList_SortKeysOfPages(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.asIs = true
	c.add("alice", append(many(60)[30:], many(30)...)...)
	b := signedIn(t, h, "alice")
	key := func(name, body string) string {
		m := regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(body)
		if m == nil {
			t.Fatalf("no %s in:\n%s", name, body)
		}
		return m[1]
	}
	first, second := b.get("/customers").body, b.getPart("/customers?page=after-30", "list").body
	if key("data-to", first) <= key("data-from", second) {
		t.Error("data-to of the first page <= data-from of the second, want unordered")
	}
	if key("data-from", first) > key("data-to", first) {
		t.Error("data-from > data-to on the first page")
	}
}

func TestList_SearchKeepsTheQuery(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", named("Anna Nguyễn", "Bobby")...)
	c.add("alice", many(40)...)
	b := signedIn(t, h, "alice")
	b.get("/customers?q=nguy").must(t, http.StatusOK, []string{
		`value="nguy"`, "<mark>Nguy</mark>ễn", "1 match", `href="/customers/id-0?q=nguy"`,
	}, "Bobby", "Next page")
	b.get("/customers?q=name").must(t, http.StatusOK, []string{"page=after-30&amp;q=name"}, "matches")
	b.get("/customers?q="+"%22%3E%3Cscript%3Ealert(1)%3C/script%3E").must(t, http.StatusOK,
		[]string{"No results for “<bdi>&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</bdi>”", `href="/customers"`, "Show all customers"}, "<script>alert")
	for _, q := range []string{"%00", "%FF%FE", strings.Repeat("a", 5000), "++++", "%E2%80%AE"} {
		if a := b.get("/customers?q=" + q); a.StatusCode != http.StatusOK {
			t.Errorf("GET /customers?q=%.20s: status %d, want 200", q, a.StatusCode)
		}
	}
	for _, request := range c.requests {
		if len(request) > 1000 || strings.Contains(request, `\x00`) {
			t.Errorf("CRM request %.200s: want a short, clean query", request)
		}
	}
}

func TestList_Empty(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	p.persons["bob"].Role = account.RoleAdmin
	signedIn(t, h, "alice").get("/customers").must(t, http.StatusOK,
		[]string{"No customers yet", "Refresh"}, "data-customer-id", "Next page", "data-error-code", "0 customers", "/console")
	signedIn(t, h, "bob").get("/customers").must(t, http.StatusOK, []string{"No customers yet", `href="/console/customers">Manage customers`})
}

func TestList_ShowsItsAge(t *testing.T) {
	c, p, h, _ := newTestApp(t, nil)
	c.add("alice", named("Anna")...)
	c.meta = frontline.Meta{AsOf: noon.Add(-166 * time.Minute)}
	b := signedIn(t, h, "alice")
	b.get("/customers").must(t, http.StatusOK, []string{`data-as-of="2026-11-22T09:14:00Z"`, `As of <time datetime="2026-11-22T09:14:00Z" data-local>09:14</time>`}, "isn’t responding", "1 customer</p>")
	c.meta.Stale = errors.New("why: secret reasons")
	person := p.persons["alice"]
	person.Preferences.TimeZone = "Europe/Vienna"
	b.get("/customers").must(t, http.StatusOK, []string{"Showing your list from <time datetime=\"2026-11-22T10:14:00+01:00\">10:14</time>.", "isn’t responding"}, "secret reasons", "data-local")
	b.get("/customers/id-0").must(t, http.StatusOK, []string{"Showing details from"})
}

func TestList_PartialSearch(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", named("Anna")...)
	c.meta = frontline.Meta{Partial: true, Covered: 600}
	b := signedIn(t, h, "alice")
	b.get("/customers?q=anna").must(t, http.StatusOK, []string{"data-partial", "Searched 600 customers so far. Still loading the rest of your list."}, "1 match<")
	b.get("/customers?q=zoe").must(t, http.StatusOK, []string{"No results yet for “<bdi>zoe</bdi>”", "Searched 600"}, "No results for", "data-nothing-found")
	c.meta.Covered = 1
	b.get("/customers?q=zoe").must(t, http.StatusOK, []string{"Searched 1 customer so far"})
	c.meta.Covered = 0
	b.get("/customers?q=zoe").must(t, http.StatusOK, []string{"data-partial", "Still loading your list"}, "Searched 0")
}

func TestList_CustomerWithoutIDOrName(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "", DisplayName: "Nobody Can Open"}, frontline.Customer{ID: "x", DisplayName: "\u202e \u200b"}, frontline.Customer{ID: "y"})
	b := signedIn(t, h, "alice")
	b.get("/customers").must(t, http.StatusOK, []string{"No name", `data-customer-id="x"`, `data-customer-id="y"`}, "Nobody Can Open", "\u202e", "\ufffd")
	for _, id := range []string{"x", "y"} {
		b.get("/customers/"+id).must(t, http.StatusOK, []string{`<bdi dir="auto">No name</bdi></h1>`, "<title>No name", `data-customer-id="` + id + `"><a class="row" href="/customers/` + id + `" aria-current="true"`})
	}
}
