package cli

import (
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// breakAudit makes a database take no entries any more.
func breakAudit(t *testing.T, file string) {
	t.Helper()
	rawly(t, file, "CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'broken'); END")
}

func rawly(t *testing.T, file, statement string) {
	t.Helper()
	raw, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// inhabited is a house with its handler, where ada, a worker, and root, an
// administrator, are signed in, and Winifred is ada's.
type inhabited struct {
	*house
	file    string
	handler http.Handler
	cookies map[string]*http.Cookie
}

func inhabit(t *testing.T, customers ...string) inhabited {
	t.Helper()
	in := inhabited{file: sqlitetest.File(t), cookies: make(map[string]*http.Cookie)}
	db, err := openDatabase(t.Context(), in.file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, id := range customers {
		put(t, db, id)
	}
	in.house = newHouse(t.Context(), db, secret.NewKey(), &journal{slog.New(slog.DiscardHandler), t.Output(), true}, demoLimits())
	t.Cleanup(in.close)
	for identity, role := range map[string]account.Role{"ada@example.com": account.RoleWorker, "root": account.RoleAdmin} {
		if err := in.people.AddPerson(t.Context(), identity, role, ""); err != nil {
			t.Fatal(err)
		}
		session, _, err := in.people.SignInAs(t.Context(), identity, "")
		if err != nil {
			t.Fatal(err)
		}
		in.cookies[identity] = &http.Cookie{Name: "clientele", Value: session}
	}
	if err := in.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := site{house: in.house, proxies: []netip.Prefix{}}
	if in.handler, err = s.handler(); err != nil {
		t.Fatal(err)
	}
	return in
}

func (in inhabited) ask(who, method, target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who != "" {
		r.AddCookie(in.cookies[who])
	}
	w := httptest.NewRecorder()
	in.handler.ServeHTTP(w, r)
	return w
}

// kept answers what the audit has of an action once it has at least n of them, the
// oldest first.
func (in inhabited) kept(t *testing.T, n int, action audit.Action) (entries []audit.Entry) {
	t.Helper()
	for deadline := time.Now().Add(longest); ; time.Sleep(20 * time.Millisecond) {
		page, err := in.audit.Find(t.Context(), audit.Query{Actions: []audit.Action{action}})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Entries) >= n {
			for _, e := range page.Entries {
				entries = append([]audit.Entry{e}, entries...)
			}
			return entries
		}
		if time.Now().After(deadline) {
			t.Fatalf("of %s there are %d, want %d", action, len(page.Entries), n)
		}
	}
}

func TestWhoLookedAtWhomIsInTheAudit(t *testing.T) {
	in := inhabit(t, "id-of-winifred", "tel+12025550114")
	if err := in.services.settings.SaveAuditRules(t.Context(), settings.AuditRules{KeepDays: 30, Views: 5, Within: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if err := in.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if w := in.ask("ada@example.com", "GET", "/customers/id-of-winifred", nil); w.Code != http.StatusOK {
			t.Fatalf("status %d", w.Code)
		}
	}
	in.ask("ada@example.com", "GET", "/customers/nobody", nil)
	in.ask("ada@example.com", "GET", "/customers?q=Winifred", nil)
	views := in.kept(t, 1, audit.Viewed)
	if len(views) != 1 || views[0].Actor != "ada@example.com" || views[0].Subject != "id-of-winifred" || views[0].Name != "Winifred Oakapple" ||
		views[0].Address != "192.0.2.1" || views[0].Via != "app" {
		t.Errorf("the views are %+v", views)
	}

	// While numbers are hidden, the id that the page knows is a handle.
	if _, err := in.services.settings.SetMasked(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := in.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := in.services.crm.CustomersList(t.Context(), frontline.ListRequest{Worker: "ada@example.com", PageSize: 10})
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, c := range list.Customers {
		if !strings.HasPrefix(c.ID, "~") {
			continue
		}
		if w := in.ask("ada@example.com", "GET", "/customers/"+url.PathEscape(c.ID), nil); w.Code != http.StatusOK {
			t.Errorf("status %d", w.Code)
		}
		opened++
	}
	if opened != 1 {
		t.Fatalf("%d customers have handles: the test is blind", opened)
	}
	if views = in.kept(t, 2, audit.Viewed); len(views) != 2 || views[1].Subject != "tel+12025550114" {
		t.Errorf("the views are %+v", views)
	}
}

func TestAnUnusualRunOfViewsIsFlaggedByTheRulesOfNow(t *testing.T) {
	ids := []string{"a", "b", "c", "d", "e", "f"}
	in := inhabit(t, ids...)
	if err := in.services.settings.SaveAuditRules(t.Context(), settings.AuditRules{KeepDays: 30, Views: 5, Within: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if err := in.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		in.ask("ada@example.com", "GET", "/customers/"+id, nil)
	}
	if flagged := in.kept(t, 1, audit.UnusualViews); len(flagged) != 1 || flagged[0].Count != 6 || !flagged[0].Unusual || flagged[0].Actor != "ada@example.com" {
		t.Errorf("flagged is %+v", flagged)
	}
}

// TestTheCallbackNeverTouchesTheAudit asks for details as a caller does, also while
// nothing can be written.
func TestTheCallbackNeverTouchesTheAudit(t *testing.T) {
	in := inhabit(t, "id-of-winifred")
	const target = "http://crm.example.com" + callbackPath
	form := url.Values{"Location": {"GetCustomerDetailsByCustomerId"}, "Worker": {"ada@example.com"}, "CustomerId": {"id-of-winifred"}}
	signature := frontline.Sign(in.services.tokens.signing(), target, form)
	ask := func() time.Duration {
		t.Helper()
		r := httptest.NewRequest("POST", target, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", signature)
		w := httptest.NewRecorder()
		began := time.Now()
		in.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Winifred") {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		return time.Since(began)
	}
	ask()
	page, err := in.audit.Find(t.Context(), audit.Query{})
	if err != nil || len(page.Entries) != 0 {
		t.Errorf("before any: %+v, %v", page, err)
	}

	raw, err := sql.Open("sqlite", in.file+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	blocking, err := raw.Begin() // nobody else writes until it ends
	if err != nil {
		t.Fatal(err)
	}
	defer blocking.Rollback()
	if _, err := blocking.Exec("INSERT INTO setting VALUES ('test', '')"); err != nil {
		t.Fatal(err)
	}
	in.audit.Viewed("ada@example.com", "id-of-winifred", "", "") // the audit waits for its turn
	time.Sleep(1500 * time.Millisecond)
	const asks = 50
	var most time.Duration
	for range asks {
		most = max(most, ask())
	}
	if most > 5*time.Second { // half of what the database waits for others
		t.Errorf("with the audit blocked, a call took %v", most)
	}
	if err := blocking.Rollback(); err != nil {
		t.Fatal(err)
	}
	if views := in.kept(t, 1, audit.Viewed); len(views) != 1 || views[0].Via != "app" {
		t.Errorf("kept are %+v, want the one that is not the callback's", views)
	}
}

func TestWhatIsOldEnoughIsDroppedUnlessNobodyKnowsWhatThatIs(t *testing.T) {
	in := inhabit(t)
	old := []audit.Entry{
		{When: time.Now().AddDate(0, 0, -31), Action: audit.SignedIn, Actor: "long ago"},
		{When: time.Now().AddDate(0, 0, -29), Action: audit.SignedIn, Actor: "lately"},
		{When: time.Now().Add(-time.Hour), Action: audit.SignedOut, Actor: "just now"}, // so that the clock can be trusted
	}
	if err := in.db.Audit().AddEntries(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	left := func(what, want string) {
		t.Helper()
		if err := in.audit.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range in.kept(t, 0, audit.SignedIn) {
			got += e.Actor + " "
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%s: left are %q, want %q", what, got, want)
		}
	}
	if err := in.rules.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	left("the usual rules", "long ago lately")
	if err := in.services.settings.SaveAuditRules(t.Context(), settings.AuditRules{KeepDays: 30, Views: 60, Within: time.Hour}); err != nil {
		t.Fatal(err)
	}
	lost := &auditRules{settings: settingsOf(in.db, secret.NewKey())}
	if err := lost.read(t.Context()); err == nil || lost.rules().KeepDays != 0 {
		t.Errorf("with a lost secret file: %v, %+v; want that all are kept", err, lost.rules())
	}
	if err := in.maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
	left("30 days", "lately")
}

func TestTheUsualRulesOfTheAuditAreTheSameInBothRooms(t *testing.T) {
	if got, want := audit.DefaultRules(), audit.Rules(settings.DefaultAuditRules()); got != want {
		t.Errorf("audit has %+v, settings have %+v", got, want)
	}
}
