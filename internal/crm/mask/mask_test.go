package mask

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/text"
)

// fakeCRM is a service whose customers are full of numbers; a Query finds those
// with it anywhere.
type fakeCRM struct {
	mu           sync.Mutex
	customers    []frontline.Customer
	listRequests []frontline.ListRequest
	detailsIDs   []string
	err          error
	stale        error
}

func (b *fakeCRM) CustomersList(_ context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listRequests = append(b.listRequests, req)
	if b.err != nil {
		return frontline.ListResponse{}, b.err
	}
	resp := frontline.ListResponse{Searchable: frontline.SearchableYes, Meta: frontline.Meta{Stale: b.stale}}
	for _, c := range b.customers {
		all := c.DisplayName
		for _, ch := range c.Channels {
			all += " " + ch.Value
		}
		digits := strings.TrimPrefix(text.Digits(req.Query), "00")
		if req.Query == "" || digits != "" && strings.Contains(text.Digits(all), digits) || digits == "" && strings.Contains(strings.ToLower(all), req.Query) {
			resp.Customers = append(resp.Customers, c)
		}
	}
	return resp, nil
}

func (b *fakeCRM) CustomerDetails(_ context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.detailsIDs = append(b.detailsIDs, req.CustomerID)
	if b.err != nil {
		return frontline.DetailsResponse{}, b.err
	}
	for _, c := range b.customers {
		if c.ID == req.CustomerID && req.Worker != "mallory" {
			return frontline.DetailsResponse{Customer: c, Meta: frontline.Meta{Stale: b.stale}}, nil
		}
	}
	return frontline.DetailsResponse{}, frontline.ErrNotFound
}

// newMaskCRM is a CRM around b that is on, unless change says otherwise.
func newMaskCRM(b *fakeCRM, change func(*Options)) *CRM {
	o := Options{On: func() bool { return true }, Handles: secret.NewKey().Handles("masked")}
	if change != nil {
		change(&o)
	}
	return New(b, o)
}

func bobby() frontline.Customer {
	return frontline.Customer{
		ID: "+15557048291", DisplayName: "Bobby 555 704 8291", Avatar: "https://example.com/15557048291.png",
		Channels: []frontline.Channel{
			{Type: "sms", Value: "+15557048291"}, {Type: "whatsapp", Value: "whatsapp:+15557048291"},
			{Type: "email", Value: "bob7@example.com"}, {Type: "fax 5557048291", Value: "%2B15557048291"},
		},
		Links: []frontline.Link{
			{Type: "crm 5557048291", Value: "https://wa.me/15557048291", DisplayName: "Call 555-704-8291"},
			{Value: "https://x.example/?p=%35%35%35%37%30%34%38%32%39%31"}, {Value: "https://x.example/?p=%2535%2535%2535%2537048291"},
			{Value: "https://x.example/?p=555+704+8291"}, {Value: "https://x.example/?p=70482,91"}, {Value: "mailto:BOB7@example.com"},
			{Type: "ok", Value: "https://x.example/a?b=c%20d&e=12", DisplayName: "Profile"},
		},
		Details: &frontline.Detail{Title: "Since 5557048291", Content: "ends in 8291\n&#53;&#53;&#53;&#55;&#48;&#52;&#56;&#50;&#57;&#49;\nAT&T 50% &amp; more"},
	}
}

