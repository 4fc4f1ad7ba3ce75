package frontline_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
)

// A Client implements all interfaces.
var _ interface {
	frontline.CRM
	frontline.Outgoing
	frontline.Templates
	frontline.Router
	frontline.Conversations
} = (*frontline.Client)(nil)

// conversations implements the interfaces around conversations: it records the last
// request, and returns what it holds.
type conversations struct {
	got        any
	address    string
	categories []frontline.TemplateCategory
	change     frontline.ConversationChange
	err        error
}

func (c *conversations) ProxyAddress(_ context.Context, req frontline.ProxyAddressRequest) (string, error) {
	c.got = req
	return c.address, c.err
}

func (c *conversations) Templates(_ context.Context, req frontline.TemplatesRequest) ([]frontline.TemplateCategory, error) {
	c.got = req
	return c.categories, c.err
}

func (c *conversations) Route(_ context.Context, req frontline.RouteRequest) error {
	c.got = req
	return c.err
}

func (c *conversations) ConversationEvent(_ context.Context, e frontline.ConversationEvent) (frontline.ConversationChange, error) {
	c.got = e
	return c.change, c.err
}

// handlers returns a handler of each callback.
func (c *conversations) handlers() (outgoing, templates, router, events http.Handler) {
	opts := frontline.HandlerOptions{AuthTokens: tokens("old", token)}
	return frontline.NewOutgoingHandler(c, opts), frontline.NewTemplatesHandler(c, opts), frontline.NewRouterHandler(c, opts), frontline.NewConversationsHandler(c, opts)
}

// respond returns the response of a handler to a signed body.
func respond(h http.Handler, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, post(body))
	return w
}

const (
	proxyBody     = "Location=GetProxyAddress&Worker=alice&CustomerId=7&ChannelType=whatsapp"
	templatesBody = "Location=GetTemplatesByCustomerId&Worker=alice&CustomerId=7"
	routeBody     = "ConversationSid=CH1&State=active"
	eventBody     = "EventType=onMessageAdded&ConversationSid=CH1"
)

func TestConversationHandlers_Refusals(t *testing.T) {
	outgoing, templates, router, events := (&conversations{address: "+1555"}).handlers()
	for _, tt := range []struct {
		handler http.Handler
		body    string
		status  int
		message string
	}{
		{outgoing, "Worker=alice", 422, "Location is missing"},
		{outgoing, templatesBody, 422, "must be GetProxyAddress"},
		{templates, "Location=GetCustomersList&Worker=alice", 422, "must be GetTemplatesByCustomerId"},
		{outgoing, "Location=GetProxyAddress&CustomerId=7", 400, "Worker is missing"},
		{templates, "Location=GetTemplatesByCustomerId&Worker=alice", 400, "CustomerId is missing"},
		{outgoing, proxyBody + "&ChannelType=sms", 400, "ChannelType must not be given twice"},
		{templates, templatesBody + "&ConversationSid=%00", 400, "NUL"},
		{outgoing, proxyBody + "&Z=Workerbob", 400, "contains the name"},
		{templates, templatesBody + "&ZWor=kerbob", 400, "contains the name"},
		{router, "State=active", 400, "ConversationSid is missing"},
		{router, routeBody + "&ConversationSid=CH2", 400, "ConversationSid must not be given twice"},
		{router, routeBody + "&Attributes=%ff", 400, "UTF-8"},
		{events, "ConversationSid=CH1", 400, "EventType is missing"},
		{events, eventBody + "&Author=a&Author=b", 400, "Author must not be given twice"},
		{events, eventBody + "&New=%00", 400, "NUL"},
		{events, eventBody + "&Body=" + strings.Repeat("x", 64<<10), 413, "64 KiB"},
	} {
		w := respond(tt.handler, tt.body)
		if code, message := errorOf(t, w); w.Code != tt.status || code != 48000 || !strings.Contains(message, tt.message) {
			t.Errorf("POST %.100s: status %d, %s, want %d, code 48000, %q", tt.body, w.Code, w.Body, tt.status, tt.message)
		}
	}
	for body, h := range map[string]http.Handler{proxyBody: outgoing, templatesBody: templates, routeBody: router, eventBody: events} {
		unsigned, get, text := post(body), post(body), post(body)
		unsigned.Header.Del(frontline.SignatureHeader)
		get.Method = "GET"
		text.Header.Set("Content-Type", "text/plain")
		for want, r := range map[int]*http.Request{403: unsigned, 405: get, 415: text, 200: post(body)} {
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != want {
				t.Errorf("%s %s of type %s: status %d, want %d", r.Method, body, r.Header.Get("Content-Type"), w.Code, want)
			}
		}
	}
}

