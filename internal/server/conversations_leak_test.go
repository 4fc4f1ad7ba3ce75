package server

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi/fakeapitest"
	"github.com/clientele-project/clientele/internal/settings"
)

const (
	testAccount = "AC0123456789abcdef0123456789abcdef"
	testService = "IS0123456789abcdef0123456789abcdef"
	testProxy   = "+15557040100"
)

// newTestConversations returns a messaging service, and the configuration of it.
func newTestConversations(o fakeapi.Options) (*fakeapitest.API, ConversationsConfig) {
	o.AccountSID, o.AuthToken, o.ServiceSID = testAccount, "account token", testService
	o.ProxyAddresses = []string{testProxy, "whatsapp:" + testProxy}
	api := fakeapitest.New(o)
	fixed := settings.Conversations{AccountSID: testAccount, AuthToken: o.AuthToken, ServiceSID: testService}
	fixed.SMS.Default, fixed.WhatsApp.Default = testProxy, testProxy
	return api, ConversationsConfig{Fixed: fixed, Transport: api}
}

// leakConversations is a messaging service in which ada has conversations with the number
// in everything, and one of a customer who is not linked.
func leakConversations() ConversationsConfig {
	api, config := newTestConversations(fakeapi.Options{})
	for _, c := range leakCustomers() {
		if strings.HasPrefix(c.ID, "plain-") {
			continue
		}
		form := c.Channels[0].Value
		body := "call " + form
		if strings.ContainsAny(form, "%&") {
			body = "call +" + leakNumber // no one writes such escapes
		}
		attributes, _ := json.Marshal(map[string]string{"customer_id": c.ID, "display_name": c.DisplayName, "avatar": "http://pictures.invalid/" + leakNumber})
		api.Seed(fakeapi.SeedConversation{
			Workers: []string{"ada"}, Channel: conversation.SMS, Address: "+" + leakNumber, ProxyAddress: testProxy, Name: c.DisplayName, Attributes: string(attributes),
			Messages: []fakeapi.SeedMessage{
				{Body: body, At: time.Now().Add(-time.Hour), Files: []fakeapi.Media{{Filename: "photo " + c.DisplayName + ".bin", ContentType: "application/pdf", Content: []byte("%PDF")}}},
				{Author: "ada", Body: body, At: time.Now(), Status: "failed", Code: conversation.CodeOptedOut},
				{Author: "program " + leakNumber, Body: body, At: time.Now()},
			},
		})
	}
	api.Seed(fakeapi.SeedConversation{Workers: []string{"ada"}, Channel: conversation.WhatsApp, Address: "+" + leakGerman, ProxyAddress: testProxy,
		Messages: []fakeapi.SeedMessage{{Body: "0171/349786", At: time.Now()}}})
	return config
}

var startForm = regexp.MustCompile(`(?s)<form[^>]*action="/conversations"[^>]*>(.*?)</form>`)

// While numbers are masked, a worker writes to a number without seeing it.
func TestMasking_StartsAConversationWithoutTheNumber(t *testing.T) {
	t.Parallel()
	l := newLeakServer(t, true, "")
	target := "/customers/" + url.PathEscape("plain-3")
	page := l.request("ada", "GET", target, "", "").Body.String()
	form := startForm.FindStringSubmatch(page)
	if form == nil {
		t.Fatalf("GET %s: no form that starts a conversation", target)
	}
	values := url.Values{}
	for _, input := range regexp.MustCompile(`<input[^>]*>|<button[^>]*>`).FindAllString(form[1], -1) {
		if name := attribute(input, "name"); name != "" {
			values.Set(name, html.UnescapeString(attribute(input, "value")))
		}
	}
	w := l.request("ada", "POST", "/conversations", "", values.Encode())
	thread := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(thread, "/conversations/CH") {
		t.Fatalf("POST /conversations %v: status %d to %q", values, w.Code, thread)
	}
	sid := strings.TrimPrefix(thread, "/conversations/")
	participants, err := l.conversations.live.Load().client.Participants(t.Context(), sid)
	if err != nil || len(participants) != 2 || participants[0].Address+participants[1].Address != "+"+leakGerman {
		t.Errorf("the conversation is with %+v, %v, want the number in full", participants, err)
	}
	l.request("ada", "GET", thread, "", "")
	if w := l.request("eve", "POST", "/conversations", "", values.Encode()); w.Code == http.StatusSeeOther {
		t.Errorf("POST /conversations by eve with ada's handles: status %d", w.Code)
	}
	for _, path := range []string{"", "/customer", "/transfer", "/templates"} {
		if w := l.request("eve", "GET", thread+path, "", ""); w.Code != http.StatusNotFound {
			t.Errorf("GET %s by eve: status %d, want 404", thread+path, w.Code)
		}
	}
	l.checkLog()
	l.responses += 150
	l.report()
}