func TestDetailsAreMasked(t *testing.T) {
	b := &fakeCRM{customers: []frontline.Customer{bobby()}}
	m := newMaskCRM(b, nil)
	row, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	id := row.Customers[0].ID
	resp, err := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ann", CustomerID: id})
	if err != nil {
		t.Fatal(err)
	}
	got := resp.Customer
	for i := range got.Channels {
		if got.Channels[i].Handle == "" {
			t.Errorf("channel %d has no handle", i)
		}
		got.Channels[i].Handle = ""
	}
	want := frontline.Customer{
		ID: id, DisplayName: "Bobby 555 704 XXXX", Avatar: "https://example.com/15557048291.png",
		Channels: []frontline.Channel{
			{Type: "sms", Value: "+1555704XXXX"}, {Type: "whatsapp", Value: "whatsapp:+1555704XXXX"},
			{Type: "email", Value: "bobX@example.com"}, {Type: "fax 555704XXXX", Value: "+1555704XXXX"},
		},
		Links: []frontline.Link{
			{Type: "crm 555704XXXX", Value: "https://wa.me/1555704XXXX", DisplayName: "Call 555-704-XXXX"},
			{Value: "https://x.example/?p=555704XXXX"}, {Value: "https://x.example/?p=555704XXXX"},
			{Value: "https://x.example/?p=555+704+XXXX"}, {Value: ""}, {Value: ""},
			{Type: "ok", Value: "https://x.example/a?b=c%20d&e=12", DisplayName: "Profile"},
		},
		Details: &frontline.Detail{Title: "Since 555704XXXX", Content: "ends in XXXX\n555704XXXX\nAT&T 50% & more"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !resp.Meta.Masked || !row.Meta.Masked {
		t.Error("nobody is told that something is hidden")
	}
	if diff := cmp.Diff([]frontline.Customer{bobby()}, b.customers); diff != "" {
		t.Errorf("what others may have was changed: %s", diff)
	}
	if row := row.Customers[0]; row.DisplayName != "Bobby 555 704 XXXX" || row.Channels != nil || row.Links != nil || row.Details != nil || !strings.HasPrefix(row.ID, "~") {
		t.Errorf("a row is %+v", row)
	}
}

func TestWhileMaskingIsOffEverythingPasses(t *testing.T) {
	b := &fakeCRM{customers: []frontline.Customer{bobby()}}
	on := true
	m := newMaskCRM(b, func(o *Options) { o.On = func() bool { return on } })
	row, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	on = false
	for _, id := range []string{"+15557048291", row.Customers[0].ID} {
		resp, err := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ann", CustomerID: id})
		if diff := cmp.Diff(bobby(), resp.Customer); diff != "" || err != nil || resp.Meta.Masked {
			t.Errorf("%v %s", err, diff)
		}
	}
	if _, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann", Query: "8291", Anchor: row.Customers[0].ID}); err != nil {
		t.Fatal(err)
	}
	if last := b.listRequests[len(b.listRequests)-1]; last.Query != "8291" || last.Anchor != "+15557048291" {
		t.Errorf("asked %+v", last)
	}
}

func TestIdsWithNumbersAreHandles(t *testing.T) {
	b := &fakeCRM{}
	for _, id := range []string{"+15557048291", "id-42", "%35%35%35%37%30%34%38%32%39%31", "0171/123456", "~tilde", "~15557048291"} {
		b.customers = append(b.customers, frontline.Customer{ID: id, DisplayName: "N"})
	}
	m := newMaskCRM(b, nil)
	resp, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range resp.Customers {
		raw := b.customers[i].ID
		if sealed := c.ID != raw; sealed != (raw != "id-42" && raw != "~tilde") {
			t.Errorf("%q is shown as %q", raw, c.ID)
		}
		ask := func(worker, id string) error {
			_, err := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: worker, CustomerID: id})
			return err
		}
		if err := ask("Ann@example.com", c.ID); err != nil || m.CustomerID("ann@example.com", c.ID) != raw {
			t.Errorf("%q cannot be opened: %v", raw, err)
		}
		if c.ID == raw {
			continue
		}
		asked := len(b.detailsIDs)
		if err := ask("ann@example.com", raw); !errors.Is(err, frontline.ErrNotFound) || len(b.detailsIDs) != asked {
			t.Errorf("who guesses %q gets %v", raw, err)
		}
		if err := ask("bob", c.ID); !errors.Is(err, frontline.ErrNotFound) {
			t.Errorf("bob opens ann's handle of %q: %v", raw, err)
		}
	}
	var invalid *frontline.InvalidRequestError
	if _, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann@example.com", Anchor: "+15557048291"}); !errors.As(err, &invalid) {
		t.Errorf("a guessed anchor: %v", err)
	}
	if _, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann@example.com", Anchor: resp.Customers[0].ID}); err != nil || b.listRequests[len(b.listRequests)-1].Anchor != "+15557048291" {
		t.Errorf("a handle as anchor: %v", err)
	}
}

