package sample

import (
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// The workers of the demo.
const (
	Alice = "alice"
	Bob   = "bob"
	Carol = "carol"
)

// demoCustomers and demoSeed define the generated customers of the demo.
const (
	demoCustomers = 420
	demoSeed      = 7
)

// Demo returns the customers of `clientele demo`, in order of ID: a few hundred for Alice,
// Bob and Carol, some shared, some Everyone's, a few unassigned. Number "1" is Alice's
// Bobby S. of the reference text.
func Demo() []customer.Customer {
	featured := featuredCustomers()
	all := slices.Collect(Customers(demoCustomers, demoSeed, demoOwners))
	for i, c := range featured {
		c.ID = all[i].ID
		if c.Workers == nil {
			c.Workers = []string{Alice}
		}
		all[i] = c
	}
	return all
}

// demoOwners assigns about half of all customers to Alice, and shares some.
func demoOwners(i int) []string {
	switch i % 20 {
	case 0, 1, 2, 3, 4, 5, 6, 7, 8:
		return []string{Alice}
	case 9, 10, 11, 12:
		return []string{Bob}
	case 13, 14, 15:
		return []string{Carol}
	case 16:
		return []string{Alice, Bob}
	case 17:
		return []string{Bob, Carol}
	case 18:
		return []string{customer.Everyone}
	}
	if i%60 == 19 {
		return nil
	}
	return []string{Alice, Bob, Carol}
}

// featuredCustomers returns hand-written customers: Bobby S. of the reference text, and
// cases that a list should handle.
func featuredCustomers() []customer.Customer {
	sms := func(v string) customer.Channel { return customer.Channel{Type: "sms", Value: v} }
	whatsApp := func(v string) customer.Channel {
		return customer.Channel{Type: "whatsapp", Value: text.WhatsAppPrefix + v}
	}
	mail := func(v string) customer.Channel { return customer.Channel{Type: "email", Value: v} }
	return []customer.Customer{
		{
			Name:     "Bobby S.",
			Channels: []customer.Channel{sms("+123456789"), whatsApp("+123456789"), mail("bobby@example.com")},
			Links:    []customer.Link{{Type: "Salesforce", Value: "https://crm.example.com/people/1", DisplayName: "Full profile"}},
			Details: customer.Detail{Title: "Purchase history",
				Content: "Product: Unobtanium\nQuantity: 1000 units\nSales rep: Jessie Robinson"},
		},
		{
			Name: "Aisha Tanaka", Company: "Skylark Travel", JobTitle: "Area manager",
			Channels: []customer.Channel{sms("+12025550114"), whatsApp("+12025550114"), sms("+442079460958"), mail("aisha.tanaka@example.org")},
			Details:  customer.Detail{Title: "Notes", Content: "Mobile first, office after six.\nRenewal is due in March."},
		},
		{Name: "Åsa Øvergård", Company: "Fernhill AB", Channels: []customer.Channel{mail("asa@example.org")}},
		{Name: "Björn Kowalski", Channels: []customer.Channel{sms("+447700900123")}},
		{Name: "Carlos Fischer", Company: "Lindenhof GmbH", Channels: []customer.Channel{sms("+13125550142"), mail("carlos.fischer@example.com")}},
		{Name: "Çelik Şahin", Channels: []customer.Channel{whatsApp("+447700900456")}},
		{Name: "Chloé Dubois-Lafontaine de la Cruz y Santa Coloma de Montecristo", Company: "Papaya S.A.",
			Channels: []customer.Channel{sms("+15145550177"), mail("chloe@example.org")}},
		{Name: "Dina Martin", Company: "Old Mill Bakery", JobTitle: "Owner"}, // no channels
		{Name: "王小龙", Company: "Kestrel Logistics", Channels: []customer.Channel{sms("+16045550133")}},
		{Name: "ليلى منصور", Company: "Lantern Books", Channels: []customer.Channel{whatsApp("+447700900789"), mail("layla@example.org")}},
		{Name: "🌻 Sunflower Desk", Company: "Sunrise Foods", Channels: []customer.Channel{mail("desk@example.com")},
			Workers: []string{customer.Everyone}},
	}
}
