package console_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
)

func (f *fixture) masked() bool {
	f.t.Helper()
	on, err := f.settings.Masked(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return on
}

// lastDetail returns the entries since its last call, as "action subject params".
func (f *fixture) lastDetail() string {
	var all []string
	for _, e := range f.audit.entries {
		if e.Actor != "root" || e.Via != "console" {
			f.t.Errorf("audit entry by %q via %q", e.Actor, e.Via)
		}
		all = append(all, strings.TrimSpace(string(e.Action)+" "+e.Subject+" "+string(e.Params)))
	}
	f.audit.entries = nil
	return strings.Join(all, ", ")
}

func TestMasking_SwitchesAndRecords(t *testing.T) {
	f := newFixture(t, nil)
	page := f.get("root", "/console/callbacks").check(t, http.StatusOK, []string{
		"Contact phone number display", "Mask contact phone numbers", "Show full contact phone numbers", "dialer would show the number",
		`name="mask_numbers" value="off" checked`, `name="mask_numbers_was" value="off"`, "exports", "in words",
	}, `value="on" checked`)
	if strings.Index(page.body, `name="mask_numbers"`) < strings.Index(page.body, `name="templates_callback_url"`) {
		t.Error("the masking field is not below the URLs")
	}
	for _, step := range []struct {
		name   string
		fields []string
		masked bool
		audit  string
	}{
		{"on", []string{"mask_numbers", "on"}, true, "setting masking masking=on"},
		{"on again", []string{"mask_numbers", "on"}, true, ""},
		{"absent", []string{"outgoing_callback_url", outgoingURL}, true, "setting outgoing"},
		{"from a page that was opened before", []string{"mask_numbers", "off", "mask_numbers_was", "off"}, true, ""},
		{"off", []string{"mask_numbers", "off", "mask_numbers_was", "on"}, false, "setting masking masking=off"},
		{"with a token and a URL", []string{"mask_numbers", " on ", "auth_token", "another-token-1", "crm_callback_url", crmURL}, true, "setting crm, setting token, setting masking masking=on"},
	} {
		reloads := f.reloads
		a := f.post("root", "/console/callbacks", step.fields...)
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/console/callbacks?done=saved" || f.reloads != reloads+1 {
			t.Errorf("POST /console/callbacks, %s: status %d, Location %s, %d reloads", step.name, a.StatusCode, a.Header.Get("Location"), f.reloads-reloads)
		}
		if f.masked() != step.masked {
			t.Errorf("POST /console/callbacks, %s: Masked = %v, want %v", step.name, f.masked(), step.masked)
		}
		if got := f.lastDetail(); got != step.audit {
			t.Errorf("POST /console/callbacks, %s: audit detail = %q, want %q", step.name, got, step.audit)
		}
	}
	f.get("root", "/console/callbacks").check(t, http.StatusOK, []string{`value="on" checked`, `name="mask_numbers_was" value="on"`}, `value="off" checked`)
}

func TestMasking_RefusesOtherValues(t *testing.T) {
	for _, value := range []string{"", "yes", "ON", "on\x00", "true", "<script>"} {
		f := newFixture(t, nil)
		f.post("root", "/console/callbacks", "mask_numbers", "on").check(t, http.StatusSeeOther, nil)
		a := f.post("root", "/console/callbacks", "mask_numbers", value, "outgoing_callback_url", outgoingURL, "auth_token", "another-token-1")
		a.check(t, http.StatusUnprocessableEntity, []string{"Choose one of the two options. Nothing was saved.", `id="mask-error"`, `aria-describedby="mask-help mask-error"`, outgoingURL}, "<script>")
		if !f.masked() || f.callbacks() != (settings.Callbacks{}) || f.token != firstToken || f.lastDetail() != "setting masking masking=on" {
			t.Errorf("value %q: something was saved", value)
		}
	}
}

func TestMasking_RefusesWorkers(t *testing.T) {
	f := newFixture(t, nil)
	f.post("alice", "/console/callbacks", "mask_numbers", "on").check(t, http.StatusForbidden, nil)
	f.post("", "/console/callbacks", "mask_numbers", "on").check(t, http.StatusSeeOther, nil)
	if f.masked() || f.lastDetail() != "" {
		t.Error("a worker switched masking")
	}
}

func TestMasking_ConflictChangesNothing(t *testing.T) {
	f := newFixture(t, nil)
	form := formFields(t, f.get("root", "/console/callbacks").body)
	f.save(func(k *settings.Callbacks) { k.CRM = crmURL })
	form["crm_callback_url"], form["mask_numbers"], form["mask_numbers_was"] = "https://other.example.com/crm", "on", "off"
	f.submit(form).check(t, http.StatusConflict, []string{`value="on" checked`, `name="mask_numbers_was" value="off"`})
	if f.masked() {
		t.Error("a form with a conflict switched masking")
	}
}

func TestCallbacks_SaveNothingUnrecorded(t *testing.T) {
	f := newFixture(t, nil)
	f.audit.writeErr = audit.ErrUnavailable
	for path, form := range map[string][]string{"/console/callbacks": {"mask_numbers", "on"}, "/console/callbacks/token": {"do", "make"}, "/console/callbacks/test": {"which", "crm", "worker", "alice", "question", "list"}} {
		f.post("root", path, form...).check(t, http.StatusServiceUnavailable, []string{"Can’t reach the audit log right now"}, "Your new signing token")
	}
}

func TestCallbacks_RecordTokensAndTests(t *testing.T) {
	f := newFixture(t, nil)
	f.post("root", "/console/callbacks/token", "do", "make").check(t, http.StatusOK, nil)
	f.post("root", "/console/callbacks/token", "do", "end").check(t, http.StatusOK, nil)
	f.post("root", "/console/callbacks/test", "which", "crm", "worker", "alice", "question", "list").check(t, http.StatusOK, nil)
	f.post("root", "/console/callbacks/test", "which", "crm", "worker", "", "question", "list").check(t, http.StatusUnprocessableEntity, nil)
	if got, want := f.lastDetail(), "setting token token=rotated, setting token token=grace-ended, test crm worker=alice"; got != want {
		t.Errorf("audit details = %q, want %q", got, want)
	}
}

func TestMasking_ReadError(t *testing.T) {
	f := newFixture(t, nil)
	f.store.fail = errors.Join(settings.ErrUnavailable)
	f.post("root", "/console/callbacks", "mask_numbers", "on").check(t, http.StatusServiceUnavailable, nil, "Saved.")
}
