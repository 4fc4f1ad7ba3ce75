package mask

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

func TestCustomersList_RemovesDigitsFromQuery(t *testing.T) {
	for _, tt := range []struct {
		query, sent       string
		external, builtIn frontline.DigitSearch
	}{
		{"bobby", "bobby", frontline.DigitsSearched, frontline.DigitsSearched},
		{"", "", frontline.DigitsSearched, frontline.DigitsSearched},
		{"bob4567", "bob", frontline.DigitsLeftOut, frontline.DigitsLeftOut},
		{"bobby1990@example.com", "bobby @example.com", frontline.DigitsLeftOut, frontline.DigitsLeftOut},
		{"(555) 8291 - bob", "bob", frontline.DigitsLeftOut, frontline.DigitsLeftOut},
		{"anna 2nd", "anna", frontline.DigitsLeftOut, frontline.DigitsLeftOut},
		{"2nd", "nd", frontline.DigitsLeftOut, frontline.DigitsLeftOut},
		{"李4567", "李", frontline.DigitsLeftOut, frontline.DigitsLeftOut},
		{"٤٥٦٧", "", frontline.DigitsRefused, frontline.DigitsWholeOnly},
		{"４５６７", "", frontline.DigitsRefused, frontline.DigitsWholeOnly},
		{"⁸²⁹¹", "", frontline.DigitsRefused, frontline.DigitsWholeOnly},
		{"8291", "", frontline.DigitsRefused, frontline.DigitsWholeOnly},
		{"tel:8291", "", frontline.DigitsRefused, frontline.DigitsWholeOnly},
		{"1234567 %", "", frontline.DigitsRefused, frontline.DigitsWholeOnly},
		{"+1555704", "", frontline.DigitsRefused, frontline.DigitsWholeOnly},
	} {
		for _, builtIn := range []bool{false, true} {
			b := &fakeCRM{customers: []frontline.Customer{bobby()}}
			m := newMaskCRM(b, func(o *Options) { o.BuiltIn = builtIn })
			resp, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann", Query: tt.query})
			if err != nil {
				t.Fatal(err)
			}
			want := tt.external
			if builtIn {
				want = tt.builtIn
			}
			if resp.Meta.Digits != want || !resp.Meta.Masked {
				t.Errorf("query %q (built-in %v): Meta.Digits = %v, want %v", tt.query, builtIn, resp.Meta.Digits, want)
			}
			if tt.sent == "" && tt.query != "" {
				if len(b.listRequests)+len(b.detailsIDs)+len(resp.Customers) > 0 {
					t.Errorf("query %q (built-in %v): called with %+v, returned %+v, want neither", tt.query, builtIn, b.listRequests, resp.Customers)
				}
				continue
			}
			if b.listRequests[0].Query != tt.sent {
				t.Errorf("query %q is sent as %q, want %q", tt.query, b.listRequests[0].Query, tt.sent)
			}
		}
	}
}

func TestCustomersList_WholeNumber(t *testing.T) {
	customers := []frontline.Customer{
		bobby(), {ID: "2", DisplayName: "longer", Channels: []frontline.Channel{{Type: "sms", Value: "+155570482913"}}},
		{ID: "3", DisplayName: "in the name 15557048291"}, {ID: "4", DisplayName: "same", Channels: []frontline.Channel{{Type: "chat", Value: "x"}, {Type: "sms", Value: "(555) 704-8291"}}},
	}
	for _, query := range []string{"+15557048291", "(555) 704-8291", "0015557048291", "whatsapp:+1 555 704 8291", "５５５７０４８２９１"} {
		searched := 0
		m := newMaskCRM(&fakeCRM{customers: customers}, func(o *Options) {
			o.BuiltIn, o.OnNumberSearch = true, func(string) { searched++ }
		})
		for range 2 { // a reload counts once
			resp, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann", Query: query})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range resp.Customers {
				got = append(got, m.CustomerID("ann", c.ID))
			}
			if got := strings.TrimSuffix(strings.Join(got, " "), " 4"); got != "+15557048291" || resp.Meta.Digits != frontline.DigitsSearched {
				t.Errorf("query %q: found %q, Meta.Digits %v, want the exact number", query, got, resp.Meta.Digits)
			}
		}
		if searched != 1 {
			t.Errorf("query %q: %d searches reported, want 1", query, searched)
		}
	}
	m := newMaskCRM(&fakeCRM{customers: customers}, func(o *Options) { o.BuiltIn = true })
	var invalid *frontline.InvalidRequestError
	if _, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann", Query: "+15557048291", NextPageToken: "t"}); !errors.As(err, &invalid) {
		t.Errorf("second page of a number search: %v, want an InvalidRequestError", err)
	}
}

