package server

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/console/integration"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/rest"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/settings"
)

// ConversationFlag returns the name of the flag that fixes a setting of conversations.
func ConversationFlag(setting string) string {
	if setting == conversation.SMS || setting == conversation.WhatsApp {
		return "proxy-address-" + setting
	}
	return "conversations-" + strings.ReplaceAll(setting, "_", "-")
}

// neededEvents are the events that the messaging service must send.
var neededEvents = append([]string{frontline.EventConversationAdd}, slices.Sorted(maps.Keys(eventKinds))...)

// autoCreation is how an address begins conversations, unless a flow or a webhook of the
// company takes part.
const autoCreation = "default"

// A conversationSetup compares the configuration at the messaging service with what
// conversations need.
type conversationSetup struct {
	integration.SetupReport
	url     string // of our webhooks
	set     settings.Conversations
	client  *rest.Client
	blocked bool // the webhooks would not work
	// webhooks and addresses are what is to be set, nil for nothing.
	webhooks  *rest.Webhooks
	addresses []rest.Address
	// checkURL says why a URL of the company's own service cannot be called.
	checkURL func(url string) error
}

// setupTimeout bounds a check of the configuration.
const setupTimeout = 20 * time.Second

// CheckSetup implements integration.Conversations.
func (c *conversations) CheckSetup(ctx context.Context) integration.SetupReport {
	return c.inspect(ctx).SetupReport
}

// SetUp implements integration.Conversations.
func (c *conversations) SetUp(ctx context.Context) integration.SetupReport {
	s := c.inspect(ctx)
	if !s.CanSetUp {
		return s.SetupReport
	}
	err := s.apply(ctx)
	s = c.inspect(ctx)
	s.addError(err)
	return s.SetupReport
}

