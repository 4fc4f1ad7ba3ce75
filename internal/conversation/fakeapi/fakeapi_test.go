package fakeapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi/fakeapitest"
)

const (
	account  = "AC00000000000000000000000000000001"
	service  = "IS00000000000000000000000000000001"
	customer = "+15550001"
	proxy    = "+15559999"
)

func options() fakeapi.Options {
	return fakeapi.Options{AccountSID: account, AuthToken: "token", ServiceSID: service, ProxyAddresses: []string{proxy, "whatsapp:" + proxy}}
}

// call makes a request and returns the status and the body.
func call(t *testing.T, api http.RoundTripper, method, path string, form url.Values, change ...func(*http.Request)) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://api.example"+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(account, "token")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Webhook-Enabled", "true")
	if method == http.MethodGet {
		req.Header.Del("X-Twilio-Webhook-Enabled")
	}
	for _, f := range change {
		f(req)
	}
	resp, err := api.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil && resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, body
}

func TestAPI_Refuses(t *testing.T) {
	api := fakeapitest.New(options())
	sid := api.Seed(fakeapi.SeedConversation{Channel: conversation.SMS, Address: customer, ProxyAddress: proxy})
	path := "/v1/Conversations/" + sid
	bound := `{"messaging_binding":{"address":"` + customer + `","proxy_address":"` + proxy + `"}}`
	for _, tt := range []struct {
		name, method, path string
		form               url.Values
		status, code       int
	}{
		{"an unknown path", "GET", "/v1/Conversation", nil, 404, 20404},
		{"an unknown method", "DELETE", "/v1/ParticipantConversations", nil, 404, 20404},
		{"an unknown conversation", "GET", "/v1/Conversations/CH00000000000000000000000000000001", nil, 404, 20404},
		{"an unknown service", "GET", "/v1/Services/IS00000000000000000000000000000009/Conversations/" + sid, nil, 404, 20404},
		{"a SID of another kind", "GET", path + "/Messages/MB00000000000000000000000000000001", nil, 404, 20404},
		{"a parameter of another operation", "GET", path + "/Participants?Order=desc", nil, 400, 20001},
		{"a word that is none of the enum", "GET", path + "/Messages?Order=newest", nil, 400, 20001},
		{"too large a page", "GET", "/v1/ParticipantConversations?Identity=a&PageSize=51", nil, 400, 20001},
		{"an unknown page", "GET", path + "/Messages?PageToken=PT1", nil, 400, 20001},
		{"a form parameter in the query", "POST", path + "/Messages?Body=Hello", nil, 400, 20001},
		{"a repeated parameter", "POST", path + "/Messages", url.Values{"Body": {"a", "b"}}, 400, 20001},
		{"a message without content", "POST", path + "/Messages", url.Values{"Author": {"a"}}, 400, 20001},
		{"attributes that are not JSON", "POST", path + "/Messages", url.Values{"Body": {"a"}, "Attributes": {"{"}}, 400, 20001},
		{"a template of another kind", "POST", path + "/Messages", url.Values{"ContentSid": {service}}, 400, 20001},
		{"a missing parameter", "POST", "/v1/Configuration/Addresses", url.Values{"Type": {"sms"}}, 400, 20001},
		{"a header of other operations", "POST", "/v1/Configuration/Webhooks", url.Values{"Method": {"GET"}}, 400, 20001},
		{"a participant with an unknown key", "POST", "/v1/ConversationWithParticipants", url.Values{"Participant": {`{"name":"a"}`}}, 400, 20001},
		{"a participant without a binding", "POST", path + "/Participants", url.Values{"Attributes": {"{}"}}, 400, 20001},
		{"a customer with an open conversation", "POST", "/v1/ConversationWithParticipants", url.Values{"Participant": {bound}}, 409, conversation.CodeDuplicateAddresses},
	} {
		status, body := call(t, api, tt.method, tt.path, tt.form)
		if status != tt.status || body["code"] != float64(tt.code) || body["status"] != float64(tt.status) || body["message"] == "" || body["more_info"] == "" {
			t.Errorf("%s: %d %v, want status %d, code %d", tt.name, status, body, tt.status, tt.code)
		}
	}
	if status, body := call(t, api, "GET", path, nil, func(r *http.Request) { r.SetBasicAuth(account, "wrong") }); status != 401 || body["code"] != 20003.0 {
		t.Errorf("a wrong token: %d %v, want 401", status, body)
	}
}

