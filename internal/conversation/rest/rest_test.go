package rest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi/fakeapitest"
	"github.com/clientele-project/clientele/internal/conversation/rest"
)

const (
	account  = "AC00000000000000000000000000000001"
	service  = "IS00000000000000000000000000000001"
	customer = "+15550001"
	proxy    = "+15559999"
)

// A recorder notes the requests that pass.
type recorder struct {
	next     http.RoundTripper
	requests []*http.Request
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.requests = append(r.requests, req)
	return r.next.RoundTrip(req)
}

// newClient returns a client of an invented service.
func newClient(serviceSID string) (*fakeapitest.API, *rest.Client, *recorder) {
	api := fakeapitest.New(fakeapi.Options{AccountSID: account, AuthToken: "token", ServiceSID: service})
	r := &recorder{next: api}
	return api, rest.New(rest.Options{AccountSID: account, AuthToken: "token", ServiceSID: serviceSID, Transport: r}), r
}

func seed(api *fakeapitest.API, messages ...fakeapi.SeedMessage) string {
	return api.Seed(fakeapi.SeedConversation{
		Workers: []string{"alice"}, Channel: conversation.SMS, Address: customer, ProxyAddress: proxy, Name: "Bobby S.", Messages: messages,
	})
}

func TestClient_Conversation(t *testing.T) {
	for _, serviceSID := range []string{"", service} {
		_, c, r := newClient(serviceSID)
		ctx := t.Context()
		begun := conversation.NewConversation{
			Worker: "alice", Channel: conversation.WhatsApp, Address: customer, ProxyAddress: proxy, Name: "Bobby S.", Attributes: `{"customer_id":"7"}`,
		}
		started, err := c.Start(ctx, begun)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Conversation(ctx, started.SID)
		if err != nil || got != started || got.Name != "Bobby S." || got.Created.IsZero() {
			t.Errorf("Conversation() = %+v, %v, want %+v", got, err, started)
		}
		all, err := c.Participants(ctx, started.SID)
		if err != nil || len(all) != 2 {
			t.Fatalf("Participants() = %+v, %v, want two", all, err)
		}
		want := []conversation.Participant{
			{SID: all[0].SID, Identity: "alice", Attributes: "{}", LastRead: -1},
			{SID: all[1].SID, Channel: conversation.WhatsApp, Address: customer, ProxyAddress: proxy, Attributes: `{"customer_id":"7"}`, LastRead: -1},
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("Participants() differ:\n%s", diff)
		}

		sent, err := c.Send(ctx, started.SID, conversation.NewMessage{Author: "alice", Body: "Hello", Attributes: `{"client":"1"}`})
		wantSent := conversation.Message{
			SID: sent.SID, Author: "alice", ParticipantSID: all[0].SID, Body: "Hello", Attributes: `{"client":"1"}`, Created: sent.Created, Delivery: conversation.Sending,
		}
		if diff := cmp.Diff(wantSent, sent); err != nil || diff != "" {
			t.Errorf("Send() = %v, differs:\n%s", err, diff)
		}
		if got, err := c.Message(ctx, started.SID, sent.SID); err != nil || !cmp.Equal(got, sent) {
			t.Errorf("Message() = %+v, %v, want %+v", got, err, sent)
		}

		bob, err := c.AddWorker(ctx, started.SID, "bob")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetAttributes(ctx, started.SID, bob.SID, `{"a":1}`); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Participant(ctx, started.SID, bob.SID); err != nil || got.Attributes != `{"a":1}` {
			t.Errorf("Participant() = %+v, %v, want what was set", got, err)
		}
		if page, err := c.OfWorker(ctx, "bob", ""); err != nil || len(page.Conversations) != 1 || page.Conversations[0] != started || page.Next != "" {
			t.Errorf("OfWorker() = %+v, %v, want %+v", page, err, started)
		}
		if err := c.RemoveParticipant(ctx, started.SID, bob.SID); err != nil {
			t.Errorf("RemoveParticipant() = %v", err)
		}
		if page, err := c.OfWorker(ctx, "bob", ""); err != nil || len(page.Conversations) != 0 {
			t.Errorf("OfWorker() of a removed worker = %+v, %v, want none", page, err)
		}

		refusedBy := func(code int, err error) {
			t.Helper()
			refused, ok := errors.AsType[*conversation.RefusedError](err)
			if !ok || refused.Code != code || !strings.Contains(refused.Message, started.SID) {
				t.Errorf("refusal = %+v, want code %d with the conversation", err, code)
			}
		}
		_, err = c.Start(ctx, begun)
		refusedBy(conversation.CodeDuplicateAddresses, err)
		if open, err := c.OfAddress(ctx, conversation.WhatsApp, customer); err != nil || !slices.Equal(open, []string{started.SID}) {
			t.Errorf("OfAddress() = %q, %v, want %q", open, err, started.SID)
		}
		if err := c.Close(ctx, started.SID); err != nil {
			t.Errorf("Close() = %v", err)
		}
		if open, err := c.OfAddress(ctx, conversation.WhatsApp, customer); err != nil || len(open) != 0 {
			t.Errorf("OfAddress() after Close() = %q, %v, want none", open, err)
		}
		_, err = c.Send(ctx, started.SID, conversation.NewMessage{Author: "alice", Body: "More"})
		refusedBy(conversation.CodeClosed, err)

		for _, req := range r.requests {
			quiet := req.Method == http.MethodGet || strings.Contains(req.URL.Path, "/Participants/") && req.Method == http.MethodPost
			if got := req.Header.Get("X-Twilio-Webhook-Enabled"); (got == "true") == quiet {
				t.Errorf("%s %s has webhooks %q", req.Method, req.URL.Path, got)
			}
			if strings.Contains(req.URL.Path, service) != (serviceSID != "") {
				t.Errorf("%s of service %q", req.URL.Path, serviceSID)
			}
		}
	}
}

