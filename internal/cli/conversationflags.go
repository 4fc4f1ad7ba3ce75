package cli

import (
	"net/url"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/server"
)

// conversations are the flags that say which messaging service conversations use, whatever
// the console says.
func (f *flags) conversations() *server.ConversationsConfig {
	c := new(server.ConversationsConfig)
	f.StringVar(&c.API, "conversations-api", "", "the base `URL` of the messaging service's API (default: the public one)")
	usages := map[string]string{
		"account_sid": "use this account (`SID`) of the messaging service, whatever the console says",
		"auth_token":  "the `TOKEN` of that account, which verifies its webhooks",
		"api_key":     "call the messaging service with this API key (`SID`), not with the auth token",
		"api_secret":  "the `SECRET` of the API key",
		"service_sid": "use the conversations of this service (`SID`) (default: the account's default one)",
		"sms":         "write text messages from this `NUMBER` of the company, such as +15557040102",
		"whatsapp":    "write WhatsApp messages from this `NUMBER` of the company",
	}
	for _, field := range c.Fixed.Fields() {
		if field.Flag != "" {
			f.StringVar(field.Value, field.Flag, "", usages[field.Name])
		}
	}
	return c
}

// checkConversations refuses flags that cannot be used. It does not repeat their values.
func checkConversations(c *server.ConversationsConfig) error {
	if c.API != "" {
		if err := frontline.CheckCallbackURL(c.API); err != nil {
			return usageErrorf("--conversations-api: %v", err)
		}
		if u, err := url.Parse(c.API); err != nil || u.Scheme != "https" && !outbound.IsLoopbackHost(u.Hostname()) || strings.Contains(c.API, "?") {
			return usageErrorf("--conversations-api: use an https URL without a query, because requests carry the account's credentials")
		}
	}
	for _, field := range c.Fixed.Fields() {
		if err := field.Clean(); err != nil {
			return usageErrorf("--%s: %v", field.Flag, err)
		}
	}
	if (c.Fixed.APIKey == "") != (c.Fixed.APISecret == "") {
		return usageErrorf("--conversations-api-key and --conversations-api-secret: use both, or neither")
	}
	return nil
}
