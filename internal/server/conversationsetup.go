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
)

// neededEvents are the events that the messaging service must send.
var neededEvents = append([]string{frontline.EventConversationAdd}, slices.Sorted(maps.Keys(changesMessage))...)

// autoCreation is how an address begins conversations, unless a flow or a webhook of the
// company takes part.
const autoCreation = "default"

// setupTimeout bounds a check of the configuration.
const setupTimeout = 20 * time.Second

// A conversationSetup compares the configuration at the messaging service with what
// conversations need.
type conversationSetup struct {
	integration.SetupReport
	*liveConversations
	url      string                 // of our webhooks
	checkURL func(url string) error // says why a URL of the company's own service cannot be called
	// steps set what is missing, the webhooks first, so that no conversation begins without
	// them.
	steps []func(context.Context) error
}

// CheckSetup implements integration.Conversations.
func (c *conversations) CheckSetup(ctx context.Context) integration.SetupReport {
	return c.inspect(ctx).SetupReport
}

// SetUp implements integration.Conversations.
func (c *conversations) SetUp(ctx context.Context) integration.SetupReport {
	s := c.inspect(ctx)
	if s.State() != integration.FindingMissing {
		return s.SetupReport
	}
	var err error
	for _, step := range s.steps {
		if err = step(ctx); err != nil {
			break
		}
	}
	s = c.inspect(ctx)
	s.addError(err)
	return s.SetupReport
}

func (c *conversations) inspect(ctx context.Context) *conversationSetup {
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	public := c.server.config.PublicURL
	s := &conversationSetup{liveConversations: c.live.Load(), url: public + ConversationsPath, checkURL: c.server.config.Callbacks.CheckURL}
	if s.client == nil {
		s.add("off", integration.FindingBad, "")
		return s
	}
	if strings.HasPrefix(public, "https://") && outbound.CheckURL(public, outbound.Policy{}) == nil {
		s.add("public", integration.FindingGood, public)
	} else {
		s.add("public.none", integration.FindingBad, "--public-url")
	}
	if s.settings.AuthToken == "" {
		s.add("token", integration.FindingBad, "")
	}
	service, err := s.client.DefaultService(ctx)
	if err == nil {
		s.add("credentials", integration.FindingGood, "")
		err = s.checkWebhooks(ctx)
	}
	if err == nil {
		err = s.checkAddresses(ctx, service)
	}
	s.addError(err)
	return s
}

// add adds a finding, or its value to an earlier one with the same code.
func (s *conversationSetup) add(code string, state integration.FindingState, value string) {
	i := slices.IndexFunc(s.Findings, func(f integration.Finding) bool { return f.Code == code })
	if i >= 0 {
		s.Findings[i].Value += ", " + value
		return
	}
	s.Findings = append(s.Findings, integration.Finding{Code: code, State: state, Value: value})
}

// addError adds why the configuration could not be read or set, unless err is nil.
func (s *conversationSetup) addError(err error) {
	refused, ok := errors.AsType[*conversation.RefusedError](err)
	switch {
	case err == nil:
	case ok && (refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden):
		s.add("credentials.wrong", integration.FindingBad, "")
	case ok:
		s.add("refused", integration.FindingBad, strconv.Itoa(cmp.Or(refused.Code, refused.Status)))
	case errors.Is(err, conversation.ErrNotFound):
		s.add("service.unknown", integration.FindingBad, s.settings.ServiceSID)
	default:
		s.add("unreachable", integration.FindingBad, "")
	}
}

// checkWebhooks checks the webhooks in effect: those of the service, or else of the
// account.
func (s *conversationSetup) checkWebhooks(ctx context.Context) error {
	all, err := s.client.Webhooks(ctx)
	if err != nil {
		return err
	}
	has := all[0] // the account's
	if last := all[len(all)-1]; last.PreURL != "" || last.PostURL != "" {
		has = last
	}
	want := rest.Webhooks{ServiceSID: s.settings.ServiceSID, PreURL: s.url, PostURL: s.url, Method: http.MethodPost, Target: "webhook"}
	want.Filters = slices.Clone(has.Filters) // those of the company's own service stay
	var missing []string
	for _, setting := range []struct{ name, has, want string }{
		{"PostWebhookUrl", has.PostURL, want.PostURL},
		{"PreWebhookUrl", has.PreURL, want.PreURL},
		{"Method", has.Method, want.Method},
		{"Target", cmp.Or(has.Target, want.Target), want.Target},
	} {
		if setting.has != setting.want {
			missing = append(missing, setting.name+"="+setting.want)
		}
	}
	for _, event := range neededEvents {
		if !slices.Contains(has.Filters, event) {
			want.Filters, missing = append(want.Filters, event), append(missing, event)
		}
	}
	if len(missing) == 0 {
		s.add("webhooks", integration.FindingGood, "")
		return nil
	}
	s.steps = append(s.steps, func(ctx context.Context) error { return s.client.SetWebhooks(ctx, want) })
	other := cmp.Or(notOurs(has.PostURL, s.url), notOurs(has.PreURL, s.url))
	shown, _ := url.Parse(other)
	switch {
	case other == "":
		s.add("webhooks.part", integration.FindingMissing, strings.Join(missing, ", "))
	case s.settings.Relay != "" && s.settings.Relay != other:
		s.add("webhooks.replace", integration.FindingMissing, shown.Redacted())
	case s.checkURL(other) != nil:
		s.add("webhooks.unusable", integration.FindingBad, shown.Redacted())
	default:
		s.add("webhooks.relay", integration.FindingMissing, other)
		s.Relay = other
	}
	return nil
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
	for _, channel := range []string{conversation.SMS, conversation.WhatsApp} {
		proxies := s.settings.Proxies()[channel]
		addresses := append(slices.Collect(maps.Values(proxies.Workers)), proxies.Default)
		slices.Sort(addresses)
		for _, address := range slices.Compact(addresses) {
			if address != "" {
				s.checkAddress(channel, address, configured, defaultService)
			}
		}
	}
	if s.settings.SMS.IsZero() && s.settings.WhatsApp.IsZero() {
		s.add("address.unset", integration.FindingNote, "")
	}
	return nil
}

func (s *conversationSetup) checkAddress(channel, address string, configured []rest.Address, defaultService string) {
	var has rest.Address
	if i := slices.IndexFunc(configured, func(a rest.Address) bool { return a.Channel == channel && a.Address == address }); i >= 0 {
		has = configured[i]
		has.ServiceSID = cmp.Or(has.ServiceSID, defaultService)
	}
	want := rest.Address{SID: has.SID, Channel: channel, Address: address, AutoCreation: true, Type: autoCreation, ServiceSID: cmp.Or(s.settings.ServiceSID, defaultService)}
	if has.AutoCreation {
		want.Type = has.Type // a flow of the company stays
	}
	if channel == conversation.WhatsApp {
		address = conversation.WhatsApp + ":" + address
	}
	switch {
	case has != want:
		s.add("address.none", integration.FindingMissing, address)
		s.steps = append(s.steps, func(ctx context.Context) error { return s.client.SetAddress(ctx, want) })
	case has.Type != autoCreation:
		s.add("address.flow", integration.FindingNote, address)
	default:
		s.add("address", integration.FindingGood, address)
	}
}
