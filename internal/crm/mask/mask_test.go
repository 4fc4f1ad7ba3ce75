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

// fakeCRM is a service whose Query matches names and numbers anywhere.
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

// newMaskCRM returns a CRM around fake with masking on; change may set other options.
// fakeHistories are histories by worker.
type fakeHistories map[string][]byte

func (f fakeHistories) Update(_ context.Context, worker string, change func([]byte) ([]byte, time.Time)) error {
	if changed, _ := change(f[worker]); changed != nil {
		f[worker] = changed
	}
	return nil
}

func newMaskCRM(b *fakeCRM, change func(*Options)) *CRM {
	o := Options{On: func() bool { return true }, Sealer: secret.NewKey().HandleSealer("masked"), Histories: fakeHistories{}}
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

func TestCRM_MasksDetails(t *testing.T) {
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
			t.Errorf("CustomerDetails: channel %d has no handle", i)
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
		t.Errorf("CustomerDetails (-want +got):\n%s", diff)
	}
	if !resp.Meta.Masked || !row.Meta.Masked {
		t.Errorf("Meta.Masked = %v (details), %v (list), want true", resp.Meta.Masked, row.Meta.Masked)
	}
	if diff := cmp.Diff([]frontline.Customer{bobby()}, b.customers); diff != "" {
		t.Errorf("the response of the service was changed (-want +got):\n%s", diff)
	}
	if row := row.Customers[0]; row.DisplayName != "Bobby 555 704 XXXX" || row.Channels != nil || row.Links != nil || row.Details != nil || !strings.HasPrefix(row.ID, "~") {
		t.Errorf("CustomersList row = %+v, want a handle and a masked name only", row)
	}
}

func TestCRM_Off(t *testing.T) {
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
			t.Errorf("CustomerDetails(%s) with masking off: %v (-want +got):\n%s", id, err, diff)
		}
	}
	if _, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann", Query: "8291", Anchor: row.Customers[0].ID}); err != nil {
		t.Fatal(err)
	}
	if last := b.listRequests[len(b.listRequests)-1]; last.Query != "8291" || last.Anchor != "+15557048291" {
		t.Errorf("request with masking off = %+v, want query and anchor unchanged", last)
	}
}

func TestCRM_IDsWithNumbersAreHandles(t *testing.T) {
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
			t.Errorf("CustomersList: id %q becomes %q", raw, c.ID)
		}
		details := func(worker, id string) error {
			_, err := m.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: worker, CustomerID: id})
			return err
		}
		if err := details("Ann@example.com", c.ID); err != nil || m.CustomerID("ann@example.com", c.ID) != raw {
			t.Errorf("CustomerDetails by the handle of %q: %v", raw, err)
		}
		if c.ID == raw {
			continue
		}
		calls := len(b.detailsIDs)
		if err := details("ann@example.com", raw); !errors.Is(err, frontline.ErrNotFound) || len(b.detailsIDs) != calls {
			t.Errorf("CustomerDetails(%q) by plain id: %v, want ErrNotFound without a call", raw, err)
		}
		if err := details("bob", c.ID); !errors.Is(err, frontline.ErrNotFound) {
			t.Errorf("CustomerDetails by another worker's handle of %q: %v, want ErrNotFound", raw, err)
		}
	}
	var invalid *frontline.InvalidRequestError
	if _, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann@example.com", Anchor: "+15557048291"}); !errors.As(err, &invalid) {
		t.Errorf("CustomersList with a plain anchor that is a number: %v, want an InvalidRequestError", err)
	}
	if _, err := m.CustomersList(t.Context(), frontline.ListRequest{Worker: "ann@example.com", Anchor: resp.Customers[0].ID}); err != nil || b.listRequests[len(b.listRequests)-1].Anchor != "+15557048291" {
		t.Errorf("CustomersList with a handle as anchor: %v", err)
	}
}

