package frontline_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
)

// newService starts a service with a fixed response, and returns its client and the last request body.
func newService(t *testing.T, status int, response string) (*frontline.Client, *string) {
	t.Helper()
	got := new(string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got = string(body)
		params, err := url.ParseQuery(*got)
		if err != nil || !frontline.Verify(token, "http://"+r.Host+r.URL.String(), params, r.Header.Get(frontline.SignatureHeader)) {
			t.Errorf("POST %s: no valid signature: %v", *got, err)
		}
		w.WriteHeader(status)
		io.WriteString(w, response)
	}))
	t.Cleanup(s.Close)
	c, err := frontline.NewClient(s.URL+"/x?tenant=7", frontline.ClientOptions{AuthToken: func() string { return token }})
	if err != nil {
		t.Fatal(err)
	}
	return c, got
}

func TestClient_ProxyAddress(t *testing.T) {
	const none = "callback error 48003: the response has no proxy_address"
	for response, want := range map[string]string{
		`{"proxy_address":"+15550001"}`:           "+15550001",
		`{"proxy_address":" WhatsApp:+15550001"}`: "+15550001",
		"\uFEFF{\"Proxy_Address\":\"+1\",}":       "+1",
		`{"proxy_address":15550001}`:              none,
		`{"proxy_address":"whatsapp:"}`:           none,
		`{}`:                                      none,
		``:                                        none,
		`null`:                                    none,
		`[]`:                                      none,
		`{"proxy_address":null}`:                  none,
		`<html>`:                                  "callback error 48003: the response is not JSON: invalid character '<' looking for beginning of value",
	} {
		c, got := newService(t, 200, response)
		address, err := c.ProxyAddress(t.Context(), frontline.ProxyAddressRequest{Worker: "alice", CustomerID: "7", ChannelType: "sms", ChannelValue: "+1 555"})
		if err != nil {
			address = err.Error()
		}
		if address != want {
			t.Errorf("ProxyAddress given %s = %s, want %s", response, address, want)
		}
		if sent := "Location=GetProxyAddress&Worker=alice&CustomerId=7&ChannelType=sms&ChannelValue=%2B1%20555"; *got != sent {
			t.Errorf("ProxyAddress sent %s, want %s", *got, sent)
		}
	}
	c, _ := newService(t, 200, `{"proxy_address":"+1555"}`)
	req := frontline.ProxyAddressRequest{Worker: "alice", CustomerID: "7", ChannelType: "whatsapp"}
	if address, err := c.ProxyAddress(t.Context(), req); address != "whatsapp:+1555" || err != nil {
		t.Errorf("ProxyAddress for WhatsApp given +1555 = %q, %v, want whatsapp:+1555", address, err)
	}
	c, _ = newService(t, 403, "")
	_, err := c.ProxyAddress(t.Context(), req)
	if !errors.Is(err, frontline.ErrForbidden) || codeOf(err) != frontline.CodeCallbackFailed {
		t.Errorf("ProxyAddress given status 403: error %v, want ErrForbidden with code %d", err, frontline.CodeCallbackFailed)
	}
	c, _ = newService(t, 404, "")
	_, perr := c.ProxyAddress(t.Context(), req)
	_, terr := c.Templates(t.Context(), frontline.TemplatesRequest{Worker: "alice", CustomerID: "7"})
	if perr != frontline.ErrNotFound || terr != frontline.ErrNotFound {
		t.Errorf("ProxyAddress and Templates given status 404: errors %v and %v, want ErrNotFound", perr, terr)
	}
}