func TestChannelsAreActedOnByHandle(t *testing.T) {
	b := &fakeCRM{customers: []frontline.Customer{bobby(), {ID: "2", Channels: bobby().Channels}}}
	m := newMaskCRM(b, nil)
	id := m.handle("ann", "+15557048291")
	resp, err := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ann", CustomerID: id})
	if err != nil {
		t.Fatal(err)
	}
	handle := resp.Customer.Channels[1].Handle
	want := frontline.Channel{Type: "whatsapp", Value: "whatsapp:+15557048291"}
	if got, err := m.Channel(t.Context(), "ann", id, handle); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	b.customers[0].Channels = append([]frontline.Channel{{Type: "chat", Value: "new"}}, b.customers[0].Channels...)
	if got, err := m.Channel(t.Context(), "ann", id, handle); err != nil || got != want {
		t.Errorf("after another came before it: %+v, %v", got, err)
	}
	b.customers[0].Channels = b.customers[0].Channels[:2]
	for name, ask := range map[string][3]string{
		"a channel that is gone": {"ann", id, handle}, "another worker": {"bob", id, handle}, "another customer": {"ann", "2", handle},
		"a raw id with a number": {"ann", "+15557048291", handle}, "no handle": {"ann", id, ""}, "a customer's handle": {"ann", id, strings.TrimPrefix(id, "~")},
	} {
		if _, err := m.Channel(t.Context(), ask[0], ask[1], ask[2]); !errors.Is(err, frontline.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.err = &frontline.UnavailableError{}
	var unavailable *frontline.UnavailableError
	if _, err := m.Channel(t.Context(), "ann", id, handle); !errors.As(err, &unavailable) {
		t.Errorf("while the service is away: %v", err)
	}
}

func TestDigitsOfAQueryNeverReachASearchByParts(t *testing.T) {
	for _, tt := range []struct {
		query, asked string
		foreign, own frontline.DigitSearch
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
		for _, own := range []bool{false, true} {
			b := &fakeCRM{customers: []frontline.Customer{bobby()}}
			m := newMaskCRM(b, func(o *Options) { o.BuiltIn = own })
			resp, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann", Query: tt.query})
			if err != nil {
				t.Fatal(err)
			}
			want := tt.foreign
			if own {
				want = tt.own
			}
			if resp.Meta.Digits != want || !resp.Meta.Masked {
				t.Errorf("%q (own %v): %v, want %v", tt.query, own, resp.Meta.Digits, want)
			}
			if tt.asked == "" && tt.query != "" {
				if len(b.listRequests)+len(b.detailsIDs)+len(resp.Customers) > 0 {
					t.Errorf("%q (own %v): asked %+v, answered %+v", tt.query, own, b.listRequests, resp.Customers)
				}
				continue
			}
			if b.listRequests[0].Query != tt.asked {
				t.Errorf("%q became %q, want %q", tt.query, b.listRequests[0].Query, tt.asked)
			}
		}
	}
}

func TestAWholeNumberFindsWhoeverHasExactlyThat(t *testing.T) {
	customers := []frontline.Customer{
		bobby(), {ID: "2", DisplayName: "longer", Channels: []frontline.Channel{{Type: "sms", Value: "+155570482913"}}},
		{ID: "3", DisplayName: "in the name 15557048291"}, {ID: "4", DisplayName: "same", Channels: []frontline.Channel{{Type: "chat", Value: "x"}, {Type: "sms", Value: "(555) 704-8291"}}},
	}
	for _, query := range []string{"+15557048291", "(555) 704-8291", "0015557048291", "whatsapp:+1 555 704 8291", "５５５７０４８２９１"} {
		searched := 0
		m := newMaskCRM(&fakeCRM{customers: customers}, func(o *Options) {
			o.BuiltIn, o.Searched = true, func(string) { searched++ }
		})
		for range 2 { // a page that is loaded anew counts once
			resp, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann", Query: query})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range resp.Customers {
				got = append(got, m.CustomerID("ann", c.ID))
			}
			if got := strings.TrimSuffix(strings.Join(got, " "), " 4"); got != "+15557048291" || resp.Meta.Digits != frontline.DigitsSearched {
				t.Errorf("%q found %q (%v)", query, got, resp.Meta.Digits)
			}
		}
		if searched != 1 {
			t.Errorf("%q: %d searches were noted", query, searched)
		}
	}
	m := newMaskCRM(&fakeCRM{customers: customers}, func(o *Options) { o.BuiltIn = true })
	var invalid *frontline.InvalidRequestError
	if _, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann", Query: "+15557048291", NextPageToken: "t"}); !errors.As(err, &invalid) {
		t.Errorf("a second page: %v", err)
	}
}

// A worker who sees all but four digits of a number has 10,000 to try.
func TestGuessingIsStopped(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	b := &fakeCRM{customers: []frontline.Customer{bobby()}}
	searched := 0
	m := newMaskCRM(b, func(o *Options) {
		o.BuiltIn, o.Now, o.Searched = true, func() time.Time { return now }, func(string) { searched++ }
	})
	guess := func(worker string, from, to int) (let int) {
		for i := from; i < to; i++ {
			now = now.Add(time.Second / 10)
			resp, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: worker, Query: "+1555704" + string([]byte{'0' + byte(i/1000), '0' + byte(i/100%10), '0' + byte(i/10%10), '0' + byte(i%10)})})
			if err != nil {
				t.Fatal(err)
			}
			if resp.Meta.Digits != frontline.DigitsTooOften {
				let++
			}
		}
		return let
	}
	let := guess("ann@example.com", 0, 10_000) // in 1,000 seconds
	if let != 5+5 || searched != let || len(b.listRequests) != let {
		t.Errorf("%d of 10,000 guesses were let through, %d noted, %d asked; want 10", let, searched, len(b.listRequests))
	}
	if let := guess("ANN@example.com", 0, 3); let != 0 {
		t.Errorf("the same worker in capitals may guess %d more", let)
	}
	if let := guess("bob", 0, 10); let != 5 {
		t.Errorf("another worker may guess %d", let)
	}
	for i := range 10_000 {
		id := "+1555704" + string([]byte{'0' + byte(i/1000), '0' + byte(i/100%10), '0' + byte(i/10%10), '0' + byte(i%10)})
		if _, err := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ann@example.com", CustomerID: id}); err != frontline.ErrNotFound {
			t.Fatalf("%s: %v", id, err)
		}
	}
	if n := len(b.detailsIDs); n > 2 {
		t.Errorf("%d details were asked for", n)
	}
}

