package console_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
)

func (b *bench) masked() bool {
	b.t.Helper()
	on, err := b.settings.Masked(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return on
}

// written answers what was written to the audit since the last time, as "action subject
// detail".
func (b *bench) written() string {
	var all []string
	for _, e := range b.trail.entries {
		if e.Actor != "root" || e.Via != "console" {
			b.t.Errorf("written by %q via %q", e.Actor, e.Via)
		}
		all = append(all, strings.TrimSpace(string(e.Action)+" "+e.Subject+" "+e.Detail))
	}
	b.trail.entries = nil
	return strings.Join(all, ", ")
}

func TestMaskingIsSwitchedAndTold(t *testing.T) {
	b := newBench(t, nil)
	page := b.get("root", "/console/callbacks").must(t, http.StatusOK, []string{
		"Contact phone number display", "Mask contact phone numbers", "Show full contact phone numbers", "dialer would show the number",
		`name="mask_numbers" value="off" checked`, `name="mask_numbers_was" value="off"`, "exports", "in words",
	}, `value="on" checked`)
	if strings.Index(page.body, `name="mask_numbers"`) < strings.Index(page.body, `name="templates_callback_url"`) {
		t.Error("it is not below the URLs")
	}
	for _, step := range []struct {
		name   string
		fields []string
		masked bool
		audit  string
	}{
		{"on", []string{"mask_numbers", "on"}, true, "setting masking numbers masked"},
		{"on again", []string{"mask_numbers", "on"}, true, ""},
		{"absent", []string{"outgoing_callback_url", outgoingURL}, true, "setting outgoing"},
		{"from a page that was opened before", []string{"mask_numbers", "off", "mask_numbers_was", "off"}, true, ""},
		{"off", []string{"mask_numbers", "off", "mask_numbers_was", "on"}, false, "setting masking numbers shown in full"},
		{"with a token and a URL", []string{"mask_numbers", " on ", "auth_token", "another-token-1", "crm_callback_url", crmURL}, true, "setting crm, setting token, setting masking numbers masked"},
	} {
		reloads := b.reloads
		a := b.post("root", "/console/callbacks", step.fields...)
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/console/callbacks?done=saved" || b.reloads != reloads+1 {
			t.Errorf("%s: answered %d to %s with %d reloads", step.name, a.StatusCode, a.Header.Get("Location"), b.reloads-reloads)
		}
		if b.masked() != step.masked {
			t.Errorf("%s: masked is %v", step.name, b.masked())
		}
		if got := b.written(); got != step.audit {
			t.Errorf("%s: the audit has %q, want %q", step.name, got, step.audit)
		}
	}
	b.get("root", "/console/callbacks").must(t, http.StatusOK, []string{`value="on" checked`, `name="mask_numbers_was" value="on"`}, `value="off" checked`)
}

func TestMaskingIsOnOrOffAndNothingElse(t *testing.T) {
	for _, value := range []string{"", "yes", "ON", "on\x00", "true", "<script>"} {
		b := newBench(t, nil)
		b.post("root", "/console/callbacks", "mask_numbers", "on").must(t, http.StatusSeeOther, nil)
		a := b.post("root", "/console/callbacks", "mask_numbers", value, "outgoing_callback_url", outgoingURL, "auth_token", "another-token-1")
		a.must(t, http.StatusUnprocessableEntity, []string{"Choose one of the two options. Nothing was saved.", `id="mask-error"`, `aria-describedby="mask-help mask-error"`, outgoingURL}, "<script>")
		if !b.masked() || b.kept() != (settings.Callbacks{}) || b.token != theToken || b.written() != "setting masking numbers masked" {
			t.Errorf("%q: something was saved", value)
		}
	}
}

func TestAWorkerCannotSwitchMasking(t *testing.T) {
	b := newBench(t, nil)
	b.post("alice", "/console/callbacks", "mask_numbers", "on").must(t, http.StatusForbidden, nil)
	b.post("", "/console/callbacks", "mask_numbers", "on").must(t, http.StatusSeeOther, nil)
	if b.masked() || b.written() != "" {
		t.Error("switched")
	}
}

func TestAConflictSwitchesNothing(t *testing.T) {
	b := newBench(t, nil)
	form := formOf(t, b.get("root", "/console/callbacks").body)
	b.save(func(k *settings.Callbacks) { k.CRM = crmURL })
	form["crm_callback_url"], form["mask_numbers"], form["mask_numbers_was"] = "https://other.example.com/crm", "on", "off"
	b.submit(form).must(t, http.StatusConflict, []string{`value="on" checked`, `name="mask_numbers_was" value="off"`})
	if b.masked() {
		t.Error("switched beside a conflict")
	}
}

func TestWhatTheAuditCouldNotTakeIsTold(t *testing.T) {
	b := newBench(t, nil)
	b.trail.keep = audit.ErrUnavailable
	a := b.post("root", "/console/callbacks", "mask_numbers", "on")
	if a.StatusCode != http.StatusSeeOther || !b.masked() {
		t.Fatalf("answered %d, masked is %v", a.StatusCode, b.masked())
	}
	b.get("root", a.Header.Get("Location")).must(t, http.StatusOK, []string{"Saved. This couldn’t be recorded in the audit log", `role="alert"`})
	b.post("root", "/console/callbacks/token", "do", "make").must(t, http.StatusOK, []string{"Your new signing token", "couldn’t be recorded in the audit log"})
}

func TestTokensAndTestsAreAudited(t *testing.T) {
	b := newBench(t, nil)
	b.post("root", "/console/callbacks/token", "do", "make").must(t, http.StatusOK, nil)
	b.post("root", "/console/callbacks/token", "do", "end").must(t, http.StatusOK, nil)
	b.post("root", "/console/callbacks/test", "which", "crm", "worker", "alice", "question", "list").must(t, http.StatusOK, nil)
	b.post("root", "/console/callbacks/test", "which", "crm", "worker", "", "question", "list").must(t, http.StatusUnprocessableEntity, nil)
	if got, want := b.written(), "setting token, setting token the previous one ended, test crm"; got != want {
		t.Errorf("the audit has %q, want %q", got, want)
	}
}

func TestMaskingThatCannotBeReadIsAFailure(t *testing.T) {
	b := newBench(t, nil)
	b.store.fail = errors.Join(settings.ErrUnavailable)
	b.post("root", "/console/callbacks", "mask_numbers", "on").must(t, http.StatusServiceUnavailable, nil, "Saved.")
}
