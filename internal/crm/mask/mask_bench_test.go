package mask

import (
	"context"
	"fmt"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/secret"
)

// fixedCRM always returns the same responses.
type fixedCRM struct {
	list    frontline.ListResponse
	details frontline.DetailsResponse
}

func (s fixedCRM) CustomersList(context.Context, frontline.ListRequest) (frontline.ListResponse, error) {
	return s.list, nil
}

func (s fixedCRM) CustomerDetails(context.Context, frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return s.details, nil
}

// BenchmarkCRM measures what masking adds to a list page and to details. Compare with
// BenchmarkMasking_Pages of internal/server, which measures the whole page.
func BenchmarkCRM(b *testing.B) {
	rows := func(id, name string) (all []frontline.Customer) {
		for i := range 30 {
			all = append(all, frontline.Customer{ID: fmt.Sprintf(id, i), DisplayName: fmt.Sprintf(name, i), Avatar: "https://example.com/a.png"})
		}
		return all
	}
	details := bobby()
	details.ID = "c-42"
	usual := frontline.Customer{
		ID: "c-42", DisplayName: "Bobby Example", Avatar: "https://example.com/a.png",
		Channels: []frontline.Channel{{Type: "sms", Value: "+15557048291"}, {Type: "whatsapp", Value: "whatsapp:+15557048291"}, {Type: "email", Value: "bobby@example.com"}},
		Links:    []frontline.Link{{Type: "CRM", Value: "https://example.com/profile", DisplayName: "Full profile"}},
		Details:  &frontline.Detail{Title: "Purchase history", Content: "Product: Unobtanium\nQuantity: 1000 units\nSales rep: Jessie Robinson"},
	}
	for _, bench := range []struct {
		name string
		on   bool
		crm  fixedCRM
	}{
		{"rows, off", false, fixedCRM{list: frontline.ListResponse{Customers: rows("c-%d", "Bobby Example %d")}}},
		{"rows", true, fixedCRM{list: frontline.ListResponse{Customers: rows("c-%d", "Bobby Example %d")}}},
		{"rows of other scripts", true, fixedCRM{list: frontline.ListResponse{Customers: rows("c-%d", "株式会社やまだ محمد José %d")}}},
		{"rows with numbers in their ids", true, fixedCRM{list: frontline.ListResponse{Customers: rows("100000%02d", "Bobby Example %d")}}},
		{"rows with numbers in their names", true, fixedCRM{list: frontline.ListResponse{Customers: rows("c-%d", "Bobby +1 555 704 82%02d")}}},
		{"details, off", false, fixedCRM{details: frontline.DetailsResponse{Customer: details}}},
		{"details", true, fixedCRM{details: frontline.DetailsResponse{Customer: usual}}},
		{"details full of numbers and escapes", true, fixedCRM{details: frontline.DetailsResponse{Customer: details}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			m := New(bench.crm, Options{On: func() bool { return bench.on }, Sealer: secret.NewKey().HandleSealer("masked")})
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if bench.crm.list.Customers != nil {
					_, err = m.CustomersList(b.Context(), frontline.ListRequest{Worker: "alice@example.com"})
				} else {
					_, err = m.CustomerDetails(b.Context(), frontline.DetailsRequest{Worker: "alice@example.com", CustomerID: "c-42"})
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
