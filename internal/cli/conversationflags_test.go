package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/server"
	"github.com/clientele-project/clientele/internal/settings"
)

func TestConversationFlags_FromEnvironment(t *testing.T) {
	account, service := "AC"+strings.Repeat("1a", 16), "IS"+strings.Repeat("2b", 16)
	for name, value := range map[string]string{
		"CONVERSATIONS_API": "http://127.0.0.1:1/", "CONVERSATIONS_ACCOUNT_SID": account, "CONVERSATIONS_AUTH_TOKEN": "s3cret-token",
		"CONVERSATIONS_SERVICE_SID": service, "PROXY_ADDRESS_SMS": "+1 555 704 0102",
	} {
		t.Setenv("CLIENTELE_"+name, value)
	}
	f := newFlags("serve")
	c := f.conversations()
	if _, err := f.parse([]string{"--proxy-address-whatsapp", "+15557040103"}); err != nil {
		t.Fatal(err)
	}
	err := checkConversations(c)
	want := &server.ConversationsConfig{API: "http://127.0.0.1:1/", Fixed: settings.Conversations{
		AccountSID: account, AuthToken: "s3cret-token", ServiceSID: service,
		SMS: settings.ProxyAddresses{Default: "+15557040102"}, WhatsApp: settings.ProxyAddresses{Default: "+15557040103"},
	}}
	if diff := cmp.Diff(want, c); diff != "" || err != nil {
		t.Errorf("checkConversations() = %v, flags (-want +got):\n%s", err, diff)
	}
	c.Fixed.AuthToken = "s3cret token"
	if err := checkConversations(c); err == nil || !strings.Contains(err.Error(), "--conversations-auth-token: ") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("checkConversations() with a wrong token = %v, want an error that names the flag, without the value", err)
	}
	c.Fixed.AuthToken, c.Fixed.APIKey = "", "SK"+strings.Repeat("3c", 16)
	if err := checkConversations(c); err == nil || !strings.Contains(err.Error(), "--conversations-api-secret") {
		t.Errorf("checkConversations() with a key without its secret = %v, want an error", err)
	}
}