func TestConversationHandlers_Responses(t *testing.T) {
	long := strings.Repeat("é", 300)
	for _, tt := range []struct {
		name string
		c    conversations
		want [4]string // of outgoing, templates, router and events; or the status
	}{
		{"nothing", conversations{}, [4]string{"500", "[]", "{}", "{}"}},
		{"all", conversations{
			address: "+1555",
			categories: []frontline.TemplateCategory{{DisplayName: "A", Templates: []frontline.Template{
				{Content: "Hi"}, {Content: "Hi", WhatsAppApproved: true, ContentSID: "HX1", ContentVariables: `{"1":"x"}`}}}},
			change: frontline.ConversationChange{FriendlyName: long, Attributes: "{}"},
		}, [4]string{
			`{"proxy_address":"whatsapp:+1555"}`,
			`[{"display_name":"A","templates":[{"content":"Hi","whatsAppApproved":false},{"content":"Hi","whatsAppApproved":true,"contentSid":"HX1","contentVariables":"{\"1\":\"x\"}"}]}]`,
			"{}", `{"friendly_name":"` + long[:512] + `","attributes":"{}"}`,
		}},
		{"too large", conversations{
			address:    "whatsapp:+1",
			categories: []frontline.TemplateCategory{{Templates: []frontline.Template{{Content: strings.Repeat("x", 64<<10)}}}},
			change:     frontline.ConversationChange{Attributes: strings.Repeat("x", 64<<10)},
		}, [4]string{`{"proxy_address":"whatsapp:+1"}`, "500", "{}", "500"}},
		{"forbidden", conversations{err: fmt.Errorf("x: %w", frontline.ErrForbidden)}, [4]string{"403", "500", "500", "500"}},
		{"not found", conversations{err: frontline.ErrNotFound}, [4]string{"404", "404", "404", "404"}},
		{"invalid", conversations{err: &frontline.InvalidRequestError{Reason: "r"}}, [4]string{"400", "400", "400", "400"}},
		{"another service failed", conversations{err: &frontline.CallbackError{Code: 48005}}, [4]string{"503", "503", "503", "503"}},
		{"forbidden by another service", conversations{err: &frontline.CallbackError{Code: 48004, Status: 403, Err: frontline.ErrForbidden}}, [4]string{"403", "503", "503", "503"}},
	} {
		outgoing, templates, router, events := tt.c.handlers()
		for i, w := range []*httptest.ResponseRecorder{respond(outgoing, proxyBody), respond(templates, templatesBody), respond(router, routeBody), respond(events, eventBody)} {
			got := strings.TrimSpace(w.Body.String())
			if w.Code != 200 {
				got = fmt.Sprint(w.Code)
			}
			if got != tt.want[i] {
				t.Errorf("%s, handler %d: response %s, want %s", tt.name, i, got, tt.want[i])
			}
		}
	}
}

