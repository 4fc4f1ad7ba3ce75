package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/console/integration"
	"github.com/clientele-project/clientele/internal/settings"
)

// fakeConversations is a messaging service with a fixed report.
type fakeConversations struct {
	on     bool
	report integration.SetupReport
	setUps int
}

func (f *fakeConversations) On() bool                                           { return f.on }
func (f *fakeConversations) CheckSetup(context.Context) integration.SetupReport { return f.report }
func (f *fakeConversations) SetUp(context.Context) integration.SetupReport {
	f.setUps++
	return integration.SetupReport{}
}

const conversationsPath = "/console/conversations"

var (
	accountSID = "AC" + strings.Repeat("0a", 16)
	apiKey     = "SK" + strings.Repeat("0b", 16)
)

func (f *fixture) conversationSettings() settings.Conversations {
	f.t.Helper()
	c, err := f.settings.Conversations(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

func TestConversations_SavesForm(t *testing.T) {
	f := newFixture(t, nil)
	first := []string{"account_sid", " " + accountSID + " ", "auth_token", "s3cret-token", "api_key", apiKey, "api_secret", "s3cret-of-key", "sms", "+1 555 704 0102",
		"workers", " alice  +1 555 704 0103 \r\n\r\n",
		"relay", "https://own.example/hooks?key=s3cret-in-url", "fallback", "worker", "worker", "bob"}
	f.post("root", conversationsPath, first...).check(t, http.StatusSeeOther, nil)
	want := settings.Conversations{AccountSID: accountSID, AuthToken: "s3cret-token", APIKey: apiKey, APISecret: "s3cret-of-key",
		SMS:   settings.ProxyAddresses{Default: "+15557040102", Workers: map[string]string{"alice": "+15557040103"}},
		Relay: "https://own.example/hooks?key=s3cret-in-url", Fallback: settings.FallbackWorker, Worker: "bob"}
	if diff := cmp.Diff(want, f.conversationSettings()); diff != "" {
		t.Errorf("Conversations() (-want +got):\n%s", diff)
	}
	e := f.audit.last()
	if want := audit.Params("field=account_sid&field=auth_token&field=api_key&field=api_secret&field=sms&field=relay&field=fallback&field=worker&field=workers"); e.Action != audit.SettingChanged || e.Subject != "conversations" || e.Params != want {
		t.Errorf("audit entry = %+v, want params %s", e, want)
	}
	page := f.get("root", conversationsPath).check(t, http.StatusOK, []string{accountSID, "alice +15557040103</textarea>", `placeholder="Set. Enter a new one to replace it"`, `name="remove_auth_token"`}, "s3cret-token", "s3cret-of-key")

	_, was, _ := strings.Cut(page.body, `name="was" value="`)

	// Empty secrets stay; one is removed, the other replaced.
	f.post("root", conversationsPath, "remove_auth_token", "on", "api_secret", "another", "was", was[:16]).check(t, http.StatusSeeOther, nil)
	if c := f.conversationSettings(); c.AuthToken != "" || c.APISecret != "another" || c.AccountSID != accountSID {
		t.Errorf("Conversations() after removing the token and replacing the secret = %+v", c)
	}
	entries := len(f.audit.entries)
	f.post("root", conversationsPath, "sms", "+15557040102").check(t, http.StatusSeeOther, nil)
	if len(f.audit.entries) != entries {
		t.Errorf("an unchanged form is in the audit: %+v", f.audit.last())
	}
	// Someone else saved meanwhile.
	f.post("root", conversationsPath, "sms", "+15557040109", "was", "other").check(t, http.StatusConflict, []string{"Someone else changed these settings", "+15557040109"})
	if c := f.conversationSettings(); c.SMS.Default != "+15557040102" {
		t.Errorf("SMS.Default after a conflict = %q", c.SMS.Default)
	}
}

func TestConversations_RefusesInvalid(t *testing.T) {
	f := newFixture(t, func(o *console.Options) { o.PublicURL, o.CheckURL = "http://example.com", checkURLStrictly })
	for _, test := range []struct {
		want   string
		fields []string
	}{
		{"Enter AC and 32", []string{"account_sid", "AC12"}},
		{"Enter SK and 32", []string{"api_key", apiKey[:20]}},
		{"Enter the secret of this key", []string{"api_key", apiKey, "api_secret", ""}},
		{"Enter the key of this secret", []string{"api_secret", "typed-secret"}},
		{"Enter IS and 32", []string{"service_sid", accountSID}},
		{"ASCII letters", []string{"auth_token", "with a blank"}},
		{"Enter the number with its country code", []string{"sms", "seven"}},
		{"Line 2: enter a worker, and a number", []string{"workers", "bob +15557040102\nalice whatsapp:12"}},
		{"Line 1: there is no worker “nobody”", []string{"workers", "nobody +15557040102"}},
		{"Line 1: “+15557040102,” isn’t a phone number", []string{"workers", "bob +15557040102,"}},
		{"Line 2: “bob” already has a number", []string{"workers", "bob +15557040102\nbob +15557040103"}},
		{"Enter the identity of someone who is active", []string{"fallback", "worker", "worker", "nobody"}},
		{"leads to this machine or a private network", []string{"relay", "http://127.0.0.1/"}},
		{"a URL of this program", []string{"relay", "http://example.com/callbacks/conversations"}},
		{"begin with https://", []string{"routing", "ftp://own.example/"}},
	} {
		f.post("root", conversationsPath, append(test.fields, "auth_token", "typed-secret")...).
			check(t, http.StatusUnprocessableEntity, []string{test.want, "The secrets you entered aren’t saved"}, "typed-secret")
	}
	if c := f.conversationSettings(); c.AuthToken+c.APIKey+c.APISecret != "" || len(f.audit.entries) > 0 || f.reloads > 0 {
		t.Errorf("an invalid form was saved: %+v, audit %v", c, f.audit.entries)
	}
}

func TestConversations_FlagsWin(t *testing.T) {
	f := newFixture(t, func(o *console.Options) {
		o.Fixed.Conversations = settings.Conversations{AccountSID: accountSID, AuthToken: "s3cret-of-flag", SMS: settings.ProxyAddresses{Default: "+15557040102"}}
	})
	f.get("root", conversationsPath).check(t, http.StatusOK, []string{"--conversations-account-sid", "--conversations-auth-token", "--proxy-address-sms", accountSID, "+15557040102"}, "s3cret-of-flag", `name="auth_token"`, "enter a new one")
	f.post("root", conversationsPath, "account_sid", "AC"+strings.Repeat("ff", 16), "auth_token", "other", "relay", "").check(t, http.StatusSeeOther, nil)
	if c := f.conversationSettings(); c.AccountSID+c.AuthToken != "" {
		t.Errorf("Conversations() = %+v, want nothing that a flag fixes", c)
	}
}

func TestConversations_SetUpKeepsRelay(t *testing.T) {
	f := newFixture(t, nil)
	f.conversations = fakeConversations{on: true, report: integration.SetupReport{Relay: "https://own.example/hooks",
		Findings: []integration.Finding{{Code: "webhooks.relay", State: integration.FindingMissing, Value: "https://own.example/hooks"}}}}
	f.post("root", conversationsPath+"/test").check(t, http.StatusOK, []string{"point to another service", "https://own.example/hooks", "Set up</button>"})
	if e := f.audit.last(); e.Action != audit.ServiceTested || f.conversations.setUps != 0 || f.conversationSettings().Relay != "" {
		t.Errorf("after a test: audit %+v, %d set-ups, relay %q", e, f.conversations.setUps, f.conversationSettings().Relay)
	}
	f.post("root", conversationsPath+"/setup").check(t, http.StatusOK, []string{"Everything is set up."}, "Set up</button>")
	if c := f.conversationSettings(); c.Relay != "https://own.example/hooks" || f.conversations.setUps != 1 || f.reloads != 1 || f.audit.last().Params != "setup=done&field=relay" {
		t.Errorf("after setting up: relay %q, %d set-ups, %d reloads, audit %+v", c.Relay, f.conversations.setUps, f.reloads, f.audit.last())
	}
}

func TestPerson_Availability(t *testing.T) {
	f := newFixture(t, nil)
	f.get("root", "/console/people/person?id=bob").check(t, http.StatusOK, nil, "Available for new conversations")
	f.conversations.on = true
	f.get("root", "/console/people/person?id=bob").check(t, http.StatusOK, []string{"Not available", "Make available"})
	f.post("root", "/console/people/person", "id", "bob", "do", "available", "available", "on").check(t, http.StatusSeeOther, nil)
	if e := f.audit.last(); e.Params != audit.AvailableOn || e.Subject != "bob" {
		t.Errorf("audit entry = %+v", e)
	}
	f.get("root", "/console/people/person?id=bob").check(t, http.StatusOK, []string{"Make unavailable"})
	f.get("root", "/console/people/person?id=root").check(t, http.StatusOK, nil, "Available for new conversations")
}