func TestTypingANumberCountsOnce(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	l := newNumberLimit(3*time.Minute, 1, func() time.Time { return now })
	for _, step := range []struct {
		number      string
		wait        time.Duration
		ok, counted bool
	}{
		{"5557048", 0, true, true}, {"55570482", time.Second, true, false}, {"5557048291", time.Second, true, false},
		{"5557048291", time.Minute, true, false}, {"5557048", time.Second, false, false}, {"5557048292", time.Second, false, false},
		{"55570482913", time.Second, false, false}, // that one was typed to its end long ago
		{"5557048292", 2 * time.Minute, true, true}, {"5557048291", 11 * time.Minute, true, true},
	} {
		now = now.Add(step.wait)
		if ok, counted := l.allow("ann", step.number); ok != step.ok || counted != step.counted {
			t.Errorf("%s: %v, %v", step.number, ok, counted)
		}
	}
}

func TestErrorsSayNoNumber(t *testing.T) {
	said := errors.New("no customer with +1 (555) 704-8291 or %35%35%35%37%30%34%38%32%39%31")
	for name, err := range map[string]error{
		"invalid": &frontline.InvalidRequestError{Reason: said.Error()}, "callback": &frontline.CallbackError{Code: 48003, Status: 200, Err: said},
		"unavailable": &frontline.UnavailableError{RetryAfter: time.Second, Err: said}, "internal": errors.Join(said, context.Canceled),
	} {
		b := &fakeCRM{err: err, customers: []frontline.Customer{bobby()}}
		m := newMaskCRM(b, nil)
		_, one := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann"})
		_, two := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ann", CustomerID: "1"})
		b.err, b.stale = nil, err
		list, _ := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann"})
		details, _ := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ann", CustomerID: m.handle("ann", "+15557048291")})
		for _, got := range []error{one, two, list.Meta.Stale, details.Meta.Stale} {
			if got == nil || hasNumber(got.Error()) || strings.Contains(got.Error(), "8291") {
				t.Errorf("%s: %v", name, got)
			}
			var callback *frontline.CallbackError
			var unavailable *frontline.UnavailableError
			var invalid *frontline.InvalidRequestError
			kind := map[string]bool{
				"invalid": errors.As(got, &invalid), "callback": errors.As(got, &callback) && callback.Code == 48003 && callback.Status == 200,
				"unavailable": errors.As(got, &unavailable) && unavailable.RetryAfter == time.Second, "internal": errors.Is(got, context.Canceled),
			}
			if !kind[name] {
				t.Errorf("%s is another kind of error now: %#v", name, got)
			}
		}
	}
	if err := maskError(frontline.ErrNotFound); err != frontline.ErrNotFound {
		t.Error(err)
	}
}

// However a text is escaped, no level of it shows a number.
func FuzzWritten(f *testing.F) {
	for _, s := range []string{"%35%35%35%37048291", "&#53;&#53;%26%2353;1234567", "%2525253512345678", "https://x/?a=555+704+8291&b", "&amp;amp;#53;5570482%39%31", "12345%2E6%20%2D7"} {
		f.Add(s, "0171/123456")
	}
	f.Fuzz(func(t *testing.T, s, channel string) {
		o := contactsOf([]frontline.Channel{{Value: channel}})
		for name, out := range map[string]string{"name": o.maskName(s), "text": o.maskText(s), "target": o.maskLink(s), "row": maskName(s)} {
			for range maxLevels {
				if text.MaskText(out) != out {
					t.Fatalf("%s: %q shows %q", name, s, out)
				}
				out = decodeOnce(out)
			}
		}
		if out := o.maskLink(s); out != s && out != "" && !strings.Contains(out, "XXXX") {
			t.Fatalf("a link that lost something cannot be told: %q", out)
		}
	})
}
