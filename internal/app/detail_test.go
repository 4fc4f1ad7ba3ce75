package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

func TestDetails_ShowAllFields(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{
		ID: "1", DisplayName: "Bobby S.", Avatar: "https://tracker.example/a.png",
		Channels: []frontline.Channel{
			{Type: "sms", Value: "+15557040102"}, {Type: "whatsapp", Value: "whatsapp:+15557040102"},
			{Type: "email", Value: "bobby@example.com"}, {Type: "chat", Value: "bobby.s"}, {Type: "Fax", Value: "12-34"}, {Type: "sms", Value: " "},
		},
		Details: &frontline.Detail{Title: "Purchase history", Content: "\r\nProduct: <Unobtanium>\r\nQuantity: 1000\u2028Rep: Jessie\n\n"},
		Links: []frontline.Link{
			{Type: "Salesforce", Value: "https://example.com/p?a=1&b=2", DisplayName: "Full profile"},
			{Type: "Mail", Value: "MAILTO:rep@example.com"},
			{Type: "x", Value: "javascript:alert(1)", DisplayName: "Bad one"},
			{Type: "x", Value: "http://example.com/", DisplayName: "Bad two"},
			{Type: "x", Value: "data:text/html,x", DisplayName: "Bad three"},
			{Type: "x", Value: "https:///nohost", DisplayName: "Bad four"},
			{Type: "x", Value: "//example.com", DisplayName: "Bad five"},
			{Type: "x", Value: "\x01javascript:alert(1)", DisplayName: "Bad six"},
			{Type: "", Value: "https://example.org/x", DisplayName: ""},
		},
	})
	signedIn(t, h, "alice").get("/customers/1").must(t, http.StatusOK, []string{
		"<title>Bobby S. · Clientele</title>", `<h1 class="who"><bdi dir="auto">Bobby S.</bdi></h1>`,
		`href="sms:+15557040102"`, `href="https://wa.me/15557040102" target="_blank" rel="noopener noreferrer"`,
		`href="tel:+15557040102"`, `href="mailto:bobby@example.com"`,
		`data-channel="sms"`, `data-channel="whatsapp"`, `data-channel="email"`, `data-channel="chat"`, `data-channel="Fax"`,
		">+1 555 704 0102</bdi>", `data-copy="+15557040102"`, ">Fax</bdi>", ">12-34</bdi>",
		">Purchase history</bdi>", "Product: &lt;Unobtanium&gt;\nQuantity: 1000\nRep: Jessie</p>",
		`href="https://example.com/p?a=1&amp;b=2" rel="noopener noreferrer" target="_blank"`, "Full profile", `href="mailto:rep@example.com" rel="noopener noreferrer"`, ">example.org</bdi>",
	}, "Bad ", "javascript:", "data:text", "tracker.example", "<Unobtanium>", "<details", "whatsapp:+")
}

func TestDetails_LongLinkNamesAreCut(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	long := "https://example.com/" + strings.Repeat("b", 1500)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "Bobby S.", Links: []frontline.Link{{Type: strings.Repeat("t", 500), Value: long, DisplayName: long}}})
	signedIn(t, h, "alice").get("/customers/1").must(t, http.StatusOK, []string{`href="` + long + `"`, strings.Repeat("b", 60) + "…</bdi>", "t…</bdi>"},
		">"+long+"<", strings.Repeat("t", 100))
}

func TestDetails_HideMissingFields(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "Bobby S."})
	signedIn(t, h, "alice").get("/customers/1").must(t, http.StatusOK, []string{"Bobby S.", `tabindex="0"`},
		"<h2 id=", "data-channel", `class="actions"`, `class="card"`, "Contact", ">Details<", "Links", "sms:", "tel:", "mailto:", "wa.me", "data-copy")
}