// A receiver notes events.
type receiver struct {
	mu     sync.Mutex
	events []url.Values
}

func (r *receiver) add(e url.Values) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// take returns the types of the events so far.
func (r *receiver) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var types []string
	for _, e := range r.events {
		types = append(types, e.Get("EventType"))
	}
	r.events = nil
	return types
}

func TestAPI_Receive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got receiver
		o := options()
		o.Webhooks = fakeapitest.Webhook(func(_ context.Context, e url.Values) (int, []byte) {
			got.add(e)
			return 200, []byte(`{"friendly_name":"Bobby S.","attributes":"{\"avatar\":\"a\"}"}`)
		})
		api := fakeapitest.New(o)
		sid := api.Receive(customer, proxy, conversation.WhatsApp, "Hello", fakeapi.Media{Filename: "a.png", ContentType: "image/png", Content: []byte("pixels")})
		synctest.Wait()
		if len(got.events) != 4 {
			t.Fatalf("Receive() sent %d events, want 4", len(got.events))
		}
		for i, want := range []map[string]string{
			{"EventType": "onConversationAdd", "MessagingBinding.Address": "whatsapp:" + customer, "MessageBody": "Hello", "State": "initializing", "ConversationSid": ""},
			{"EventType": "onConversationAdded", "FriendlyName": "Bobby S.", "ConversationSid": sid},
			{"EventType": "onParticipantAdded", "MessagingBinding.ProxyAddress": "whatsapp:" + proxy, "MessagingBinding.Type": "whatsapp", "Attributes": "{}", "Identity": ""},
			{"EventType": "onMessageAdded", "Author": "whatsapp:" + customer, "Body": "Hello", "Index": "0", "Source": "WHATSAPP", "AccountSid": account, "ChatServiceSid": service},
		} {
			for name, value := range want {
				if v := got.events[i].Get(name); v != value {
					t.Errorf("event %d has %s = %q, want %q", i, name, v, value)
				}
			}
		}
		if media := got.events[3].Get("Media"); !strings.Contains(media, `"filename":"a.png"`) {
			t.Errorf("Media = %s, want the file", media)
		}
		if _, body := call(t, api, "GET", "/v1/Conversations/"+sid, nil); body["friendly_name"] != "Bobby S." || body["attributes"] != `{"avatar":"a"}` {
			t.Errorf("the conversation is %v, want what the webhook answered", body)
		}
		got.take()

		again := []string{"onMessageAdded"}
		for fault, want := range map[fakeapitest.WebhookFault][]string{
			fakeapitest.WebhooksInOrder: again, fakeapitest.WebhooksTwice: slices.Repeat(again, 2), fakeapitest.WebhooksLost: nil,
		} {
			api.SetWebhookFault(fault)
			if next := api.Receive(customer, proxy, conversation.WhatsApp, "Hello?"); next != sid {
				t.Errorf("Receive() = %s, want the open conversation %s", next, sid)
			}
			synctest.Wait()
			if types := got.take(); !slices.Equal(types, want) {
				t.Errorf("events of fault %d = %q, want %q", fault, types, want)
			}
		}
		api.SetWebhookFault(fakeapitest.WebhooksReversed)
		call(t, api, "POST", "/v1/Conversations/"+sid, url.Values{"State": {"closed"}})
		synctest.Wait()
		got.take()
		if next := api.Receive(customer, proxy, conversation.WhatsApp, "Hello!"); next == sid || next == "" {
			t.Errorf("Receive() after closing = %q, want another conversation", next)
		}
		synctest.Wait()
		if types, want := got.take(), []string{"onConversationAdd", "onMessageAdded", "onParticipantAdded", "onConversationAdded"}; !slices.Equal(types, want) {
			t.Errorf("events in the wrong order = %q, want %q", types, want)
		}
		if sid := api.Receive(customer, "+15558888", conversation.SMS, "Hello"); sid != "" {
			t.Errorf("Receive() at an address that is not configured = %q, want none", sid)
		}
		synctest.Wait()
	})
}

