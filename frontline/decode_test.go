package frontline_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
)

// clientFor returns a client that always receives response.
func clientFor(t *testing.T, response string) *frontline.Client {
	t.Helper()
	c, err := frontline.NewClient("https://example.com/crm", frontline.ClientOptions{Transport: &fakeTransport{response: []byte(response)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// codeOf returns the published code of an error, 0 when it has none.
func codeOf(err error) frontline.Code {
	var failed *frontline.CallbackError
	if errors.As(err, &failed) {
		return failed.Code
	}
	return 0
}

func TestClient_ReadsListsLiberally(t *testing.T) {
	row := func(id, name string) frontline.Customer { return frontline.Customer{ID: id, DisplayName: name} }
	type page = frontline.ListResponse
	for _, tt := range []struct {
		name, response string
		want           page
	}{
		{"null is an empty list", `{"objects":{"customers":null}}`, page{}},
		{"an empty list", `{"objects":{"customers":[]}}`, page{}},
		{"an empty page with more to come", `{"objects":{"customers":[],"next_page_token":"t"}}`, page{NextPageToken: "t"}},
		{"ids as numbers", `{"objects":{"customers":[{"customer_id":7,"display_name":"A"},{"customer_id":-0.50,"display_name":"B"}]}}`,
			page{Customers: []frontline.Customer{row("7", "A"), row("-0.50", "B")}}},
		{"numbers beyond any type, digit by digit", `{"objects":{"customers":[{"customer_id":123456789012345678901234567890,"display_name":"A"},{"customer_id":1E400,"display_name":"B"}]}}`,
			page{Customers: []frontline.Customer{row("123456789012345678901234567890", "A"), row("1E400", "B")}}},
		{"a name as a number", `{"objects":{"customers":[{"customer_id":"x","display_name":42}]}}`, page{Customers: []frontline.Customer{row("x", "42")}}},
		{"a byte order mark and blanks", "\xef\xbb\xbf \r\n{\"objects\":{\"customers\":[]}}\n ", page{}},
		{"unusable rows among good ones", `{"objects":{"customers":[null,1,"x",[],{},{"customer_id":null,"display_name":"A"},{"customer_id":"","display_name":"A"},` +
			`{"customer_id":true,"display_name":"A"},{"customer_id":{"a":1},"display_name":"A"},{"customer_id":"1","display_name":"A"}]}}`,
			page{Customers: []frontline.Customer{row("1", "A")}}},
		{"rows without a name, where they came", `{"objects":{"customers":[{"customer_id":"1","display_name":"A"},{"customer_id":"2"},{"customer_id":"3","display_name":null},` +
			`{"customer_id":"4","display_name":" \t"},{"customer_id":"5","display_name":"undefined"},{"customer_id":"6","display_name":"NULL"},{"customer_id":"7","display_name":" Nullmann "}]}}`,
			page{Customers: []frontline.Customer{row("1", "A"), row("2", ""), row("3", ""), row("4", ""), row("5", ""), row("6", ""), row("7", " Nullmann ")}}},
		{"extra fields everywhere", `{"x":[1],"objects":{"worker":"w","customers":[{"customer_id":"1","display_name":"A","worker":"w","address":{"a":[]},"cpf":3,"properties":null}]}}`,
			page{Customers: []frontline.Customer{row("1", "A")}}},
		{"rows keep only the fields of a list", `{"objects":{"customers":[{"customer_id":"1","display_name":"A","avatar":"https://a.example/a","channels":[{"type":"sms","value":"+1555"}],"details":{"title":"T"}}]}}`,
			page{Customers: []frontline.Customer{{ID: "1", DisplayName: "A", Avatar: "https://a.example/a"}}}},
		{"avatars of other types", `{"objects":{"customers":[{"customer_id":"1","display_name":"A","avatar":{"url":"x"}},{"customer_id":"2","display_name":"B","avatar":5},{"customer_id":"3","display_name":"C","avatar":null}]}}`,
			page{Customers: []frontline.Customer{row("1", "A"), row("2", "B"), row("3", "C")}}},
		{"searchable", `{"objects":{"customers":[],"searchable":true}}`, page{Searchable: frontline.SearchableYes}},
		{"not searchable", `{"objects":{"customers":[],"searchable":false}}`, page{Searchable: frontline.SearchableNo}},
		{"searchable null", `{"objects":{"customers":[],"searchable":null}}`, page{}},
		{"searchable of another type", `{"objects":{"customers":[],"searchable":"true"}}`, page{}},
		{"a token as a number", `{"objects":{"customers":[],"next_page_token":12345678901234567890}}`, page{NextPageToken: "12345678901234567890"}},
		{"a null token", `{"objects":{"customers":[],"next_page_token":null}}`, page{}},
		{"an empty token", `{"objects":{"customers":[],"next_page_token":""}}`, page{}},
		{"a token of another type", `{"objects":{"customers":[],"next_page_token":{"page":2}}}`, page{}},
		{"a token that is false", `{"objects":{"customers":[],"next_page_token":false}}`, page{}},
		{"strings that are not UTF-8", "{\"objects\":{\"customers\":[{\"customer_id\":\"1\",\"display_name\":\"a\xff\\ud800\"}]}}",
			page{Customers: []frontline.Customer{row("1", "a\uFFFD\uFFFD")}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := clientFor(t, tt.response).CustomersList(context.Background(), frontline.ListRequest{Worker: "alice"})
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("CustomersList: error %v, -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestClient_RefusesUnusableLists(t *testing.T) {
	deep := strings.Repeat("[", 30000)
	for _, tt := range []struct {
		name, response string
		first, further bool // is it an error on the first page, on a further one?
	}{
		{"HTML", "<!doctype html><h1>Hello</h1>", true, true},
		{"cut short", `{"objects":{"customers":[{"customer_id":"1"`, true, true},
		{"the reference text's own mistake", `{"objects":{"customers":[{display_name:"A"}]}}`, true, true},
		{"two responses", `{"objects":{"customers":[]}}{}`, true, true},
		{"deep nesting", deep, true, true},
		{"deep nesting that closes", deep + strings.Repeat("]", 30000), true, true},
		{"over 64 KiB", `{"objects":{"customers":[]}}` + strings.Repeat(" ", frontline.MaxBodyBytes), true, true},
		{"nothing", "", true, false},
		{"blanks", " \n", true, false},
		{"null", "null", true, false},
		{"an empty object", "{}", true, false},
		{"an array", "[]", true, false},
		{"a text", `"ok"`, true, false},
		{"objects null", `{"objects":null}`, true, false},
		{"objects of another type", `{"objects":[{"customers":[]}]}`, true, false},
		{"no customers", `{"objects":{"searchable":true}}`, true, false},
		{"customers an object", `{"objects":{"customers":{"customer_id":"1","display_name":"A"}}}`, true, false},
		{"customers a text", `{"objects":{"customers":"none"}}`, true, false},
		{"no row with an id", `{"objects":{"customers":[{"customer_id":""},{"display_name":"A"}]}}`, true, false},
		{"an empty page", `{"objects":{"customers":[]}}`, false, false},
		{"exactly 64 KiB", `{"objects":{"customers":[]}}` + strings.Repeat(" ", frontline.MaxBodyBytes-28), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := clientFor(t, tt.response)
			ask := func(what string, req frontline.ListRequest, wantError bool) {
				t.Helper()
				got, err := c.CustomersList(context.Background(), req)
				if wantError && codeOf(err) != frontline.CodeInvalidResponse {
					t.Errorf("CustomersList, %s: error %v, want code 48003", what, err)
				}
				if !wantError && err != nil {
					t.Errorf("CustomersList, %s: error %v, want none", what, err)
				}
				if len(got.Customers) > 0 || got.NextPageToken != "" {
					t.Errorf("CustomersList, %s = %+v, want no customers and no token", what, got)
				}
			}
			ask("first page", frontline.ListRequest{Worker: "alice"}, tt.first)
			ask("first page of a search", frontline.ListRequest{Worker: "alice", Query: "x"}, tt.first)
			ask("page by anchor", frontline.ListRequest{Worker: "alice", Anchor: "1"}, tt.further)
			ask("page by token", frontline.ListRequest{Worker: "alice", NextPageToken: "t"}, tt.further)
		})
	}
}

// Services that filter after paging send empty pages in the middle.
func TestClient_EmptyPageWithToken(t *testing.T) {
	for _, objects := range []string{`"customers":[],`, `"customers":null,`, ``, `"customers":[{"display_name":"A"}],`} {
		c := clientFor(t, `{"objects":{`+objects+`"next_page_token":"t2"}}`)
		for _, req := range []frontline.ListRequest{{Worker: "alice", NextPageToken: "t1"}, {Worker: "alice", NextPageToken: "t2"}, {Worker: "alice", Anchor: "1"}} {
			got, err := c.CustomersList(context.Background(), req)
			if diff := cmp.Diff(frontline.ListResponse{NextPageToken: "t2"}, got); diff != "" || err != nil {
				t.Errorf("CustomersList(%+v) given {%s}: error %v, -want +got:\n%s", req, objects, err, diff)
			}
		}
	}
}

func TestClient_ReadsDetailsLiberally(t *testing.T) {
	for _, tt := range []struct {
		name, customer string
		want           frontline.Customer
	}{
		{"everything", `{"customer_id":"7","display_name":"A","channels":[{"type":"sms","value":"+1 (555) 70-40"},{"type":"whatsapp","value":"whatsapp:+1555"}],` +
			`"links":[{"type":"Site","value":"https://a.example","display_name":"D"}],"details":{"title":"T","content":"a\nb"},"avatar":"https://a.example/a.png"}`,
			frontline.Customer{ID: "7", DisplayName: "A",
				Channels: []frontline.Channel{{Type: "sms", Value: "+1 (555) 70-40"}, {Type: "whatsapp", Value: "whatsapp:+1555"}},
				Links:    []frontline.Link{{Type: "Site", Value: "https://a.example", DisplayName: "D"}},
				Details:  &frontline.Detail{Title: "T", Content: "a\nb"}, Avatar: "https://a.example/a.png"}},
		{"only a name: the id is the one asked for", `{"display_name":"A"}`, frontline.Customer{ID: "7", DisplayName: "A"}},
		{"only channels", `{"customer_id":null,"channels":[{"type":"sms","value":"+1555"}]}`,
			frontline.Customer{ID: "7", Channels: []frontline.Channel{{Type: "sms", Value: "+1555"}}}},
		{"only an id, as a number", `{"customer_id":7}`, frontline.Customer{ID: "7"}},
		{"everything else null", `{"customer_id":7,"display_name":null,"channels":null,"links":null,"details":null,"avatar":null}`, frontline.Customer{ID: "7"}},
		{"everything else empty", `{"customer_id":7,"display_name":"","channels":[],"links":[],"details":{},"avatar":""}`, frontline.Customer{ID: "7"}},
		{"everything else of a wrong type", `{"customer_id":7,"display_name":{},"channels":"+1555","links":{"a":1},"details":"text","avatar":[1]}`, frontline.Customer{ID: "7"}},
		{"a number as a number", `{"channels":[{"type":"sms","value":15557040102}]}`, frontline.Customer{ID: "7", Channels: []frontline.Channel{{Type: "sms", Value: "15557040102"}}}},
		{"bad channels and links among good ones", `{"channels":[null,5,{"type":"sms"},{"type":"sms","value":""},{"value":"+1"},{"type":null,"value":"+2"}],"links":["https://x",{"value":7},{"value":"mailto:a@b"}],"details":[]}`,
			frontline.Customer{ID: "7", Channels: []frontline.Channel{{Value: "+1"}, {Value: "+2"}}, Links: []frontline.Link{{Value: "mailto:a@b"}}}},
		{"words for nothing", `{"display_name":"undefined","channels":[{"type":"sms","value":"undefined"},{"type":"sms","value":"Null"},{"type":"whatsapp","value":"whatsapp:null"},` +
			`{"type":"sms","value":" "},{"type":"sms","value":"n/a"},{"type":"chat","value":"a@b"},{"type":"sms","value":"(٥٥٥)"}],` +
			`"links":[{"type":"Site","value":"undefined"},{"type":"Site","value":" "},{"type":"Site","value":"https://a.example/null","display_name":"Undefined"}]}`,
			frontline.Customer{ID: "7", Channels: []frontline.Channel{{Type: "chat", Value: "a@b"}, {Type: "sms", Value: "(٥٥٥)"}},
				Links: []frontline.Link{{Type: "Site", Value: "https://a.example/null"}}}},
		{"details with one half", `{"details":{"title":null,"content":5}}`, frontline.Customer{ID: "7", Details: &frontline.Detail{Content: "5"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := clientFor(t, "\xef\xbb\xbf"+`{"objects":{"customer":`+tt.customer+`,"x":1}}`).
				CustomerDetails(context.Background(), frontline.DetailsRequest{Worker: "alice", CustomerID: "7"})
			if diff := cmp.Diff(tt.want, got.Customer); diff != "" || err != nil {
				t.Errorf("CustomerDetails: error %v, -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestClient_DetailsOfAnotherCustomer(t *testing.T) {
	const short, long = "0015g00000XyZaB", "0015g00000XyZaBAA0"
	for _, tt := range []struct {
		asked, got string // the second as it is in the response
		same       bool
	}{
		{"12345678901234567890123", "12345678901234567890123", true},
		{"12345678901234567890123", `"12345678901234567890123"`, true},
		{"7", "8", false},
		{"7", `"07"`, false},
		{"a", `"A"`, false},
		{short, `"` + long + `"`, true},
		{long, `"` + short + `"`, true},
		{strings.ToUpper(short), `"` + long + `"`, false},
		{short, `"` + short + `aa0"`, false},
		{short, `"` + short + `AA9"`, false},
		{short, `"` + short + `AA"`, false},
		{long, `"` + short + `AA1"`, false},
	} {
		got, err := clientFor(t, `{"objects":{"customer":{"customer_id":`+tt.got+`,"display_name":"A"}}}`).
			CustomerDetails(context.Background(), frontline.DetailsRequest{Worker: "alice", CustomerID: tt.asked})
		switch {
		case tt.same && (err != nil || got.Customer.ID != tt.asked):
			t.Errorf("CustomerDetails(%s) given customer_id %s = %+v, %v, want the requested ID", tt.asked, tt.got, got.Customer, err)
		case !tt.same && (codeOf(err) != frontline.CodeInvalidResponse || got.Customer.ID != ""):
			t.Errorf("CustomerDetails(%s) given customer_id %s = %+v, %v, want code 48003", tt.asked, tt.got, got.Customer, err)
		}
	}
}

// An unknown customer is told by the service itself. HTML comes from what is in front of it.
func TestClient_NotFoundByStatus(t *testing.T) {
	for _, tt := range []struct {
		name, contentType, body string
		unknown                 bool
	}{
		{"JSON", "application/json", `{"error":{"message":"customer not found"}}`, true},
		{"JSON with another label", "text/html", "\xef\xbb\xbf null", true},
		{"nothing", "text/html", "", true},
		{"text", "text/plain", "Not Found", true},
		{"HTML", "text/html", "<!DOCTYPE html><h1>Tunnel not found</h1>", false},
		{"HTML with another label, much of it", "application/json", "\xef\xbb\xbf\n<html>" + strings.Repeat(" ", 1<<20), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				w.WriteHeader(http.StatusNotFound)
				io.WriteString(w, tt.body)
			}))
			defer srv.Close()
			c := newClient(t, srv.URL)
			check := func(call string, unknown bool, err error) {
				t.Helper()
				var failed *frontline.CallbackError
				errors.As(err, &failed)
				if unknown && err != frontline.ErrNotFound || !unknown && (errors.Is(err, frontline.ErrNotFound) || failed == nil || failed.Code != 48004 || failed.Status != 404) {
					t.Errorf("%s: error %v, want ErrNotFound: %v, otherwise code 48004 with status 404", call, err, unknown)
				}
			}
			_, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
			check("CustomersList", false, err)
			_, err = c.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: "t"})
			check("CustomersList by token", false, err)
			_, err = c.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: "7"})
			check("CustomerDetails", tt.unknown, err)
			_, err = c.Templates(t.Context(), frontline.TemplatesRequest{Worker: "alice", CustomerID: "7"})
			check("Templates", tt.unknown, err)
			_, err = c.ProxyAddress(t.Context(), frontline.ProxyAddressRequest{Worker: "alice", CustomerID: "7"})
			check("ProxyAddress", tt.unknown, err)
		})
	}
}

func TestClient_NotFound(t *testing.T) {
	for _, response := range []string{
		"", "\n", "null", "{}", "[]", `"not found"`, "false", `{"objects":null}`, `{"objects":{}}`, `{"objects":[]}`, `{"error":"unknown"}`,
		`{"objects":{"customer":null}}`, `{"objects":{"customer":{}}}`, `{"objects":{"customer":[]}}`, `{"objects":{"customer":""}}`,
		`{"objects":{"customer":{"customer_id":null,"display_name":null,"channels":[],"details":{"title":"","content":""}}}}`,
		`{"objects":{"customer":{"worker":"bob"}}}`,
	} {
		got, err := clientFor(t, response).CustomerDetails(context.Background(), frontline.DetailsRequest{Worker: "alice", CustomerID: "7"})
		if !errors.Is(err, frontline.ErrNotFound) {
			t.Errorf("CustomerDetails given %s = %+v, %v, want %v", response, got, err, frontline.ErrNotFound)
		}
	}
	for _, response := range []string{"<h1>Oops</h1>", `{"objects":{"customer":{`, strings.Repeat(" ", frontline.MaxBodyBytes+1)} {
		_, err := clientFor(t, response).CustomerDetails(context.Background(), frontline.DetailsRequest{Worker: "alice", CustomerID: "7"})
		if codeOf(err) != frontline.CodeInvalidResponse {
			t.Errorf("CustomerDetails given %.20s: error %v, want code 48003", response, err)
		}
	}
}