// apply sets what is missing. The webhooks come first, so that no conversation begins
// without them.
func (s *conversationSetup) apply(ctx context.Context) error {
	if s.webhooks != nil {
		if err := s.client.SetWebhooks(ctx, *s.webhooks); err != nil {
			return err
		}
	}
	for _, a := range s.addresses {
		if err := s.client.SetAddress(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (c *conversations) inspect(ctx context.Context) *conversationSetup {
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	live := c.live.Load()
	s := &conversationSetup{url: c.server.config.PublicURL + ConversationsPath, set: live.settings, client: live.client, checkURL: c.server.config.Callbacks.CheckURL}
	if s.client == nil {
		s.bad("off", "")
		return s
	}
	s.checkPublicURL(c.server.config.PublicURL)
	if s.set.AuthToken == "" {
		s.bad("token", "")
	}
	service, err := s.client.DefaultService(ctx)
	if err == nil {
		s.add("credentials", integration.FindingGood, "")
		var all []rest.Webhooks
		if all, err = s.client.Webhooks(ctx); err == nil {
			s.checkWebhooks(all)
			err = s.checkAddresses(ctx, service)
		}
	}
	s.addError(err)
	s.CanSetUp = err == nil && !s.blocked && (s.webhooks != nil || len(s.addresses) > 0)
	if !s.CanSetUp {
		s.Relay = ""
	}
	return s
}

func (s *conversationSetup) add(code string, state integration.FindingState, value string) {
	s.Findings = append(s.Findings, integration.Finding{Code: code, State: state, Value: value})
}

// bad adds what an administrator must change before the webhooks can work.
func (s *conversationSetup) bad(code, value string) {
	s.add(code, integration.FindingBad, value)
	s.blocked = true
}

// addError adds why the configuration could not be read.
func (s *conversationSetup) addError(err error) {
	refused, ok := errors.AsType[*conversation.RefusedError](err)
	switch {
	case err == nil:
	case ok && (refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden):
		s.bad("credentials.wrong", "")
	case ok:
		s.bad("refused", strconv.Itoa(cmp.Or(refused.Code, refused.Status)))
	case errors.Is(err, conversation.ErrNotFound):
		s.bad("service.unknown", s.set.ServiceSID)
	default:
		s.bad("unreachable", "")
	}
}

func (s *conversationSetup) checkPublicURL(public string) {
	switch {
	case public == "":
		s.bad("public.none", "--public-url")
	case !strings.HasPrefix(public, "https://"):
		s.bad("public.http", public)
	case outbound.CheckURL(public, outbound.Policy{}) != nil:
		s.bad("public.private", public)
	default:
		s.add("public", integration.FindingGood, public)
	}
}

// checkWebhooks checks the webhooks in effect: those of the service, or else of the
// account, which all has first.
func (s *conversationSetup) checkWebhooks(all []rest.Webhooks) {
	at := all[0]
	if last := all[len(all)-1]; last.PreURL != "" || last.PostURL != "" {
		at = last
	}
	var missing []string
	if at.PostURL != s.url {
		missing = append(missing, "PostWebhookUrl")
	}
	if at.PreURL != s.url {
		missing = append(missing, "PreWebhookUrl")
	}
	if at.Method != http.MethodPost {
		missing = append(missing, "Method=POST")
	}
	if at.Target != "" && at.Target != "webhook" {
		missing = append(missing, "Target=webhook")
	}
	filters := slices.Clone(at.Filters) // those of the company's own service stay
	for _, event := range neededEvents {
		if !slices.Contains(filters, event) {
			filters, missing = append(filters, event), append(missing, event)
		}
	}
	if len(missing) == 0 {
		s.add("webhooks", integration.FindingGood, "")
		return
	}
	s.webhooks = &rest.Webhooks{ServiceSID: s.set.ServiceSID, PreURL: s.url, PostURL: s.url, Filters: filters, Method: http.MethodPost, Target: "webhook"}
	other := cmp.Or(notOurs(at.PostURL, s.url), notOurs(at.PreURL, s.url))
	switch {
	case at.PostURL == "" && at.PreURL == "":
		s.add("webhooks.none", integration.FindingMissing, s.url)
	case other == "":
		s.add("webhooks.part", integration.FindingMissing, strings.Join(missing, ", "))
	case s.set.Relay == "" && s.checkURL(other) != nil:
		s.webhooks = nil
		s.bad("webhooks.unusable", withoutUser(other))
	case s.set.Relay != "" && s.set.Relay != other:
		s.add("webhooks.replace", integration.FindingMissing, withoutUser(other))
	default:
		s.add("webhooks.relay", integration.FindingMissing, other)
		s.Relay = other
	}
}

// withoutUser returns a URL without user and password.
func withoutUser(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

// notOurs returns raw, or "" when it is our own URL: an event relayed to this program would
// come back endlessly.
func notOurs(raw, own string) string {
	theirs, err := url.Parse(raw)
	ours, _ := url.Parse(own)
	if err == nil && ours != nil && strings.EqualFold(theirs.Host, ours.Host) && strings.TrimSuffix(theirs.Path, "/") == ours.Path {
		return ""
	}
	return raw
}

// checkAddresses checks that a message to each proxy address begins a conversation in the
// right service.
func (s *conversationSetup) checkAddresses(ctx context.Context, defaultService string) error {
	configured, err := s.client.Addresses(ctx)
	if err != nil {
		return err
	}
	found := make(map[string][]string) // addresses by code
	for channel, proxies := range map[string]settings.ProxyAddresses{conversation.SMS: s.set.SMS, conversation.WhatsApp: s.set.WhatsApp} {
		addresses := append(slices.Collect(maps.Values(proxies.Workers)), proxies.Default)
		slices.Sort(addresses)
		for _, address := range slices.Compact(addresses) {
			if address == "" {
				continue
			}
			code := s.checkAddress(channel, address, configured, defaultService)
			if channel == conversation.WhatsApp {
				address = conversation.WhatsApp + ":" + address
			}
			found[code] = append(found[code], address)
		}
	}
	if len(found) == 0 {
		s.add("address.unset", integration.FindingNote, "")
	}
	for _, code := range slices.Sorted(maps.Keys(found)) {
		state := integration.FindingMissing
		switch code {
		case "address":
			state = integration.FindingGood
		case "address.flow":
			state = integration.FindingNote
		}
		slices.Sort(found[code])
		s.add(code, state, strings.Join(found[code], ", "))
	}
	return nil
}

// checkAddress returns the code of the finding about one address, and adds what is to be
// set.
func (s *conversationSetup) checkAddress(channel, address string, configured []rest.Address, defaultService string) (code string) {
	i := slices.IndexFunc(configured, func(a rest.Address) bool { return a.Channel == channel && a.Address == address })
	want := rest.Address{Channel: channel, Address: address, AutoCreation: true, Type: autoCreation, ServiceSID: s.set.ServiceSID}
	if i < 0 {
		s.addresses = append(s.addresses, want)
		return "address.none"
	}
	at := configured[i]
	want.SID = at.SID
	switch {
	case !at.AutoCreation:
		s.addresses = append(s.addresses, want)
		return "address.off"
	case cmp.Or(at.ServiceSID, defaultService) != cmp.Or(s.set.ServiceSID, defaultService):
		want.Type, want.ServiceSID = at.Type, cmp.Or(s.set.ServiceSID, defaultService)
		s.addresses = append(s.addresses, want)
		return "address.service"
	case at.Type != autoCreation:
		return "address.flow"
	}
	return "address"
}
