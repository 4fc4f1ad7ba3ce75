package server

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

// newAuditedServer starts a server where ada, a worker, and root, an administrator, are
// signed in, and customers with these ids are ada's.
func newAuditedServer(t *testing.T, ids ...string) *testServer {
	t.Helper()
	s := newTestServer(t, nil)
	for _, id := range ids {
		s.put(t, customer.Customer{
			ID: id, Name: "Winifred Oakapple", Workers: []string{"ada@example.com"},
			Channels: []customer.Channel{{Type: "sms", Value: "+12025550114"}},
			Details:  customer.Detail{Title: "Notes", Content: "Prefers mornings"},
		})
	}
	s.add(t, "ada@example.com", account.RoleWorker)
	s.add(t, "root", account.RoleAdmin)
	s.start(t)
	return s
}

// auditEntries returns the audit entries of an action once there are at least n, the
// oldest first.
func (s *testServer) auditEntries(t *testing.T, n int, action audit.Action) (entries []audit.Entry) {
	t.Helper()
	for deadline := time.Now().Add(waitLimit); ; time.Sleep(20 * time.Millisecond) {
		page, err := s.audit.Find(t.Context(), audit.Query{Actions: []audit.Action{action}})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Entries) >= n {
			entries = slices.Clone(page.Entries)
			slices.Reverse(entries)
			return entries
		}
		if time.Now().After(deadline) {
			t.Fatalf("audit.Find: %d entries of %s after %v, want %d", len(page.Entries), action, waitLimit, n)
		}
	}
}

func TestServer_RecordsViews(t *testing.T) {
	s := newAuditedServer(t, "id-of-winifred", "tel+12025550114")
	if err := s.live.settings.SaveAuditRules(t.Context(), settings.AuditRules{KeepDays: 30, Views: 5, Within: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if err := s.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if w := s.do("ada@example.com", "GET", "/customers/id-of-winifred", nil); w.Code != http.StatusOK {
			t.Fatalf("GET /customers/id-of-winifred: status %d, want 200", w.Code)
		}
	}
	s.do("ada@example.com", "GET", "/customers/nobody", nil)
	s.do("ada@example.com", "GET", "/customers?q=Winifred", nil)
	views := s.auditEntries(t, 1, audit.Viewed)
	if len(views) != 1 || views[0].Actor != "ada@example.com" || views[0].Subject != "id-of-winifred" || views[0].Name != "Winifred Oakapple" ||
		views[0].Address != "192.0.2.1" || views[0].Via != "app" {
		t.Errorf("audited views = %+v, want one of id-of-winifred by ada", views)
	}

	// While numbers are hidden, the id in the page is a handle.
	if _, err := s.live.settings.SetMasked(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := s.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := s.live.crm.CustomersList(t.Context(), frontline.ListRequest{Worker: "ada@example.com", PageSize: 10})
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, c := range list.Customers {
		if !strings.HasPrefix(c.ID, "~") {
			continue
		}
		if w := s.do("ada@example.com", "GET", "/customers/"+url.PathEscape(c.ID), nil); w.Code != http.StatusOK {
			t.Errorf("GET /customers/%s: status %d, want 200", c.ID, w.Code)
		}
		opened++
	}
	if opened != 1 {
		t.Fatalf("CustomersList returned %d handles, want 1", opened)
	}
	if views = s.auditEntries(t, 2, audit.Viewed); len(views) != 2 || views[1].Subject != "tel+12025550114" {
		t.Errorf("audited views = %+v, want a second of tel+12025550114", views)
	}
}

func TestServer_FlagsUnusualViews(t *testing.T) {
	ids := []string{"a", "b", "c", "d", "e", "f"}
	s := newAuditedServer(t, ids...)
	if err := s.live.settings.SaveAuditRules(t.Context(), settings.AuditRules{KeepDays: 30, Views: 5, Within: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if err := s.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		s.do("ada@example.com", "GET", "/customers/"+id, nil)
	}
	if flagged := s.auditEntries(t, 1, audit.UnusualViews); len(flagged) != 1 || flagged[0].Count != 6 || !flagged[0].Unusual || flagged[0].Actor != "ada@example.com" {
		t.Errorf("unusual views = %+v, want one entry with 6 views of ada", flagged)
	}
}

// TestServer_CallbackWritesNoAudit requests details by callback, also while the database
// is locked.
func TestServer_CallbackWritesNoAudit(t *testing.T) {
	s := newAuditedServer(t, "id-of-winifred")
	const target = "http://crm.example.com" + CallbackPath
	form := url.Values{"Location": {"GetCustomerDetailsByCustomerId"}, "Worker": {"ada@example.com"}, "CustomerId": {"id-of-winifred"}}
	signature := frontline.Sign(s.live.tokens.signing(), target, form)
	ask := func() time.Duration {
		t.Helper()
		r := httptest.NewRequest("POST", target, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", signature)
		w := httptest.NewRecorder()
		began := time.Now()
		s.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Winifred") {
			t.Fatalf("POST %s: status %d, want 200 with Winifred: %s", target, w.Code, w.Body)
		}
		return time.Since(began)
	}
	ask()
	page, err := s.audit.Find(t.Context(), audit.Query{})
	if err != nil || len(page.Entries) != 0 {
		t.Errorf("audit after a callback = %+v, %v, want no entries", page, err)
	}

	raw, err := sql.Open("sqlite", s.file+"?_txlock=exclusive&_pragma=busy_timeout(30000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	blocking, err := raw.Begin() // locks the database until it ends
	if err != nil {
		t.Fatal(err)
	}
	defer blocking.Rollback()
	if _, err := blocking.Exec("INSERT INTO setting VALUES ('test', '')"); err != nil {
		t.Fatal(err)
	}
	s.audit.Viewed("ada@example.com", "id-of-winifred", "", "") // the audit waits for the lock
	time.Sleep(1500 * time.Millisecond)
	const asks = 50
	var most time.Duration
	for range asks {
		most = max(most, ask())
	}
	if most > 5*time.Second { // half of the database's busy timeout
		t.Errorf("POST %s with the audit blocked took %v, want at most 5s", target, most)
	}
	if err := blocking.Rollback(); err != nil {
		t.Fatal(err)
	}
	if views := s.auditEntries(t, 1, audit.Viewed); len(views) != 1 || views[0].Via != "app" {
		t.Errorf("audited views = %+v, want only the one of the app", views)
	}
}

func TestServer_ReadsAuditRules(t *testing.T) {
	s := newAuditedServer(t)
	if err := s.live.settings.SaveAuditRules(t.Context(), settings.AuditRules{KeepDays: 30, Views: 60, Within: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if err := s.maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.auditRules.rules().KeepDays; got != 30 {
		t.Errorf("rules after maintain: KeepDays %d, want 30", got)
	}
	lost := &auditRules{settings: settings.NewService(s.db.Settings(), secret.NewKey().Sealer(settings.SealerPurpose), nil)}
	if err := lost.read(t.Context()); err == nil || lost.rules().KeepDays != 0 {
		t.Errorf("read with a lost secret file: %v, %+v; want an error and no expiry", err, lost.rules())
	}
}