func TestClient_Templates(t *testing.T) {
	for response, want := range map[string][]frontline.TemplateCategory{
		`[{"display_name":"Openers","templates":[{"content":"Hello"},{"content":"Hi","whatsAppApproved":true}]}]`: {
			{DisplayName: "Openers", Templates: []frontline.Template{{Content: "Hello"}, {Content: "Hi", WhatsAppApproved: true}}}},
		`[{"display_name":7,"templates":[{"content":" "},{"content":null},null,{"content":"x","whatsAppApproved":"yes"}],"new":1},{"templates":{}},null]`: {
			{DisplayName: "7", Templates: []frontline.Template{{Content: "x"}}}},
		`[{"Display_Name":"A","templates":[{"Content":1,"whatsappapproved":"True","CONTENTSID":"HX1","contentVariables":"{\"1\":\"b,]\"}",},]},]`: {
			{DisplayName: "A", Templates: []frontline.Template{{Content: "1", WhatsAppApproved: true, ContentSID: "HX1", ContentVariables: `{"1":"b,]"}`}}}},
		`[{"templates":[{"content":"x","whatsAppApproved":null,"contentSid":null,"contentVariables":"{}"}]}]`: {
			{Templates: []frontline.Template{{Content: "x", ContentVariables: "{}"}}}},
		`[]`:   nil,
		`null`: nil,
	} {
		c, got := newService(t, 200, response)
		all, err := c.Templates(t.Context(), frontline.TemplatesRequest{Worker: "alice", CustomerID: "7", ConversationSID: "CH1"})
		if err != nil {
			t.Errorf("Templates given %s: %v", response, err)
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("Templates given %s, -want +got:\n%s", response, diff)
		}
		if sent := "Location=GetTemplatesByCustomerId&Worker=alice&CustomerId=7&ConversationSid=CH1"; *got != sent {
			t.Errorf("Templates sent %s, want %s", *got, sent)
		}
	}
	for _, response := range []string{``, `{}`, `"x"`, `{"templates":[]}`, `[{]`} {
		c, got := newService(t, 200, response)
		_, err := c.Templates(t.Context(), frontline.TemplatesRequest{Worker: "alice", CustomerID: "7"})
		var failed *frontline.CallbackError
		if !errors.As(err, &failed) || failed.Code != frontline.CodeInvalidResponse {
			t.Errorf("Templates given %s: error %v, want code %d", response, err, frontline.CodeInvalidResponse)
		}
		if sent := "Location=GetTemplatesByCustomerId&Worker=alice&CustomerId=7"; *got != sent {
			t.Errorf("Templates sent %s, want %s", *got, sent)
		}
	}
}

func TestClient_OutgoingInvalidRequests(t *testing.T) {
	c, got := newService(t, 200, `[]`)
	for _, worker := range []string{"", "alice"} {
		id := map[string]string{"": "7", "alice": ""}[worker]
		_, perr := c.ProxyAddress(t.Context(), frontline.ProxyAddressRequest{Worker: worker, CustomerID: id})
		_, terr := c.Templates(t.Context(), frontline.TemplatesRequest{Worker: worker, CustomerID: id})
		for _, err := range []error{perr, terr} {
			var invalid *frontline.InvalidRequestError
			if !errors.As(err, &invalid) {
				t.Errorf("call with worker %q, customer %q: error %v, want an InvalidRequestError", worker, id, err)
			}
		}
	}
	if *got != "" {
		t.Errorf("invalid requests sent %s, want nothing", *got)
	}
}

// FuzzDecodeOutgoing reads any response of the callbacks around conversations: it must not
// panic, and returns something usable or an error with a code.
func FuzzDecodeOutgoing(f *testing.F) {
	for _, s := range []string{``, `null`, `{"proxy_address":"+1"}`, `[{"display_name":"a","templates":[{"content":"b","whatsAppApproved":true}]}]`, `[[]]`, `[{"templates":[7]}]`, `{"proxy_address":1e9}`, `{"friendly_name":7,"attributes":{"a":[1,]}}`, `OK`} {
		f.Add(s)
	}
	var response string
	s := roundTripper(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		fmt.Fprint(w, response)
		return w.Result(), nil
	})
	c, err := frontline.NewClient("https://example.com/", frontline.ClientOptions{Transport: s})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		response = body
		address, err := c.ProxyAddress(t.Context(), frontline.ProxyAddressRequest{Worker: "a", CustomerID: "1"})
		var failed *frontline.CallbackError
		if err == nil && address == "" || err != nil && !errors.As(err, &failed) {
			t.Errorf("ProxyAddress = %q, %v, want an address or a CallbackError", address, err)
		}
		all, err := c.Templates(t.Context(), frontline.TemplatesRequest{Worker: "a", CustomerID: "1"})
		if err != nil && !errors.As(err, &failed) {
			t.Error(err)
		}
		_, err = c.ConversationEvent(t.Context(), frontline.ConversationEvent{Params: url.Values{"EventType": {"onConversationAdd"}}})
		if err != nil && codeOf(err) != frontline.CodeInvalidResponse {
			t.Errorf("ConversationEvent: error %v, want code 48003", err)
		}
		for _, category := range all {
			if len(category.Templates) == 0 {
				t.Errorf("Templates returned %+v, a category without templates", category)
			}
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
