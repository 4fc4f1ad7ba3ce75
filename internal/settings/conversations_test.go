package settings_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

var hex32 = strings.Repeat("0a", 16)

func TestService_SaveConversations(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := newService(store, key)
	none := settings.Conversations{}
	if got, err := s.Conversations(t.Context()); err != nil || cmp.Diff(none, got) != "" || got.Configured() {
		t.Errorf("Conversations() at first = %+v, %v", got, err)
	}
	before, after, err := s.SaveConversations(t.Context(), func(c *settings.Conversations) {
		c.AccountSID, c.APIKey, c.APISecret, c.ServiceSID = " AC"+hex32, "SK"+hex32, "s3cret", "IS"+hex32+"\n"
		c.SMS.Default, c.WhatsApp.Default, c.Fallback = "+1 (555) 704-0102", "whatsapp:+15557040104", settings.FallbackAvailable
		c.SetWorkerAddresses("Ada@Example.com +1 555 704 0103", anyone)
	})
	want := settings.Conversations{
		AccountSID: "AC" + hex32, APIKey: "SK" + hex32, APISecret: "s3cret", ServiceSID: "IS" + hex32,
		SMS:      settings.ProxyAddresses{Default: "+15557040102", Workers: map[string]string{"ada@example.com": "+15557040103"}},
		WhatsApp: settings.ProxyAddresses{Default: "+15557040104"},
		Fallback: settings.FallbackAvailable,
	}
	if diff := cmp.Diff(want, after, cmpopts.EquateEmpty()); diff != "" || cmp.Diff(none, before) != "" || err != nil {
		t.Errorf("SaveConversations() = before %+v, %v, after (-want +got):\n%s", before, err, diff)
	}
	if got, err := newService(store, key).Conversations(t.Context()); err != nil || cmp.Diff(want, got) != "" || !got.Configured() {
		t.Errorf("Conversations() = %+v, %v, want %+v", got, err, want)
	}
	for _, c := range []struct{ worker, channel, want string }{
		{"ADA@example.com", "sms", "+15557040103"}, {"bob", "sms", "+15557040102"}, {"ada@example.com", "whatsapp", "+15557040104"}, {"bob", "chat", ""},
	} {
		if got := after.ProxyAddress(c.worker, c.channel); got != c.want {
			t.Errorf("ProxyAddress(%s, %s) = %q, want %q", c.worker, c.channel, got, c.want)
		}
	}

	stored, _ := store.Setting(t.Context(), "conversations")
	before, after, err = s.SaveConversations(t.Context(), func(c *settings.Conversations) {})
	if again, _ := store.Setting(t.Context(), "conversations"); again != stored || err != nil || cmp.Diff(before, after) != "" {
		t.Errorf("SaveConversations() without a change wrote the setting, or failed: %v", err)
	}
	before, after, err = s.SaveConversations(t.Context(), func(c *settings.Conversations) { c.SMS.Workers["bob"] = "+15557040105" })
	if len(before.SMS.Workers) != 1 || len(after.SMS.Workers) != 2 || err != nil {
		t.Errorf("SaveConversations(bob's address) = before %v, after %v, %v", before.SMS, after.SMS, err)
	}
	if _, err := newService(store, secret.NewKey()).Conversations(t.Context()); !errors.Is(err, settings.ErrWrongKey) {
		t.Errorf("Conversations() with a lost secret file = %v, want ErrWrongKey", err)
	}
}

func TestService_SaveConversations_RefusesInvalidValues(t *testing.T) {
	s := newService(openStore(t), secret.NewKey())
	for field, change := range map[string]func(c *settings.Conversations){
		"account_sid": func(c *settings.Conversations) { c.AccountSID = "SK" + hex32 },
		"api_key":     func(c *settings.Conversations) { c.APIKey = "SKs3cret" },
		"service_sid": func(c *settings.Conversations) { c.ServiceSID = "IS" + hex32 + "0" },
		"auth_token":  func(c *settings.Conversations) { c.AuthToken = "s3cret s3cret" },
		"api_secret":  func(c *settings.Conversations) { c.APISecret = strings.Repeat("s3cret", 50) },
		"sms":         func(c *settings.Conversations) { c.SMS.Default = "(555) 704-0102 s3cret" },
	} {
		_, _, err := s.SaveConversations(t.Context(), change)
		var invalid *settings.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != field || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("SaveConversations(invalid %s) = %v, want an InvalidError of that field, without the value", field, err)
		}
	}
	if got, err := s.Conversations(t.Context()); err != nil || got.Configured() {
		t.Errorf("Conversations() after refused changes = %+v, %v", got, err)
	}
}

