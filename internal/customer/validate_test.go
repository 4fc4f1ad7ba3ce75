package customer

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// validCustomer returns a customer that Validate accepts.
func validCustomer() Customer {
	return Customer{
		ID: "00x/ü #1", Name: "Bobby", Company: "Stark", JobTitle: "CEO",
		Channels: []Channel{{"sms", "+15555930101"}, {"whatsapp", "whatsapp:+15555930101"}, {"email", "b@example.com"}, {"chat", "b"}},
		Links:    []Link{{"CRM", "https://example.com", "Profile"}},
		Details:  Detail{"Notes", "lines\nand lines"},
		Avatar:   "https://example.com/b.png",
		Workers:  []string{"*", "ann"},
	}
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		change func(c *Customer)
		reason string // "" when valid
	}{
		"a full customer":                    {func(c *Customer) {}, ""},
		"a bare one":                         {func(c *Customer) { *c = Customer{ID: "1", Name: "A"} }, ""},
		"an id of 512 bytes":                 {func(c *Customer) { c.ID = strings.Repeat("i", 512) }, ""},
		"an id of 513 bytes":                 {func(c *Customer) { c.ID = strings.Repeat("i", 513) }, "the id is longer than 512 bytes"},
		"no id":                              {func(c *Customer) { c.ID = "" }, "the id is empty"},
		"an id of invalid UTF-8":             {func(c *Customer) { c.ID = "\xff" }, "the id is not valid UTF-8"},
		"an id with a NUL":                   {func(c *Customer) { c.ID = "a\x00b" }, "the id contains a NUL character"},
		"no name":                            {func(c *Customer) { c.Name = "" }, "the name is empty"},
		"a blank name":                       {func(c *Customer) { c.Name = " \t\u00a0\u3000" }, "the name is empty"},
		"a name with a NUL":                  {func(c *Customer) { c.Name = "a\x00" }, "the name contains a NUL character"},
		"a name of 5,000 characters":         {func(c *Customer) { c.Name = strings.Repeat("ñ", 5000) }, ""},
		"notes of invalid UTF-8":             {func(c *Customer) { c.Details.Content = "a\xc3" }, "the notes text is not valid UTF-8"},
		"an unknown type of channel":         {func(c *Customer) { c.Channels[0].Type = "fax" }, `the channel type "fax" is unknown: use sms, whatsapp, email, or chat`},
		"a channel type of invalid UTF-8":    {func(c *Customer) { c.Channels[0].Type = "\xff" }, "a channel type is unknown: use sms, whatsapp, email, or chat"},
		"a channel without an address":       {func(c *Customer) { c.Channels[2].Value = " " }, "the email channel has no number or address"},
		"a channel address of invalid UTF-8": {func(c *Customer) { c.Channels[2].Value = "\xff" }, "a channel's address is not valid UTF-8"},
		"a link with a NUL":                  {func(c *Customer) { c.Links[0].Value = "\x00" }, "a link contains a NUL character"},
		"a relative avatar URL":              {func(c *Customer) { c.Avatar = "/b.png" }, "the avatar URL isn't a full http or https URL"},
		"a data URL as avatar":               {func(c *Customer) { c.Avatar = "data:image/png;base64,AA" }, "the avatar URL isn't a full http or https URL"},
		"a malformed avatar URL":             {func(c *Customer) { c.Avatar = "https://%zz" }, "the avatar URL isn't a full http or https URL"},
		"a worker without identity":          {func(c *Customer) { c.Workers = []string{""} }, "a worker's identity is empty"},
		"a worker with a very long identity": {func(c *Customer) { c.Workers = []string{strings.Repeat("w", 513)} }, "a worker's identity is longer than 512 bytes"},
		"a worker identity with 0x01":        {func(c *Customer) { c.Workers = []string{"a\x01b"} }, "a worker's identity contains the control character 0x01"},
		"a worker identity of invalid UTF-8": {func(c *Customer) { c.Workers = []string{"\xff"} }, "a worker's identity is not valid UTF-8"},
		"notes of 60 KiB":                    {func(c *Customer) { c.Details.Content = strings.Repeat("x", 60<<10) }, "the customer is too large: 61 KiB, the limit is 48 KiB"},
	} {
		customer := validCustomer()
		c.change(&customer)
		err := Validate(customer)
		got := ""
		var invalid *InvalidError
		if errors.As(err, &invalid) {
			got = invalid.Reason
		} else if err != nil {
			t.Errorf("Validate(%s) = %v, want an InvalidError", name, err)
		}
		if got != c.reason {
			t.Errorf("Validate(%s) = %q, want %q", name, got, c.reason)
		}
	}
}

// TestValidate_MaxWireBytes compares the largest accepted customer with its JSON.
func TestValidate_MaxWireBytes(t *testing.T) {
	for _, char := range []string{"x", "ñ", "\n", "<", "\u2028", "\x01"} {
		accepted := 0
		for n := 1; ; n += 97 {
			c := Customer{ID: "1", Name: "A", Company: "Stark", Details: Detail{Title: "T", Content: strings.Repeat(char, n)}}
			if Validate(c) != nil {
				break
			}
			accepted = n
		}
		b, err := json.Marshal(map[string]any{"customer_id": "1", "display_name": "A",
			"details": map[string]string{"title": "T", "content": "Stark\n" + strings.Repeat(char, accepted)}})
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > MaxWireBytes || len(b) < MaxWireBytes-97*6-1 {
			t.Errorf("Validate accepts at most %d bytes of %q, want just under %d", len(b), char, MaxWireBytes)
		}
	}
}

func TestCustomer_FreeText(t *testing.T) {
	for name, c := range map[string]struct {
		in   Customer
		want Detail
	}{
		"nothing":       {Customer{}, Detail{}},
		"a title alone": {Customer{Details: Detail{Title: "T"}}, Detail{Title: "T"}},
		"notes":         {Customer{Details: Detail{Content: "n"}}, Detail{"Details", "n"}},
		"a company":     {Customer{Company: "Stark"}, Detail{"Details", "Stark"}},
		"a job":         {Customer{JobTitle: "CEO", Details: Detail{"T", ""}}, Detail{"T", "CEO"}},
		"all":           {Customer{JobTitle: "CEO", Company: "Stark", Details: Detail{"T", "a\nb"}}, Detail{"T", "CEO, Stark\na\nb"}},
	} {
		if got := c.in.FreeText(); got != c.want {
			t.Errorf("FreeText() of %s = %+v, want %+v", name, got, c.want)
		}
	}
}

func TestContactKeys(t *testing.T) {
	got := ContactKeys(Customer{Channels: []Channel{
		{"whatsapp", "whatsapp:+15555930101"}, {"sms", "+15555930101"}, {"sms", "(020) 7946-0018"}, {"sms", "+44 20 7946 0018 ext"},
		{"email", " Ann@Example.COM "}, {"email", "ann@example.com"}, {"chat", "ann"}, {"sms", "n/a"}, {"sms", "1234"}, {"sms", "+1234"}, {"sms", "٠٢٠٧٩٤٦٠٠١٨"},
	}})
	want := []string{"+15555930101", "02079460018", "442079460018", "ann@example.com"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ContactKeys() (-want +got):\n%s", diff)
	}
}