func TestClient_Messages(t *testing.T) {
	api, c, _ := newClient("")
	all := make([]fakeapi.SeedMessage, 120)
	for i := range all {
		all[i] = fakeapi.SeedMessage{Body: "Hello", At: time.Unix(int64(i), 0)}
	}
	sid := seed(api, all...)
	var indexes []int
	pages, token := 0, ""
	for {
		page, err := c.Messages(t.Context(), sid, 50, token)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			indexes = append(indexes, m.Index)
		}
		pages++
		if token = page.Next; token == "" {
			break
		}
	}
	slices.Reverse(indexes)
	if len(indexes) != 120 || pages != 3 || !slices.IsSorted(indexes) || indexes[0] != 0 || indexes[119] != 119 {
		t.Errorf("Messages() = indexes %v in %d pages, want 119 to 0 in 3", indexes, pages)
	}
	if page, err := c.Messages(t.Context(), sid, 500, ""); err != nil || len(page.Messages) != 100 {
		t.Errorf("Messages() of 500 = %d, %v, want the 100 that the API gives", len(page.Messages), err)
	}
	// A token cannot change what is asked for.
	if page, err := c.Messages(t.Context(), sid, 2, "Order=asc&PageSize=9&Page=0"); err != nil || len(page.Messages) != 2 || page.Messages[0].Index != 119 {
		t.Errorf("Messages() with a made-up token = %+v, %v, want the newest two", page, err)
	}
}

func TestClient_Participants(t *testing.T) {
	api, c, _ := newClient("")
	workers := make([]string, 120)
	for i := range workers {
		workers[i] = "worker" + string(rune('A'+i))
	}
	sid := api.Seed(fakeapi.SeedConversation{Workers: workers, Channel: conversation.SMS, Address: customer, ProxyAddress: proxy})
	all, err := c.Participants(t.Context(), sid)
	if err != nil || len(all) != 121 {
		t.Fatalf("Participants() = %d, %v, want 121", len(all), err)
	}
	const notJSON = "not JSON"
	api.SetAttributes(sid, all[0].SID, "")
	api.SetAttributes(sid, all[1].SID, notJSON)
	if all, err = c.Participants(t.Context(), sid); err != nil || all[0].Attributes != "" || all[1].Attributes != notJSON {
		t.Errorf("Participants() attributes = %q, %q, %v, want none and %q", all[0].Attributes, all[1].Attributes, err, notJSON)
	}
}