// Settings that an earlier build stored have a field more, and "nobody" as fallback.
func TestService_Conversations_StoredEarlier(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	sealed := key.Sealer(settings.SealerPurpose).Seal([]byte(`{"account_sid":"AC1","sms":{"default":"+15557040102","workers":{"ada@example.com":"+15557040103"}},`+
		`"fallback":"nobody","set_up_at":"2026-01-02T03:04:05Z"}`), "conversations")
	if _, err := store.ReplaceSetting(t.Context(), "conversations", "", sealed); err != nil {
		t.Fatal(err)
	}
	got, err := newService(store, key).Conversations(t.Context())
	if err != nil || got.AccountSID != "AC1" || got.SMS.Default != "+15557040102" || got.WorkerAddresses() != "ada@example.com +15557040103" {
		t.Errorf("Conversations() = %+v, %v", got, err)
	}
}

func anyone(string) bool { return true }

func TestConversations_SetWorkerAddresses(t *testing.T) {
	known := func(worker string) bool { return worker != "nobody" && !strings.HasSuffix(worker, ",") }
	for _, c := range []struct {
		lines string
		want  string // as WorkerAddresses returns them, or the problem
	}{
		{"", ""},
		{" bob  +1 555 704 0105 \r\n\r\nAda+1@Example.com +15557040103 whatsapp:+1 (555) 704-0104\n",
			"ada+1@example.com +15557040103 whatsapp:+15557040104\nbob +15557040105"},
		{"Anna Berg WhatsApp: +15557040104\nAnna Berg +15557040103", "Anna Berg +15557040103 whatsapp:+15557040104"},
		{"bob whatsapp:+15557040104 +15557040105", "bob +15557040105 whatsapp:+15557040104"},
		{"bob +15557040105\nada", "2 invalid: ada"},
		{"+15557040105", "1 invalid: +15557040105"},
		{"bob 5557040105", "1 invalid: bob 5557040105"},
		{"bob +12", "1 number: +12"},
		{"bob +15557040105 whatsapp:seven", "1 number: +15557040105 whatsapp:seven"},
		{"bob +15557040105,", "1 number: +15557040105,"},
		{"bob, +15557040105", "1 unknown: bob,"},
		{"nobody +15557040105", "1 unknown: nobody"},
		{"bob +15557040105 +15557040106", "1 twice: bob"},
		{"ada@example.com +15557040105\nADA@example.com +15557040105", "2 twice: ADA@example.com"},
	} {
		var settings settings.Conversations
		problem := settings.SetWorkerAddresses(c.lines, known)
		got := settings.WorkerAddresses()
		if problem != nil {
			got = fmt.Sprintf("%d %s: %s", problem.Line, problem.Reason, problem.Text)
		}
		if got != c.want {
			t.Errorf("SetWorkerAddresses(%q) = %q, want %q", c.lines, got, c.want)
		}
	}
}

func TestConversations_Configured(t *testing.T) {
	for _, c := range []struct {
		settings settings.Conversations
		want     bool
	}{
		{settings.Conversations{AccountSID: "AC", AuthToken: "t"}, true},
		{settings.Conversations{AccountSID: "AC", APIKey: "SK", APISecret: "s"}, true},
		{settings.Conversations{AccountSID: "AC", APIKey: "SK"}, false},
		{settings.Conversations{AuthToken: "t"}, false},
	} {
		if got := c.settings.Configured(); got != c.want {
			t.Errorf("Configured() of %+v = %v, want %v", c.settings, got, c.want)
		}
	}
}
