package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi/fakeapitest"
	"github.com/clientele-project/clientele/internal/conversation/rest"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/settings"
)

// messagingServer is a server over HTTP with the worker ada, her customer Bobby S., and a
// messaging service that posts its webhooks there.
type messagingServer struct {
	*testServer
	api *fakeapitest.API
	url string
	log syncBuffer
}

func newMessagingServer(t *testing.T, change func(*settings.Conversations)) *messagingServer {
	t.Helper()
	m := &messagingServer{}
	api, config := newTestConversations(fakeapi.Options{})
	m.api = api
	m.testServer = newTestServer(t, func(c *Config) {
		c.Conversations, c.AuthToken, c.Logger = config, "our token", slog.New(slog.NewTextHandler(&m.log, nil))
	})
	m.add(t, "ada", account.RoleWorker)
	m.add(t, "eve", account.RoleWorker)
	m.put(t, customer.Customer{ID: "C-1", Name: "Bobby S.", Workers: []string{"ada"}, Channels: []customer.Channel{{Type: "sms", Value: "(555) 704-0102"}}})
	if change != nil {
		if _, _, err := m.live.settings.SaveConversations(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	templates := settings.Templates{Categories: []settings.TemplateCategory{
		{Name: "Openers", Templates: []settings.Template{{Text: "Hello {{customer}}, {{worker}} here."}}},
		{Name: "Answers", Templates: []settings.Template{{Text: "{{worker}} here."}, {Text: "Hello Bobby", ContentSID: "HX" + strings.Repeat("0a", 16), Variables: map[string]string{"1": "{{customer first name}}"}}}},
	}}
	if _, _, err := m.live.settings.SaveTemplates(t.Context(), func(s *settings.Templates) { *s = templates }); err != nil {
		t.Fatal(err)
	}
	m.start(t)
	site := httptest.NewServer(m.handler)
	t.Cleanup(site.Close)
	m.url = site.URL
	client := m.conversations.live.Load().client
	err := client.SetWebhooks(t.Context(), rest.Webhooks{ServiceSID: testService, PreURL: site.URL + ConversationsPath, PostURL: site.URL + ConversationsPath,
		Method: "POST", Filters: neededEvents})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// waitFor waits until a page of ada's contains a text.
func (m *messagingServer) waitFor(t *testing.T, path, want string) string {
	t.Helper()
	var body string
	eventually(t, path+" has "+want, func() bool {
		body = m.do("ada", http.MethodGet, path, nil).Body.String()
		return strings.Contains(body, want)
	})
	return body
}

// A message of a known customer, whose number is stored in national form, comes by a signed
// webhook, and leads to Customer Details.
func TestConversations_ByWebhook(t *testing.T) {
	t.Parallel()
	m := newMessagingServer(t, nil)
	sid := m.api.Receive("+15557040102", testProxy, conversation.SMS, "Is it ready?")
	m.waitFor(t, "/conversations", `data-conversation="`+sid+`"`)
	body := m.waitFor(t, "/conversations/"+sid, "Is it ready?")
	for _, want := range []string{"Bobby S.", `href="/customers/C-1"`} {
		if !strings.Contains(body, want) {
			t.Errorf("GET /conversations/%s: no %q", sid, want)
		}
	}
	for _, path := range []string{"/conversations/" + sid, "/conversations/" + sid + "/templates"} {
		if w := m.do("eve", http.MethodGet, path, nil); w.Code != http.StatusNotFound {
			t.Errorf("GET %s by eve: status %d, want 404", path, w.Code)
		}
	}
}

func TestConversations_Callbacks(t *testing.T) {
	t.Parallel()
	m := newMessagingServer(t, nil)
	client := func(path, token string) *frontline.Client {
		c, err := frontline.NewClient(m.url+path, frontline.ClientOptions{AuthToken: func() string { return token }})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	status := func(err error) int {
		failed := new(frontline.CallbackError)
		if errors.As(err, &failed) {
			return failed.Status
		}
		return 0
	}
	event := frontline.ConversationEvent{Params: url.Values{"EventType": {frontline.EventConversationAdd}, "MessagingBinding.Address": {"whatsapp:+15557040102"}, "Attributes": {`{"a":1}`}}}
	for token, want := range map[string]int{"account token": 0, "our token": 0, "another token": http.StatusForbidden, "": http.StatusForbidden} {
		change, err := client(ConversationsPath, token).ConversationEvent(t.Context(), event)
		if got := status(err); got != want || want == 0 && (err != nil || change.FriendlyName != "Bobby S.") {
			t.Errorf("ConversationEvent signed with %q = %+v, %v, want status %d", token, change, err, want)
		}
	}
	outgoing := client(OutgoingPath, "our token")
	proxy, err := outgoing.ProxyAddress(t.Context(), frontline.ProxyAddressRequest{Worker: "ada", CustomerID: "C-1", ChannelType: "whatsapp", ChannelValue: "whatsapp:+15557040102"})
	if proxy != "whatsapp:"+testProxy || err != nil {
		t.Errorf("ProxyAddress = %q, %v", proxy, err)
	}
	if _, err := outgoing.ProxyAddress(t.Context(), frontline.ProxyAddressRequest{Worker: "eve", CustomerID: "C-1", ChannelType: "sms", ChannelValue: "+15557040102"}); !errors.Is(err, frontline.ErrForbidden) {
		t.Errorf("ProxyAddress of eve: %v, want ErrForbidden", err)
	}
	templates := client(TemplatesPath, "our token")
	all, err := templates.Templates(t.Context(), frontline.TemplatesRequest{Worker: "ada", CustomerID: "C-1"})
	if err != nil || len(all) != 2 || all[0].Templates[0].Content != "Hello Bobby S., ada here." {
		t.Errorf("Templates = %+v, %v", all, err)
	}
	if _, err := templates.Templates(t.Context(), frontline.TemplatesRequest{Worker: "eve", CustomerID: "C-1"}); !errors.Is(err, frontline.ErrNotFound) {
		t.Errorf("Templates of eve: %v, want ErrNotFound", err)
	}
	all, err = m.conversations.forWorker(t.Context(), frontline.TemplatesRequest{Worker: "ada"})
	if err != nil || len(all) != 1 || len(all[0].Templates) != 1 || all[0].Templates[0].Content != "ada here." {
		t.Errorf("templates without a customer = %+v, %v, want the one that needs no name", all, err)
	}
	m.api.SetWebhookFault(fakeapitest.WebhooksLost)
	sid := m.api.Receive("+15557040102", testProxy, conversation.SMS, "Hello")
	if err := client(RoutingPath, "account token").Route(t.Context(), frontline.RouteRequest{ConversationSID: sid, Address: "+15557040102"}); err != nil {
		t.Errorf("Route: %v", err)
	}
	m.waitFor(t, "/conversations", sid)
}

// ownService is the company's own service, which handled the webhooks before.
type ownService struct {
	events atomic.Int32
	fails  atomic.Bool
}

func (o *ownService) ConversationEvent(_ context.Context, e frontline.ConversationEvent) (frontline.ConversationChange, error) {
	o.events.Add(1)
	if o.fails.Load() {
		return frontline.ConversationChange{}, errors.New("broken")
	}
	if e.Type == frontline.EventConversationAdd {
		return frontline.ConversationChange{FriendlyName: "Theirs"}, nil
	}
	return frontline.ConversationChange{}, nil
}

func TestConversations_Relay(t *testing.T) {
	t.Parallel()
	own := &ownService{}
	site := httptest.NewServer(frontline.NewConversationsHandler(own, frontline.HandlerOptions{AuthTokens: func() []string { return []string{"account token"} }}))
	defer site.Close()
	m := newMessagingServer(t, func(c *settings.Conversations) { c.Relay = site.URL + "/webhook?x=1" })
	nameOf := func(sid string) string {
		c, err := m.conversations.live.Load().client.Conversation(t.Context(), sid)
		if err != nil {
			t.Fatal(err)
		}
		return c.Name
	}
	first := m.api.Receive("+15557040102", testProxy, conversation.SMS, "Hello")
	if got := nameOf(first); got != "Theirs" {
		t.Errorf("name of the conversation = %q, want that of the company's own service", got)
	}
	eventually(t, "the own service got all events", func() bool { return own.events.Load() >= 4 })
	own.fails.Store(true)
	second := m.api.Receive("+15557040102", testProxy, conversation.WhatsApp, "Hello")
	if got := nameOf(second); got != "Bobby S." {
		t.Errorf("name of the conversation while the company's own service fails = %q, want ours", got)
	}
	m.waitFor(t, "/conversations", second)
	m.conversations.calls.rate.SetBurst(0)
	m.api.Receive("+15557040177", testProxy, conversation.SMS, "Hello")
	if log, want := m.log.String(), `was not relayed" type=onConversationAdd error="callback error 48004: dropped: too many calls`; !strings.Contains(log, want) {
		t.Errorf("log of an event beyond the limit of calls: %s, want %q", log, want)
	}
}

// Another process, such as a command, reassigns the customer: the conversation goes along.
func TestConversations_FollowTheCustomer(t *testing.T) {
	t.Parallel()
	m := newMessagingServer(t, nil)
	sid := m.api.Receive("+15557040102", testProxy, conversation.SMS, "Hello")
	m.waitFor(t, "/conversations", sid)
	m.put(t, customer.Customer{ID: "C-1", Name: "Bobby S.", Workers: []string{"eve"}, Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}}})
	m.conversations.follow(t.Context())
	if body := m.do("eve", http.MethodGet, "/conversations", nil).Body.String(); !strings.Contains(body, sid) {
		t.Error("eve, who has the customer now, has no conversation")
	}
	if w := m.do("ada", http.MethodGet, "/conversations/"+sid, nil); w.Code != http.StatusNotFound {
		t.Errorf("GET of the conversation by ada: status %d, want 404", w.Code)
	}
}

// What workers wrote does not stay in the database.
func TestServer_ForgetsOutgoingMessages(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	store := s.config.DB.Conversations()
	for id, age := range map[string]time.Duration{"old": outgoingLife + time.Hour, "new": outgoingLife - time.Hour} {
		if _, _, err := store.BeginSend(t.Context(), conversation.Outgoing{ClientID: id, SID: "CH1", Worker: "ada", At: time.Now().Add(-age)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := store.Outgoing(t.Context(), "CH1"); err != nil || len(left) != 1 || left[0].ClientID != "new" {
		t.Errorf("Outgoing() after maintain() = %+v, %v, want the new one", left, err)
	}
}
