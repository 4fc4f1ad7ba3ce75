package mask

import (
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

func TestHasBase64Number(t *testing.T) {
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		for _, before := range []string{"", "+", "a:", "Contact", "\xfb\xff\xbf\x03", `{"p":"`, "??>>"} {
			for _, behind := range []string{"", "x", "\"}", "\xff\xff\xff"} {
				for _, digits := range []string{"5557048", "15557048291", "0000000", "9999999"} {
					for _, around := range []string{"", "wamid.", "id-", "/c/", "abc"} {
						if s := around + e.EncodeToString([]byte(before+digits+behind)); !hasBase64Number(s) {
							t.Fatalf("hasBase64Number(%q) = false, want true: it encodes %q", s, before+digits+behind)
						}
					}
				}
			}
		}
	}
	for _, s := range []string{
		"", "MTIz", "MTIzNDU2", base64.StdEncoding.EncodeToString([]byte("555-704 8")), "crm-1005", "550e8400-e29b-41d4-a716-446655440000",
		"0031x00000abcDEFGAA", strings.Repeat("MTI!", 99), strings.Repeat("A", 99) + "MTIz", "https://example.com/customers/anna?tab=notes#top",
	} {
		if hasBase64Number(s) {
			t.Errorf("hasBase64Number(%q) = true, want false", s)
		}
	}
	random := rand.NewChaCha8([32]byte{})
	bytes := make([]byte, 300_000)
	_, _ = random.Read(bytes)
	if hasBase64Number(base64.StdEncoding.EncodeToString(bytes)) {
		t.Error("hasBase64Number of random bytes = true, want false")
	}
}

func TestCRM_MasksBase64InIDsAndLinks(t *testing.T) {
	id := base64.StdEncoding.EncodeToString([]byte("Contact:+15557048291"))
	b := &fakeCRM{customers: []frontline.Customer{{
		ID: id, DisplayName: "Bobby", Channels: []frontline.Channel{{Type: "sms", Value: "+15557048291"}},
		Links: []frontline.Link{
			{DisplayName: "open", Value: "https://x.example/c/" + id}, {DisplayName: "state", Value: "https://x.example/?s=" + strings.ReplaceAll(id, "M", "%4D")},
			{DisplayName: "other", Value: "https://x.example/c/Q29udGFjdDpib2JieQ=="},
		},
	}}}
	m := newMaskCRM(b, nil)
	list, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann"})
	if err != nil || !strings.HasPrefix(list.Customers[0].ID, handlePrefix) {
		t.Fatalf("CustomersList = %+v, %v, want a handle as id", list.Customers, err)
	}
	got, err := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ann", CustomerID: list.Customers[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "", "https://x.example/c/Q29udGFjdDpib2JieQ=="} {
		if link := got.Customer.Links[i]; link.Value != want {
			t.Errorf("link %q = %q, want %q", link.DisplayName, link.Value, want)
		}
	}
	calls := len(b.detailsIDs)
	if _, err := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ann", CustomerID: id}); !errors.Is(err, frontline.ErrNotFound) || len(b.detailsIDs) != calls {
		t.Errorf("CustomerDetails by plain id: %v, want ErrNotFound without a call", err)
	}
}

func FuzzHasBase64Number(f *testing.F) {
	f.Add("MTU1NTcwNDk3ODY=")
	f.Add("abcMTU1NTcwNDk3ODYxyz%4D")
	f.Fuzz(func(t *testing.T, s string) {
		hasBase64Number(s)
		if !hasBase64Number(base64.RawURLEncoding.EncodeToString([]byte("5557048" + s))) {
			t.Fatalf("hasBase64Number of a number before %q = false", s)
		}
	})
}
