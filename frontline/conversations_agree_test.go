package frontline_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"
	"github.com/twilio/twilio-go/client"

	"github.com/clientele-project/clientele/frontline"
)

// clientOf returns a client of a handler, without a network in between. The oracle checks
// the signature of every request without a repeated name.
func clientOf(t *testing.T, h http.Handler) *frontline.Client {
	t.Helper()
	const address = "http://example.com/callback?x=%2f"
	c, err := frontline.NewClient(address, frontline.ClientOptions{
		AuthToken: func() string { return token },
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			clone := r.Clone(r.Context())
			clone.Body, _ = r.GetBody()
			if err := clone.ParseForm(); err != nil {
				return nil, err
			}
			single := map[string]string{}
			for name, values := range clone.PostForm {
				single[name] = values[0]
				if len(values) > 1 {
					single = nil
					break
				}
			}
			oracle := client.NewRequestValidator(token)
			if single != nil && !oracle.Validate(address, single, r.Header.Get(frontline.SignatureHeader)) {
				t.Errorf("the oracle refuses our signature of %q", single)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Result(), nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// clean makes any string one that can be sent.
func clean(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "0") }

// cleaned cleans the fields of a request, all of which are strings, and fills the required
// ones.
func cleaned[T any](req T, required ...string) T {
	v := reflect.ValueOf(&req).Elem()
	for i := range v.NumField() {
		v.Field(i).SetString(clean(v.Field(i).String()))
	}
	for _, name := range required {
		f := v.FieldByName(name)
		f.SetString("x" + f.String())
	}
	return req
}

// What a client sends, a handler reads, whatever the strings.
func TestConversationClients_AgreeWithHandlers(t *testing.T) {
	s := &conversations{address: "+1"}
	outgoing, templates, router, events := s.handlers()
	toOutgoing, toTemplates, toRouter, toEvents := clientOf(t, outgoing), clientOf(t, templates), clientOf(t, router), clientOf(t, events)
	same := func(want any, err error) bool { return err == nil && cmp.Equal(want, s.got) }
	for name, property := range map[string]any{
		"ProxyAddress": func(req frontline.ProxyAddressRequest) bool {
			req = cleaned(req, "Worker", "CustomerID")
			_, err := toOutgoing.ProxyAddress(t.Context(), req)
			return same(req, err)
		},
		"Templates": func(req frontline.TemplatesRequest, content, sid, variables string, approved bool) bool {
			req = cleaned(req, "Worker", "CustomerID")
			s.categories = []frontline.TemplateCategory{{DisplayName: clean(sid), Templates: []frontline.Template{{Content: "x" + clean(content), WhatsAppApproved: approved, ContentSID: clean(sid), ContentVariables: clean(variables)}}}}
			got, err := toTemplates.Templates(t.Context(), req)
			return same(req, err) && cmp.Equal(s.categories, got)
		},
		"Route": func(req frontline.RouteRequest) bool {
			req = cleaned(req, "ConversationSID")
			return same(req, toRouter.Route(t.Context(), req))
		},
		"ConversationEvent": func(name, value, body, author, attributes, address, other string) bool {
			params := url.Values{
				"EventType": {"onMessageAdded"}, "Body": {clean(body)}, "Author": {clean(author)}, "Attributes": {clean(attributes)},
				"MessagingBinding.Address": {clean(address), clean(other)}, "X" + clean(name): {clean(value)},
			}
			if len(address)%2 == 0 {
				params.Del("MessagingBinding.Address") // so that the oracle checks some
			}
			s.change = frontline.ConversationChange{FriendlyName: clean(author), Attributes: clean(attributes)}
			change, err := toEvents.ConversationEvent(t.Context(), frontline.ConversationEvent{Params: params})
			if err != nil || change != s.change {
				return false
			}
			// A relayed event is the same event.
			first := s.got.(frontline.ConversationEvent)
			_, err = toEvents.ConversationEvent(t.Context(), first)
			return same(first, err) && first.Body == params.Get("Body") && first.Author == params.Get("Author") &&
				first.Attributes == params.Get("Attributes") && len(first.Params) == len(params)
		},
	} {
		if err := quick.Check(property, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzConversationHandlers sends any body: the response is JSON and no 5xx, and the
// signature of a body that net/url parses is checked as net/url reads it.
func FuzzConversationHandlers(f *testing.F) {
	for _, body := range []string{"", proxyBody, templatesBody + "&ConversationSid=CH1", routeBody + "&MessagingBinding.Address=1&MessagingBinding.Address=0", eventBody + "&Index=99999999999&ErrorCode=x&DateCreated=2026-01-02T03:04:05Z&Media=%5B", eventBody + "&Body=%zz"} {
		f.Add(body)
	}
	outgoing, templates, router, events := (&conversations{address: "+1"}).handlers()
	f.Fuzz(func(t *testing.T, body string) {
		_, err := url.ParseQuery(body)
		for _, h := range []http.Handler{outgoing, templates, router, events} {
			w := respond(h, body)
			if w.Code >= 500 || w.Body.Len() == 0 || err == nil && w.Code == 403 {
				t.Fatalf("POST %q: status %d, %s", body, w.Code, w.Body)
			}
			if w.Code != 200 {
				errorOf(t, w)
			}
		}
	})
}
