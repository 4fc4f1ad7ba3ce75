package customer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// findAt returns the ids of the customers at an address, as AddressKeys says.
func findAt(t testing.TB, store *store.Customers, address string) string {
	t.Helper()
	international, national := customer.AddressKeys(address)
	found, err := store.FindByContact(context.Background(), international)
	if err == nil && len(found) == 0 {
		found, err = store.FindByContact(context.Background(), national)
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(found, " ")
}

func TestAddressKeys(t *testing.T) {
	db, err := store.Open(t.Context(), sqlitetest.File(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	err = db.Customers().Update(t.Context(), func(tx customer.Tx) error {
		for id, ch := range map[string]customer.Channel{
			"us":       {Type: customer.SMS, Value: "(555) 704-0102"},
			"whatsapp": {Type: customer.WhatsApp, Value: "whatsapp:+447700900015"},
			"gb":       {Type: customer.SMS, Value: "07700 900016"},
			"de":       {Type: customer.SMS, Value: "30 123456"},
			"bare":     {Type: customer.SMS, Value: "39 06 6981 2345"},
			"br8":      {Type: customer.SMS, Value: "(11) 8765-4321"},
			"br9":      {Type: customer.WhatsApp, Value: "whatsapp:+5521987654321"},
			"mx":       {Type: customer.SMS, Value: "044 55 1234 5678"},
			"mx1":      {Type: customer.WhatsApp, Value: "whatsapp:+5213312345678"},
			"ar":       {Type: customer.SMS, Value: "0351 15 412-3456"},
			"email":    {Type: customer.Email, Value: "5557040103@example.com"},
			// Two of one number, of which one has no country.
			"sg":   {Type: customer.SMS, Value: "+6591234567"},
			"none": {Type: customer.SMS, Value: "9123 4567"},
		} {
			if err := tx.Put(t.Context(), customer.Customer{ID: id, Name: id, Channels: []customer.Channel{ch}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"+15557040102":           "us",
		"whatsapp:+15557040102":  "us",
		" 15557040102":           "us",
		"+44 7700 900015":        "whatsapp",
		"447700900015":           "whatsapp",
		"WhatsApp: 447700900016": "gb",
		"+4930123456":            "de",
		"+390669812345":          "bare",
		"whatsapp:+551187654321": "br8",
		"+5511987654321":         "br8",
		"+552187654321":          "br9",
		"+5521987654321":         "br9",
		"whatsapp:+525512345678": "mx",
		"+5215512345678":         "mx",
		"+523312345678":          "mx1",
		"+5493514123456":         "ar",
		"+543514123456":          "ar",
		"+6591234567":            "sg",
		"+4591234567":            "none",
		"+15557040103":           "",
		"messenger:15557040102":  "",
		"12345":                  "",
		"":                       "",
	} {
		if got := findAt(t, db.Customers(), address); got != want {
			t.Errorf("FindByContact(AddressKeys(%q)) = %q, want %q", address, got, want)
		}
	}
}
