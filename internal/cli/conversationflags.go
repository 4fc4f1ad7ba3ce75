package cli

import (
	"errors"
	"net/url"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/server"
	"github.com/clientele-project/clientele/internal/settings"
)

// conversationFlags say which messaging service conversations use, whatever the console says.
type conversationFlags struct {
	api    string
	values map[string]*string // by the names of the settings
}

func (f *flags) conversations() *conversationFlags {
	c := &conversationFlags{values: make(map[string]*string)}
	f.StringVar(&c.api, "conversations-api", "", "the base `URL` of the messaging service's API (default: the public one)")
	for _, flag := range []struct{ setting, usage string }{
		{"account_sid", "use this account (`SID`) of the messaging service, whatever the console says"},
		{"auth_token", "the `TOKEN` of that account, which verifies its webhooks"},
		{"api_key", "call the messaging service with this API key (`SID`), not with the auth token"},
		{"api_secret", "the `SECRET` of the API key"},
		{"service_sid", "use the conversations of this service (`SID`) (default: the account's default one)"},
		{"sms", "write text messages from this `NUMBER` of the company, such as +15557040102"},
		{"whatsapp", "write WhatsApp messages from this `NUMBER` of the company"},
	} {
		c.values[flag.setting] = f.String(server.ConversationFlag(flag.setting), "", flag.usage)
	}
	return c
}

// config returns what the flags say, or refuses values that cannot be used. It does not
// repeat them.
func (c *conversationFlags) config() (server.ConversationsConfig, error) {
	config := server.ConversationsConfig{API: c.api, Fixed: settings.Conversations{
		AccountSID: *c.values["account_sid"], AuthToken: *c.values["auth_token"], APIKey: *c.values["api_key"], APISecret: *c.values["api_secret"],
		ServiceSID: *c.values["service_sid"], SMS: settings.ProxyAddresses{Default: *c.values["sms"]},
		WhatsApp: settings.ProxyAddresses{Default: *c.values["whatsapp"]}, Fallback: settings.FallbackNone,
	}}
	if c.api != "" {
		if err := frontline.CheckCallbackURL(c.api); err != nil {
			return config, usageErrorf("--conversations-api: %v", err)
		}
		if u, err := url.Parse(c.api); err != nil || u.Scheme != "https" && !outbound.IsLoopbackHost(u.Hostname()) || strings.Contains(c.api, "?") {
			return config, usageErrorf("--conversations-api: use an https URL without a query, because requests carry the account's credentials")
		}
	}
	err := config.Fixed.Normalize()
	if invalid, ok := errors.AsType[*settings.InvalidError](err); ok {
		return config, usageErrorf("--%s: %s", server.ConversationFlag(invalid.Field), invalid.Reason)
	}
	return config, err
}
