package cli

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/door"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// bens is what only ben, and an administrator in the console, may ever read.
var bens = []string{"Zwetschkenknödel", "quiet about the merger", "zora@secret.example", "BenBrowser/9", "ben only looked at this"}

// rightsHouse is the whole program with two workers, two administrators (one of whom
// may export), and somebody who was deactivated.
type rightsHouse struct {
	*testing.T
	house   *house
	handler http.Handler
	routes  []door.Route
	cookies map[string]*http.Cookie
	// foreign are all names of things that are ben's: ids, handles, tokens, sessions.
	foreign []string
}

func openRightsHouse(t *testing.T) *rightsHouse {
	t.Helper()
	db, err := openDatabase(t.Context(), sqlitetest.File(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	h := newHouse(t.Context(), db, secret.NewKey(), &journal{slog.New(slog.DiscardHandler), t.Output(), true}, demoLimits())
	t.Cleanup(h.close)
	r := &rightsHouse{T: t, house: h, cookies: map[string]*http.Cookie{"": nil}}
	r.people()
	r.customers()
	if err := h.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := site{house: h, proxies: []netip.Prefix{}, metricsToken: "m3trics"}
	if r.handler, err = s.handler(); err != nil {
		t.Fatal(err)
	}
	pages, err := s.app()
	if err != nil {
		t.Fatal(err)
	}
	administration, err := s.console()
	if err != nil {
		t.Fatal(err)
	}
	r.routes = append(pages.Routes(), administration.Routes()...)
	r.collect()
	return r
}

func (r *rightsHouse) people() {
	people := r.house.people
	for identity, role := range map[string]account.Role{
		"ada": account.RoleWorker, "ben": account.RoleWorker, "gone": account.RoleWorker, "root": account.RoleAdmin, "exporter": account.RoleAdmin,
	} {
		r.must(people.AddPerson(r.Context(), identity, role, "correct horse battery"))
		agent := "Browser/1"
		if identity == "ben" {
			agent = "BenBrowser/9"
		}
		session, _, err := people.SignInAs(r.Context(), identity, agent)
		r.must(err)
		r.cookies[identity] = &http.Cookie{Name: "clientele", Value: session}
	}
	r.must(people.SetMayExport(r.Context(), "root", false))
	r.must(people.SetMayExport(r.Context(), "exporter", true))
	r.must(people.Deactivate(r.Context(), "gone"))
}

// customers are fifty of ben's with a whole page before them, and one of ada's.
func (r *rightsHouse) customers() {
	r.must(r.house.db.Customers().Update(r.Context(), func(tx customer.Tx) error {
		for i := range 50 {
			c := customer.Customer{
				ID: "ben-" + string(rune('a'+i%26)) + string(rune('a'+i/26)), Name: "Zwetschkenknödel " + string(rune('A'+i)), Workers: []string{"ben"},
				Avatar: "https://pictures.example/zora.png", Channels: []customer.Channel{{Type: customer.Email, Value: "zora@secret.example"}},
				Details: customer.Detail{Title: "Notes", Content: "quiet about the merger"},
			}
			if err := tx.Put(r.Context(), c); err != nil {
				return err
			}
		}
		return tx.Put(r.Context(), customer.Customer{ID: "ada-1", Name: "Apfelstrudel", Workers: []string{"ada"}})
	}))
	r.must(r.house.audit.Keep(r.Context(), audit.Entry{Actor: "ben", Via: "app", Action: audit.Viewed, Subject: "ben-aa", Name: "ben only looked at this"}))
}

// collect learns all names of ben's things: some from ben's own pages.
func (r *rightsHouse) collect() {
	r.foreign = []string{"ben", "ben-aa", "ben-ba", r.cookies["ben"].Value}
	sessions, err := r.house.people.Sessions(r.Context(), "ben")
	r.must(err)
	for _, s := range sessions {
		r.foreign = append(r.foreign, s.ID)
	}
	page := r.ask("ben", http.MethodGet, "/customers", nil).Body.String()
	for _, pattern := range []string{`page=([^"&]+)`, `/avatars/([^"]+)`} {
		found := regexp.MustCompile(pattern).FindStringSubmatch(page)
		if found == nil {
			r.Fatalf("ben's list has no %s: the test is blind", pattern)
		}
		token, err := url.QueryUnescape(found[1])
		r.must(err)
		r.foreign = append(r.foreign, token)
	}
	answer, err := r.house.services.callee.CustomersList(r.Context(), frontline.ListRequest{Worker: "ben", PageSize: 10})
	r.must(err)
	r.foreign = append(r.foreign, answer.NextPageToken)
	for _, want := range bens[:1] {
		if !strings.Contains(page, want) {
			r.Fatalf("ben does not see %q himself: the test is blind", want)
		}
	}
}

func (r *rightsHouse) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rightsHouse) ask(who, method, target string, form url.Values) *httptest.ResponseRecorder {
	var body *strings.Reader
	if body = strings.NewReader(""); form != nil {
		body = strings.NewReader(form.Encode())
	}
	req := httptest.NewRequest(method, target, body)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c := r.cookies[who]; c != nil {
		req.AddCookie(c)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	return w
}

// state is all that nobody but ben or an administrator may change.
func (r *rightsHouse) state() map[string]any {
	ctx, all := r.Context(), make(map[string]any)
	people, err := r.house.people.People(ctx)
	r.must(err)
	for i := range people {
		people[i].LastSeen = people[i].Created
		if people[i].Identity == "ada" {
			people[i].Preferences = account.Preferences{} // her own to choose
		}
	}
	all["people"] = people
	for _, who := range []string{"ben", "root", "exporter"} {
		sessions, err := r.house.people.Sessions(ctx, who)
		r.must(err)
		for i := range sessions {
			sessions[i].LastSeen, sessions[i].Expires = sessions[i].Created, sessions[i].Created
		}
		all["sessions of "+who] = sessions
	}
	var customers []customer.Customer
	for c, err := range r.house.db.Customers().All(ctx) {
		r.must(err)
		customers = append(customers, c)
	}
	all["customers"] = customers
	kept, err := r.house.services.settings.Callbacks(ctx)
	r.must(err)
	all["callbacks"] = kept
	masked, err := r.house.services.settings.Masked(ctx)
	r.must(err)
	signIn, err := r.house.services.settings.SignIn(ctx)
	r.must(err)
	rules, err := r.house.services.settings.AuditRules(ctx)
	r.must(err)
	all["settings"] = []any{masked, signIn, rules}
	return all
}