func TestClient_FailureCode(t *testing.T) {
	api, c, _ := newClient(service)
	sid := seed(api, fakeapi.SeedMessage{Author: "alice", Body: "Hello"})
	page, err := c.Messages(t.Context(), sid, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	m := page.Messages[0]
	for _, tt := range []struct {
		status string
		code   int
		want   conversation.Delivery
	}{
		{"sent", 0, conversation.Sent}, {"delivered", 0, conversation.Delivered}, {"read", 0, conversation.Read},
		{"undelivered", 63016, conversation.Undelivered}, {"failed", 21610, conversation.Failed},
	} {
		api.Deliver(m.SID, tt.status, tt.code)
		got, err := c.Message(t.Context(), sid, m.SID)
		if err != nil || got.Delivery != tt.want {
			t.Errorf("Message() after %s = delivery %v, %v, want %v", tt.status, got.Delivery, err, tt.want)
		}
		if code, err := c.FailureCode(t.Context(), sid, m.SID); err != nil || code != tt.code {
			t.Errorf("FailureCode() after %s = %d, %v, want %d", tt.status, code, err, tt.code)
		}
	}
}

func TestClient_Media(t *testing.T) {
	for _, serviceSID := range []string{"", service} {
		api, c, r := newClient(serviceSID)
		sid := seed(api, fakeapi.SeedMessage{Files: []fakeapi.Media{{Filename: "car.jpg", ContentType: "image/jpeg", Content: []byte("pixels")}}})
		page, err := c.Messages(t.Context(), sid, 1, "")
		if err != nil || len(page.Messages[0].Media) != 1 {
			t.Fatalf("Messages() = %+v, %v, want a file", page, err)
		}
		file := page.Messages[0].Media[0]
		content, err := c.Media(t.Context(), file.SID)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(content)
		content.Close()
		if err != nil || string(b) != "pixels" || content.Media != file || file.ContentType != "image/jpeg" || file.Bytes != 6 {
			t.Errorf("Media() = %+v with %q, %v, want %+v", content.Media, b, err, file)
		}
		last := r.requests[len(r.requests)-1]
		if last.URL.Host != "mcs.us1.twilio.com" || last.Header.Get("Authorization") != "" {
			t.Errorf("the file was read from %s with credentials %q, want none", last.URL.Host, last.Header.Get("Authorization"))
		}
	}
}

func TestClient_ErrInitializing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, c, _ := newClient("")
		api.SetInitializing(3 * time.Second)
		started, err := c.Start(t.Context(), conversation.NewConversation{Worker: "alice", Channel: conversation.SMS, Address: customer, ProxyAddress: proxy})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Participants(t.Context(), started.SID); !errors.Is(err, conversation.ErrInitializing) {
			t.Errorf("Participants() = %v, want ErrInitializing", err)
		}
		if _, err := c.AddWorker(t.Context(), started.SID, "bob"); !errors.Is(err, conversation.ErrInitializing) {
			t.Errorf("AddWorker() = %v, want ErrInitializing", err)
		}
		time.Sleep(3 * time.Second)
		if _, err := c.Participants(t.Context(), started.SID); err != nil {
			t.Errorf("Participants() later = %v", err)
		}
	})
}

func TestClient_ErrNotFound(t *testing.T) {
	_, c, r := newClient("")
	for _, sid := range []string{"", "..", "CH1", "CH00000000000000000000000000000001/Messages", "CH0000000000000000000000000000000?"} {
		if _, err := c.Conversation(t.Context(), sid); !errors.Is(err, conversation.ErrNotFound) {
			t.Errorf("Conversation(%q) = %v, want ErrNotFound", sid, err)
		}
	}
	if len(r.requests) != 0 {
		t.Errorf("%d requests for what is no SID", len(r.requests))
	}
	if _, err := c.Conversation(t.Context(), "CH00000000000000000000000000000001"); !errors.Is(err, conversation.ErrNotFound) {
		t.Errorf("Conversation() of an unknown one = %v, want ErrNotFound", err)
	}
}