func TestDetails_ActionsForChannels(t *testing.T) {
	for _, test := range []struct {
		name        string
		channels    []frontline.Channel
		has, hasNot []string
	}{
		{"two numbers: a menu with both", []frontline.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "sms", Value: "+447700900123"}},
			[]string{`<details class="action" name="action" data-action="message">`, "Choose a number to message", "Choose a number to call", `href="sms:+15557040102"`, `href="tel:+447700900123"`}, []string{"wa.me", "mailto:"}},
		{"one number twice: no menu", []frontline.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "sms", Value: "+1 (555) 704-0102"}},
			[]string{`<a class="action" data-action="message" href="sms:+15557040102"`}, []string{"<details"}},
		{"a WhatsApp number can be called", []frontline.Channel{{Type: "whatsapp", Value: "WhatsApp:+447700900123"}},
			[]string{"https://wa.me/447700900123", "tel:+447700900123"}, []string{"sms:", "data-action=\"message\"", ">WhatsApp:"}},
		{"a local number is not dialed", []frontline.Channel{{Type: "sms", Value: "(0171) 123 45"}, {Type: "whatsapp", Value: "whatsapp:0171 12345"}, {Type: "sms", Value: "+1 555 704 0102 / 0103"}},
			[]string{">(0171) 123 45</bdi>", `data-copy="(0171) 123 45"`, `data-copy="0171 12345"`}, []string{"sms:", "tel:", "wa.me"}},
		{"an extension is dialed, and gets no messages", []frontline.Channel{{Type: "sms", Value: "+15557040104;ext=12"}, {Type: "whatsapp", Value: "whatsapp:+1 555 704 0105 x7"}},
			[]string{`href="tel:+15557040104;ext=12"`, `href="tel:+15557040105;ext=7"`, ">+1 555 704 0104 ext. 12</bdi>"}, []string{"sms:", "wa.me"}},
		{"words are no number", []frontline.Channel{{Type: "sms", Value: "ask Bob, or 12"}, {Type: "whatsapp", Value: "whatsapp:"}},
			[]string{">ask Bob, or 12</bdi>"}, []string{"sms:", "tel:", "wa.me", `data-channel="whatsapp"`}},
		{"a number cannot add a parameter", []frontline.Channel{{Type: "sms", Value: "+15557040102?body=pay"}, {Type: "sms", Value: "+1555;phone-context=x"}},
			nil, []string{"href=\"sms:", "href=\"tel:"}},
		{"an address cannot add a header", []frontline.Channel{{Type: "email", Value: "a?bcc=evil@example.com"}, {Type: "email", Value: "a&b=%0Acc@example.com"}, {Type: "email", Value: "two@example.com, three@example.com"}},
			[]string{"mailto:a%3Fbcc%3Devil@example.com", "mailto:a%26b%3D%250Acc@example.com"}, []string{"mailto:a?", "mailto:two"}},
		{"a plus in an address stays", []frontline.Channel{{Type: "email", Value: "bob+news@example.com"}},
			[]string{"mailto:bob%2Bnews@example.com"}, nil},
		{"types in any case", []frontline.Channel{{Type: "SMS", Value: "+15557040102"}, {Type: "Email", Value: "a@example.com"}},
			[]string{"sms:+15557040102", "mailto:a@example.com", `data-channel="SMS"`, ">SMS</bdi>"}, nil},
		{"a type that is markup", []frontline.Channel{{Type: `"><img src=x>`, Value: "<i>v</i>"}},
			[]string{"&lt;i&gt;v&lt;/i&gt;"}, []string{"<img", "<i>v"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _, h, _ := newTestApp(t, nil)
			c.add("alice", frontline.Customer{ID: "1", DisplayName: "X", Channels: test.channels})
			signedIn(t, h, "alice").get("/customers/1").must(t, http.StatusOK, test.has, test.hasNot...)
		})
	}
}

func TestDetails_MaskedNumbersCannotBeCalledOrCopied(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "X", Channels: []frontline.Channel{
		{Type: "sms", Value: "+1555704XXXX"}, {Type: "whatsapp", Value: "whatsapp:+1555704XXXX"}, {Type: "email", Value: "x@example.com"}}})
	c.meta = frontline.Meta{Masked: true}
	signedIn(t, h, "alice").get("/customers/1").must(t, http.StatusOK,
		[]string{"Your company hides phone numbers.", ">+1555704XXXX</bdi>", `data-copy="x@example.com"`},
		"sms:", "tel:", "wa.me", `data-copy="+`)
}

// hostile are names with markup, control characters or excessive length.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</title><svg onload=alert(1)>`, `' onmouseover='alert(1)`, `{{.}}`, `javascript:alert(1)`,
	"abc\u202edcba", "\u2066\u2067x\u2068", "\u200f\u061cx", "a\x00b\x1b[31m", "line\nbreak\rand\u2028more", "\xff\xfe broken", strings.Repeat("W", 5000), strings.Repeat("e\u0301\u0302\u0303", 3000),
}

func TestPages_EscapeHostileNames(t *testing.T) {
	for _, name := range hostile {
		c, _, h, _ := newTestApp(t, nil)
		c.add("alice", frontline.Customer{ID: "1", DisplayName: name,
			Channels: []frontline.Channel{{Type: name, Value: name}}, Links: []frontline.Link{{Type: name, DisplayName: name, Value: "https://example.com/" + name}},
			Details: &frontline.Detail{Title: name, Content: name}})
		b := signedIn(t, h, "alice")
		for _, path := range []string{"/customers", "/customers/1", "/customers?q=a"} {
			a := b.get(path)
			a.must(t, http.StatusOK, nil, "<script>alert", "<img src=x", "<svg onload", "onmouseover='", "\u202e", "\u2066", "\u2067", "\u2068", "\u200f", "\u061c", "\x00", "\x1b", "\u2028", "\xff")
			if path == "/customers" && len(a.body) > 20_000 {
				t.Errorf("GET %s with the name %.20q: %d bytes, want at most 20,000", path, name, len(a.body))
			}
		}
	}
}