func TestConversationsHandler_Events(t *testing.T) {
	for body, want := range map[string]frontline.ConversationEvent{
		"EventType=onMessageAdded&AccountSid=AC1&ChatServiceSid=IS1&ConversationSid=CH1&MessageSid=IM1&ParticipantSid=MB1&Index=0&Author=%2B1555" +
			"&Body=Body+and+State&Attributes=%7B%7D&DateCreated=2026-01-02T03:04:05.678Z&Source=SMS&Media=%5B%7B%22Sid%22:%22ME1%22%7D%5D&ClientIdentity=Identity&RetryCount=1": {
			Type: frontline.EventMessageAdded, ServiceSID: "IS1", ConversationSID: "CH1", MessageSID: "IM1", ParticipantSID: "MB1", Author: "+1555",
			Body: "Body and State", Attributes: "{}", DateCreated: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC), HasMedia: true},
		"EventType=onConversationAdd&MessagingBinding.Address=%2B2&MessagingBinding.Address=%2B1&MessagingBinding.Address=%2B2" +
			"&MessagingBinding.AuthorAddress=%2B2&MessagingBinding.ProxyAddress=%2B9&MessageBody=Hi&State=initializing": {
			Type: frontline.EventConversationAdd, Index: -1, Addresses: []string{"+1", "+2"}, ProxyAddress: "+9", Body: "Hi", State: "initializing"},
		"EventType=onParticipantAdded&MessagingBinding.Address=whatsapp:%2B1&Identity=": {
			Type: frontline.EventParticipantAdded, Index: -1, Addresses: []string{"whatsapp:+1"}},
		"EventType=onParticipantAdded&Identity=alice&MessagingBinding.Address=&MessagingBinding.Type=chat": {
			Type: frontline.EventParticipantAdded, Index: -1, Identity: "alice"},
		"EventType=onConversationStateUpdated&StateFrom=active&StateTo=closed": {
			Type: frontline.EventConversationStateUpdated, Index: -1, State: "closed"},
		"EventType=onDeliveryUpdated&Status=undelivered&ErrorCode=63016&Index=-7&DateCreated=now&Media=%5B%5D": {
			Type: frontline.EventDeliveryUpdated, Index: -1, Status: "undelivered", ErrorCode: 63016},
		"EventType=onSomethingNew&X=1&X=2": {Type: "onSomethingNew", Index: -1},
	} {
		c := new(conversations)
		_, _, _, events := c.handlers()
		if w := respond(events, body); w.Code != 200 || w.Body.String() != "{}\n" {
			t.Errorf("POST %s: status %d, %s, want 200 and {}", body, w.Code, w.Body)
		}
		got, _ := c.got.(frontline.ConversationEvent)
		params, _ := url.ParseQuery(body)
		for name, values := range params {
			if len(got.Params[name]) != len(values) {
				t.Errorf("POST %s: Params[%s] = %q, want %q", body, name, got.Params[name], values)
			}
		}
		got.Params = nil
		if diff := cmp.Diff(want, got, cmp.Transformer("", func(a []string) string { return strings.Join(a, " ") })); diff != "" {
			t.Errorf("POST %s, -want +got:\n%s", body, diff)
		}
	}
}

func TestClient_ConversationEventResponses(t *testing.T) {
	event := frontline.ConversationEvent{Params: url.Values{"EventType": {"onConversationAdd"}, "MessagingBinding.Address": {"+2", "+1"}}}
	for response, want := range map[string]frontline.ConversationChange{
		"": {}, "OK": {}, "null": {}, "[]": {}, "{}": {}, "<html>": {},
		`{"friendly_name":"A","attributes":"{\"avatar\":\"b\"}"}`:            {FriendlyName: "A", Attributes: `{"avatar":"b"}`},
		"\uFEFF {\"Friendly_Name\":7,\"attributes\":\"{}\",\"other\":[1,],}": {FriendlyName: "7", Attributes: "{}"},
		`{"friendly_name":null,"attributes":[]}`:                             {},
	} {
		c, got := newService(t, 200, response)
		if change, err := c.ConversationEvent(t.Context(), event); change != want || err != nil {
			t.Errorf("ConversationEvent given %s = %+v, %v, want %+v", response, change, err, want)
		}
		if want := "EventType=onConversationAdd&MessagingBinding.Address=%2B1&MessagingBinding.Address=%2B2"; *got != want {
			t.Errorf("ConversationEvent sent %s, want %s", *got, want)
		}
	}
	for _, response := range []string{`{"friendly_name":`, "{" + strings.Repeat(" ", 64<<10) + "}"} {
		c, _ := newService(t, 200, response)
		if _, err := c.ConversationEvent(t.Context(), event); codeOf(err) != frontline.CodeInvalidResponse {
			t.Errorf("ConversationEvent given %.20s: error %v, want code 48003", response, err)
		}
	}
	c, got := newService(t, 200, "")
	var invalid *frontline.InvalidRequestError
	_, err := c.ConversationEvent(t.Context(), frontline.ConversationEvent{Type: "onMessageAdded"})
	if rerr := c.Route(t.Context(), frontline.RouteRequest{}); !errors.As(err, &invalid) || !errors.As(rerr, &invalid) || *got != "" {
		t.Errorf("ConversationEvent without Params, Route without a conversation: errors %v, %v, sent %q, want InvalidRequestErrors", err, rerr, *got)
	}
}

func TestClient_RouteTimeout(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{0: frontline.RouteTimeout, time.Second: time.Second} {
		var left time.Duration
		c, err := frontline.NewClient("https://example.com/", frontline.ClientOptions{Timeout: timeout, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			deadline, _ := r.Context().Deadline()
			left = time.Until(deadline)
			return nil, errors.New("no connection")
		})})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Route(t.Context(), frontline.RouteRequest{ConversationSID: "CH1"}); codeOf(err) != frontline.CodeCallbackFailed {
			t.Errorf("Route without a connection: error %v, want code 48004", err)
		}
		if left > want || left < want-900*time.Millisecond {
			t.Errorf("Route with Timeout %v has %v, want %v", timeout, left, want)
		}
	}
}