// Webhooks over HTTP.
func TestAPI_Webhooks(t *testing.T) {
	events := make(chan url.Values)
	var hook *httptest.Server
	hook = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		if !frontline.Verify("token", hook.URL+r.URL.Path, r.PostForm, r.Header.Get(frontline.SignatureHeader)) {
			t.Errorf("%s has a wrong signature", r.PostForm.Get("EventType"))
		}
		if r.URL.Path == "/pre" {
			io.WriteString(w, `{"friendly_name":"From the webhook"}`)
			return
		}
		events <- r.PostForm
	}))
	defer hook.Close()
	api := fakeapitest.New(options())
	configuration := url.Values{
		"PreWebhookUrl": {hook.URL + "/pre"}, "PostWebhookUrl": {hook.URL + "/post"}, "Filters": {"onConversationAdd", "onParticipantAdded", "onDeliveryUpdated"},
	}
	call(t, api, "POST", "/v1/Configuration/Webhooks", configuration, func(r *http.Request) { r.Header.Del("X-Twilio-Webhook-Enabled") })
	_, body := call(t, api, "POST", "/v1/ConversationWithParticipants", url.Values{"FriendlyName": {"Bobby S."}, "Participant": {
		`{"identity":"alice"}`, `{"messaging_binding":{"address":"` + customer + `","proxy_address":"` + proxy + `"}}`,
	}})
	if body["friendly_name"] != "From the webhook" {
		t.Errorf("friendly_name = %v, want the webhook's", body["friendly_name"])
	}
	if e := <-events; e.Get("EventType") != "onParticipantAdded" || e.Get("Identity") != "alice" {
		t.Errorf("first event = %v, want alice's", e)
	}
	if e := <-events; e.Get("MessagingBinding.Address") != customer {
		t.Errorf("second event = %v, want the customer's", e)
	}
	_, m := call(t, api, "POST", "/v1/Conversations/"+body["sid"].(string)+"/Messages", url.Values{"Author": {"alice"}, "Body": {"Hello"}})
	api.Deliver(m["sid"].(string), "failed", conversation.CodeOptedOut)
	if e := <-events; e.Get("Status") != "failed" || e.Get("ErrorCode") != "21610" || e.Get("MessageSid") != m["sid"] {
		t.Errorf("third event = %v, want the delivery", e)
	}
}

func TestAPI_StepEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got receiver
		o := options()
		o.StepEvery = time.Second
		o.Answer = "Thank you!"
		o.Webhooks = fakeapitest.Webhook(func(_ context.Context, e url.Values) (int, []byte) { got.add(e); return 200, nil })
		api := fakeapitest.New(o)
		sid := api.Seed(fakeapi.SeedConversation{Workers: []string{"alice"}, Channel: conversation.SMS, Address: customer, ProxyAddress: proxy})
		for range 2 {
			call(t, api, "POST", "/v1/Conversations/"+sid+"/Messages", url.Values{"Author": {"alice"}, "Body": {"Hello"}})
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		var states, bodies []string
		for _, e := range got.events {
			switch e.Get("EventType") {
			case "onDeliveryUpdated":
				states = append(states, e.Get("Status"))
			case "onMessageAdded":
				bodies = append(bodies, e.Get("Body"))
			}
		}
		if want := strings.Fields("sent sent delivered delivered read read"); !slices.Equal(states, want) {
			t.Errorf("deliveries = %q, want %q", states, want)
		}
		if want := []string{"Hello", "Hello", "Thank you!"}; !slices.Equal(bodies, want) {
			t.Errorf("messages = %q, want one answer: %q", bodies, want)
		}
	})
}