func TestCRM_Channel(t *testing.T) {
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
		t.Errorf("Channel = %+v, %v, want %+v", got, err, want)
	}
	b.customers[0].Channels = append([]frontline.Channel{{Type: "chat", Value: "new"}}, b.customers[0].Channels...)
	if got, err := m.Channel(t.Context(), "ann", id, handle); err != nil || got != want {
		t.Errorf("Channel after its index changed = %+v, %v, want %+v", got, err, want)
	}
	b.customers[0].Channels = b.customers[0].Channels[:2]
	for name, ask := range map[string][3]string{
		"a channel that is gone": {"ann", id, handle}, "another worker": {"bob", id, handle}, "another customer": {"ann", "2", handle},
		"a raw id with a number": {"ann", "+15557048291", handle}, "no handle": {"ann", id, ""}, "a customer's handle": {"ann", id, strings.TrimPrefix(id, "~")},
	} {
		if _, err := m.Channel(t.Context(), ask[0], ask[1], ask[2]); !errors.Is(err, frontline.ErrNotFound) {
			t.Errorf("Channel, %s: %v, want ErrNotFound", name, err)
		}
	}
	b.err = &frontline.UnavailableError{}
	var unavailable *frontline.UnavailableError
	if _, err := m.Channel(t.Context(), "ann", id, handle); !errors.As(err, &unavailable) {
		t.Errorf("Channel with the service down: %v, want an UnavailableError", err)
	}
}

func TestCRM_MasksErrors(t *testing.T) {
	cause := errors.New("no customer with +1 (555) 704-8291 or %35%35%35%37%30%34%38%32%39%31")
	for name, err := range map[string]error{
		"invalid": &frontline.InvalidRequestError{Reason: cause.Error()}, "callback": &frontline.CallbackError{Code: 48003, Status: 200, Err: cause},
		"unavailable": &frontline.UnavailableError{RetryAfter: time.Second, Err: cause}, "internal": errors.Join(cause, context.Canceled),
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
				t.Errorf("masked error %s = %q, want no number", name, got)
			}
			var callback *frontline.CallbackError
			var unavailable *frontline.UnavailableError
			var invalid *frontline.InvalidRequestError
			kind := map[string]bool{
				"invalid": errors.As(got, &invalid), "callback": errors.As(got, &callback) && callback.Code == 48003 && callback.Status == 200,
				"unavailable": errors.As(got, &unavailable) && unavailable.RetryAfter == time.Second, "internal": errors.Is(got, context.Canceled),
			}
			if !kind[name] {
				t.Errorf("masked error %s = %#v, want the same kind", name, got)
			}
		}
	}
	if err := maskError(frontline.ErrNotFound); err != frontline.ErrNotFound {
		t.Errorf("maskError(ErrNotFound) = %v", err)
	}
}

// No level of an escaped text shows a number.
func FuzzMaskDecoded(f *testing.F) {
	for _, s := range []string{"%35%35%35%37048291", "&#53;&#53;%26%2353;1234567", "%2525253512345678", "https://x/?a=555+704+8291&b", "&amp;amp;#53;5570482%39%31", "12345%2E6%20%2D7"} {
		f.Add(s, "0171/123456")
	}
	f.Fuzz(func(t *testing.T, s, channel string) {
		c := contactsOf([]frontline.Channel{{Value: channel}})
		for name, out := range map[string]string{"name": c.maskName(s), "text": c.maskText(s), "link": c.maskLink(s), "row": maskName(s)} {
			for range maxLevels {
				if (text.Numbers{}).MaskText(out) != out {
					t.Fatalf("mask of %s %q = %q, which shows a number", name, s, out)
				}
				out = decodeOnce(out)
			}
		}
		if out := c.maskLink(s); out != s && out != "" && !strings.Contains(out, "XXXX") {
			t.Fatalf("maskLink(%q) = %q, want \"\" or XXXX in it", s, out)
		}
	})
}