func TestClient_Configuration(t *testing.T) {
	_, c, _ := newClient(service)
	ctx := t.Context()
	if sid, err := c.DefaultService(ctx); err != nil || sid != service {
		t.Errorf("DefaultService() = %q, %v, want %q", sid, err, service)
	}
	want := []rest.Webhooks{
		{PreURL: "https://a.example/pre", PostURL: "https://a.example/post", Filters: []string{"onMessageAdded"}, Method: "POST", Target: "webhook"},
		{ServiceSID: service, PostURL: "https://b.example", Filters: []string{"onMessageAdded", "onDeliveryUpdated"}, Method: "POST"},
	}
	for _, w := range want {
		if err := c.SetWebhooks(ctx, w); err != nil {
			t.Fatal(err)
		}
	}
	got, err := c.Webhooks(ctx)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Webhooks() = %v, differ:\n%s", err, diff)
	}

	a := rest.Address{Channel: conversation.WhatsApp, Address: proxy, AutoCreation: true, Type: "default", ServiceSID: service}
	if err := c.SetAddress(ctx, a); err != nil {
		t.Fatal(err)
	}
	all, err := c.Addresses(ctx)
	if err != nil || len(all) != 1 {
		t.Fatalf("Addresses() = %+v, %v, want one", all, err)
	}
	a.SID, a.AutoCreation = all[0].SID, false
	if err := c.SetAddress(ctx, a); err != nil {
		t.Fatal(err)
	}
	if all, err := c.Addresses(ctx); err != nil || !cmp.Equal(all, []rest.Address{a}) {
		t.Errorf("Addresses() = %+v, %v, want %+v", all, err, a)
	}
}

// dial returns a client of a real server.
func dial(address string) *rest.Client {
	return rest.New(rest.Options{BaseURL: address, AccountSID: account, AuthToken: "token", ServiceSID: service})
}

// A server that sends the client elsewhere.
func TestClient_KeepsCredentials(t *testing.T) {
	var elsewhere int
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { elsewhere++ }))
	defer other.Close()
	var queries []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		switch {
		case strings.HasSuffix(r.URL.Path, "/Participants") && r.URL.Query().Get("PageToken") == "":
			io.WriteString(w, `{"participants":[],"meta":{"next_page_url":"`+other.URL+r.URL.Path+`?PageSize=7&Page=1&PageToken=PT1"}}`)
		case strings.HasSuffix(r.URL.Path, "/Participants"):
			io.WriteString(w, `{}`)
		case strings.Contains(r.URL.Path, "/Media/"):
			io.WriteString(w, `{"links":{"content_direct_temporary":"`+other.URL+`"}}`)
		default:
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	c := dial(server.URL)
	sid := "CH00000000000000000000000000000001"
	if all, err := c.Participants(t.Context(), sid); err != nil || len(all) != 0 {
		t.Errorf("Participants() = %v, %v, want none", all, err)
	}
	if want := []string{"PageSize=100", "Page=1&PageSize=100&PageToken=PT1"}; !slices.Equal(queries, want) {
		t.Errorf("queries = %q, want %q", queries, want)
	}
	if _, err := c.Media(t.Context(), "ME00000000000000000000000000000001"); !errors.Is(err, conversation.ErrUnavailable) {
		t.Errorf("Media() elsewhere without https = %v, want ErrUnavailable", err)
	}
	for _, err := range []error{c.Close(t.Context(), sid), func() error { _, err := c.Conversation(t.Context(), sid); return err }()} {
		if refused, ok := errors.AsType[*conversation.RefusedError](err); !ok || refused.Status != http.StatusTemporaryRedirect {
			t.Errorf("a redirect is %v, want a refusal with its status", err)
		}
	}
	if elsewhere != 0 {
		t.Errorf("%d requests elsewhere", elsewhere)
	}
}

func TestClient_APIKey(t *testing.T) {
	api := fakeapitest.New(fakeapi.Options{AccountSID: account, AuthToken: "token"})
	o := rest.Options{AccountSID: account, APIKey: fakeapitest.APIKey, APISecret: fakeapitest.APISecret, Transport: api}
	if _, err := rest.New(o).DefaultService(t.Context()); err != nil {
		t.Errorf("DefaultService() with an API key = %v", err)
	}
	o.APISecret = "wrong"
	_, err := rest.New(o).DefaultService(context.Background())
	if refused, ok := errors.AsType[*conversation.RefusedError](err); !ok || refused.Status != http.StatusUnauthorized || refused.Code != 20003 {
		t.Errorf("DefaultService() with a wrong secret = %v, want status 401, code 20003", err)
	}
}
