package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/audit"
)

// saveMasking sends the form of the console.
func (l *leakServer) saveMasking(value string) {
	l.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/console/callbacks", strings.NewReader(url.Values{"mask_numbers": {value}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(l.cookies["root"])
	w := httptest.NewRecorder()
	l.handler.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/console/callbacks?done=saved" {
		l.t.Fatalf("POST /console/callbacks with mask_numbers=%s: status %d to %q", value, w.Code, w.Header().Get("Location"))
	}
}

func TestMasking_AppliesAtOnce(t *testing.T) {
	l := newLeakServer(t, false, "")
	changed := l.notifier.Changed()
	l.saveMasking("on")
	select {
	case <-changed:
	default:
		t.Error("saving the masking did not notify open pages")
	}
	if got := l.notifier.State(); !strings.HasPrefix(got, "masked-") {
		t.Errorf("State() = %q, want masked-…", got)
	}
	if w := l.request("ada", "GET", "/pulse?was=full", "", ""); !strings.HasPrefix(w.Header().Get("Clientele-State"), "masked") {
		t.Errorf("GET /pulse of a full page: state %q, want masked", w.Header().Get("Clientele-State"))
	}
	l.follow("ada", "/customers", 20)
	l.responses += 150
	l.report()
	l.saveMasking("off")
	if body := l.get("ada", "/customers", "list").Body.String(); len(leaks(body)) == 0 || !strings.HasPrefix(l.notifier.State(), "full-") {
		t.Errorf("GET /customers after masking was turned off: masked, or state %q", l.notifier.State())
	}
	page, err := l.audit.Find(t.Context(), audit.Query{Actions: []audit.Action{audit.SettingChanged}, Limit: 10})
	if err != nil || len(page.Entries) != 2 || page.Entries[0].Actor != "root" || page.Entries[0].Subject != "masking" || page.Entries[0].Params == page.Entries[1].Params {
		t.Errorf("audited setting changes = %+v, %v, want two of masking by root", page.Entries, err)
	}
}

// A page may be requested while numbers are hidden and rendered while they are shown. It
// has the earlier state, so that it is reloaded when they are hidden again.
func TestMasking_PageOfTwoStates(t *testing.T) {
	l := newLeakServer(t, false, "")
	l.saveMasking("on")
	before := l.notifier.State()
	l.live.reading.Lock()
	l.live.masked.Store(false) // as if the page had read only the state so far
	page := l.get("ada", "/customers", "").Body.String()
	if !strings.Contains(page, `data-state="`+before+`-worker"`) || len(leaks(page)) == 0 {
		t.Fatal("GET /customers did not return a page of both states")
	}
	l.live.masked.Store(true)
	l.live.reading.Unlock()
	l.saveMasking("off")
	l.saveMasking("on")
	if w := l.request("ada", "GET", "/pulse?was="+before+"-worker", "", ""); w.Header().Get("Clientele-State") == before+"-worker" {
		t.Errorf("GET /pulse of that page: state %q, want another", w.Header().Get("Clientele-State"))
	}
	if state := l.notifier.State(); l.live.reload(t.Context()) != nil || l.notifier.State() != state {
		t.Errorf("State() after a reload without changes = %q, want %q", l.notifier.State(), state)
	}
}

func TestMasking_FollowsAnotherProcess(t *testing.T) {
	t.Parallel() // it waits
	l := newLeakServer(t, false, "")
	other := newSettings(l.db, l.config.Key)
	if _, err := other.SetMasked(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "masking is on", l.live.masked.Load)
	if err := l.db.Close(); err != nil { // the settings cannot be read any more
		t.Fatal(err)
	}
	if err := l.live.reload(t.Context()); err == nil || !l.live.masked.Load() {
		t.Errorf("reload of a closed database: %v, masked %v, want an error and true", err, l.live.masked.Load())
	}
	if err := l.live.start(t.Context()); err == nil {
		t.Error("start without readable settings succeeded, want an error")
	}
}

func TestMasking_AuditKnowsIDsAndSearches(t *testing.T) {
	l := newLeakServer(t, true, "")
	resp, err := l.live.crm.CustomersList(t.Context(), frontline.ListRequest{Worker: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	handle := resp.Customers[0].ID
	id := l.audit.ownID("ada", handle)
	if !strings.HasPrefix(handle, "~") || !strings.HasPrefix(id, "id ") || l.audit.ownID("eve", handle) != handle {
		t.Errorf("ownID(ada, %q) = %q, want the id for ada only", handle, id)
	}
	details, err := l.live.crm.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ada", CustomerID: handle})
	if err != nil {
		t.Fatal(err)
	}
	ch, err := l.live.crm.Channel(t.Context(), "ada", handle, details.Customer.Channels[0].Handle)
	if err != nil || len(leaks(ch.Value)) == 0 {
		t.Errorf("Channel of ada = %+v, %v, want the whole number", ch, err)
	}
	if _, err := l.live.crm.Channel(t.Context(), "eve", handle, details.Customer.Channels[0].Handle); !errors.Is(err, frontline.ErrNotFound) {
		t.Errorf("Channel of eve with ada's handle: %v, want %v", err, frontline.ErrNotFound)
	}
	if body := l.get("ada", "/customers?q=%2B"+leakNumber, "list").Body.String(); !strings.Contains(body, "data-customer-id") {
		t.Error("GET /customers with a whole number as query: no customer")
	}
	if err := l.audit.Log.Write(t.Context(), audit.Entry{Action: audit.SignedIn}); err != nil { // also writes what was recorded before
		t.Fatal(err)
	}
	eventually(t, "the audit has the search", func() bool {
		page, err := l.audit.Find(t.Context(), audit.Query{Actions: []audit.Action{audit.NumberSearched}, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Entries) == 1 && page.Entries[0].Actor == "ada"
	})
}

func TestMasking_LostSecretFile(t *testing.T) {
	l := newLeakServer(t, false, "")
	other := newLeakServer(t, true, "")
	sealed, err := other.db.Settings().Setting(t.Context(), "masking")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.db.Settings().ReplaceSetting(t.Context(), "masking", "", sealed); err != nil {
		t.Fatal(err)
	}
	if on, err := l.live.settings.Masked(t.Context()); err != nil || !on {
		t.Errorf("Masked() with a lost secret file = %v, %v, want true", on, err)
	}
	if err := l.live.reload(t.Context()); err != nil || !l.live.masked.Load() {
		t.Errorf("reload with a lost secret file: %v, masked %v, want true", err, l.live.masked.Load())
	}
}