// A worker who sees all but four digits of a number has 10,000 to try.
func TestCustomersList_LimitsNumberSearches(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	b := &fakeCRM{customers: []frontline.Customer{bobby()}}
	searched := 0
	m := newMaskCRM(b, func(o *Options) {
		o.BuiltIn, o.Now, o.OnNumberSearch = true, func() time.Time { return now }, func(string) { searched++ }
	})
	guess := func(worker string, from, to int) (allowed int) {
		for i := from; i < to; i++ {
			now = now.Add(time.Second / 10)
			resp, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: worker, Query: "+1555704" + string([]byte{'0' + byte(i/1000), '0' + byte(i/100%10), '0' + byte(i/10%10), '0' + byte(i%10)})})
			if err != nil {
				t.Fatal(err)
			}
			if resp.Meta.Digits != frontline.DigitsTooOften {
				allowed++
			}
		}
		return allowed
	}
	allowed := guess("ann@example.com", 0, 10_000) // in 1,000 seconds
	if allowed != 5+5 || searched != allowed || len(b.listRequests) != allowed {
		t.Errorf("CustomersList of 10,000 guesses: %d allowed, %d reported, %d sent, want 10 each", allowed, searched, len(b.listRequests))
	}
	if n := guess("ANN@example.com", 0, 3); n != 0 {
		t.Errorf("CustomersList of the same worker in capitals: %d more guesses allowed, want 0", n)
	}
	if n := guess("bob", 0, 10); n != 5 {
		t.Errorf("CustomersList of another worker: %d guesses allowed, want 5", n)
	}
	for i := range 10_000 {
		id := "+1555704" + string([]byte{'0' + byte(i/1000), '0' + byte(i/100%10), '0' + byte(i/10%10), '0' + byte(i%10)})
		if _, err := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ann@example.com", CustomerID: id}); err != frontline.ErrNotFound {
			t.Fatalf("CustomerDetails(%s): %v, want ErrNotFound", id, err)
		}
	}
	if n := len(b.detailsIDs); n > 2 {
		t.Errorf("CustomerDetails of 10,000 guesses: %d calls of the CRM, want at most 2", n)
	}
}

func TestNumberLimit_CountsTypingOnce(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	l := numberLimit{3 * time.Minute, 1, func() time.Time { return now }, fakeHistories{}}
	for _, step := range []struct {
		number      string
		wait        time.Duration
		ok, counted bool
	}{
		{"5557048", 0, true, true}, {"55570482", time.Second, true, false}, {"5557048291", time.Second, true, false},
		{"5557048291", time.Minute, true, false}, {"5557048", time.Second, false, false}, {"5557048292", time.Second, false, false},
		{"55570482913", time.Second, false, false}, // typed too long after
		{"5557048292", 2 * time.Minute, true, true}, {"5557048291", 11 * time.Minute, true, true},
	} {
		now = now.Add(step.wait)
		if ok, counted, err := l.allow(t.Context(), "ann", step.number); ok != step.ok || counted != step.counted || err != nil {
			t.Errorf("allow(ann, %s) = %v, %v, %v, want %v, %v", step.number, ok, counted, err, step.ok, step.counted)
		}
	}
}
