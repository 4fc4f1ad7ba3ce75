package directory

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

var ctx = context.Background()

// newStore makes an empty store.
func newStore(t testing.TB) customer.Store {
	t.Helper()
	db, err := sqlite.Open(ctx, sqlitetest.File(t), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db.Customers()
}

func put(t testing.TB, store customer.Store, customers ...customer.Customer) {
	t.Helper()
	err := store.Update(ctx, func(tx customer.Tx) error {
		for _, c := range customers {
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func named(id, name string, workers ...string) customer.Customer {
	return customer.Customer{ID: id, Name: name, Workers: workers}
}

// five puts A to E, all "anna", with the letter in lower case as id, for ann.
func five(t testing.TB, store customer.Store) {
	for _, c := range "abcde" {
		put(t, store, named(string(c), string(c-'a'+'A')+" anna", "ann"))
	}
}

func newDirectory(reader customer.Reader) *Directory {
	return New(reader, secret.NewKey().Sealer("page token"), Options{})
}

func ask(t testing.TB, d *Directory, req frontline.ListRequest) frontline.ListResponse {
	t.Helper()
	resp, err := d.CustomersList(ctx, req)
	if err != nil {
		t.Fatalf("%+v: %v", req, err)
	}
	if resp.Searchable != frontline.SearchableYes {
		t.Errorf("searchable = %v", resp.Searchable)
	}
	return resp
}

func idsOf(resp frontline.ListResponse) string {
	var ids []string
	for _, c := range resp.Customers {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, " ")
}

func TestRowsShowIDNameAndAvatarOnly(t *testing.T) {
	store := newStore(t)
	put(t, store, customer.Customer{ID: "7", Name: "Bobby", Avatar: "https://example.com/b.png", Company: "Stark",
		Channels: []customer.Channel{{Type: "sms", Value: "+15555930101"}}, Workers: []string{"ann"}})
	for _, query := range []string{"", "bobby"} {
		got := ask(t, newDirectory(store), frontline.ListRequest{Worker: "ann", Query: query}).Customers
		want := []frontline.Customer{{ID: "7", DisplayName: "Bobby", Avatar: "https://example.com/b.png"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAWorkerWithoutCustomersHasAnEmptyPage(t *testing.T) {
	resp := ask(t, newDirectory(newStore(t)), frontline.ListRequest{Worker: "ann"})
	if resp.Customers == nil || len(resp.Customers) != 0 || resp.NextPageToken != "" {
		t.Errorf("resp = %+v", resp)
	}
}

func TestAQueryOfBlanksIsNoSearch(t *testing.T) {
	store := newStore(t)
	five(t, store)
	d := newDirectory(store)
	for _, query := range []string{" ", "\t\n", "\u00a0"} {
		first := ask(t, d, frontline.ListRequest{Worker: "ann", PageSize: 4, Query: query})
		rest := ask(t, d, frontline.ListRequest{Worker: "ann", PageSize: 4, NextPageToken: first.NextPageToken})
		if got := idsOf(first) + " " + idsOf(rest); got != "a b c d e" {
			t.Errorf("query %q: %s", query, got)
		}
	}
	if got := idsOf(ask(t, d, frontline.ListRequest{Worker: "ann", Query: "-"})); got != "" {
		t.Errorf("a query of punctuation found %s", got)
	}
}

func TestPageSizes(t *testing.T) {
	store := newStore(t)
	var all []customer.Customer
	for i := range 1100 {
		all = append(all, named(string(rune('a'+i%26))+time.Duration(i).String(), "Name", "ann"))
	}
	put(t, store, all...)
	d := newDirectory(store)
	for size, want := range map[int]int{0: 30, 1: 1, 31: 31, 1000: 1000, 5000: 1000} {
		if got := len(ask(t, d, frontline.ListRequest{Worker: "ann", PageSize: size}).Customers); got != want {
			t.Errorf("page size %d: %d rows", size, got)
		}
	}
}

func TestTokensLeadThroughListAndSearch(t *testing.T) {
	store := newStore(t)
	five(t, store)
	for _, query := range []string{"", "anna"} {
		d := newDirectory(store)
		var pages []string
		token := ""
		for range 9 {
			req := frontline.ListRequest{Worker: "ann", PageSize: 2, NextPageToken: token, Query: query}
			if token != "" {
				req.Anchor = "ignored: the token wins"
			}
			resp := ask(t, d, req)
			pages = append(pages, idsOf(resp))
			if len(resp.NextPageToken) > frontline.MaxTokenBytes {
				t.Errorf("a token of %d bytes", len(resp.NextPageToken))
			}
			if token = resp.NextPageToken; token == "" {
				break
			}
		}
		if diff := cmp.Diff([]string{"a b", "c d", "e"}, pages); diff != "" {
			t.Errorf("query %q: %s", query, diff)
		}
	}
}

func TestAnchorsLeadThroughListAndSearch(t *testing.T) {
	store := newStore(t)
	five(t, store)
	for _, query := range []string{"", "anna"} {
		for name, d := range map[string]func() *Directory{
			"one process": func() func() *Directory { d := newDirectory(store); return func() *Directory { return d } }(),
			"restarts":    func() *Directory { return newDirectory(store) },
		} {
			var pages []string
			anchor := ""
			for range 9 {
				page := idsOf(ask(t, d(), frontline.ListRequest{Worker: "ann", PageSize: 2, Anchor: anchor, Query: query}))
				pages = append(pages, page)
				if page == "" {
					break
				}
				anchor = page[len(page)-1:]
			}
			if diff := cmp.Diff([]string{"a b", "c d", "e", ""}, pages); diff != "" {
				t.Errorf("%s, query %q: %s", name, query, diff)
			}
		}
	}
}

func TestAnAnchorRenamedSinceItWasServedLeadsOnFromWhereItWas(t *testing.T) {
	for _, query := range []string{"", "anna"} {
		store := newStore(t)
		five(t, store)
		d := newDirectory(store)
		ask(t, d, frontline.ListRequest{Worker: "ann", PageSize: 2, Query: query})
		put(t, store, named("b", "Zoe", "ann"))
		got := idsOf(ask(t, d, frontline.ListRequest{Worker: "ann", PageSize: 3, Anchor: "b", Query: query}))
		if got != "c d e" {
			t.Errorf("query %q: %q", query, got)
		}
	}
}

func TestForeignTokensAndAnchorsAreInvalid(t *testing.T) {
	store := newStore(t)
	five(t, store)
	put(t, store, named("x", "X", "bob"))
	d := newDirectory(store)
	listToken := ask(t, d, frontline.ListRequest{Worker: "ann", PageSize: 1}).NextPageToken
	searchToken := ask(t, d, frontline.ListRequest{Worker: "ann", PageSize: 1, Query: "anna"}).NextPageToken
	changed := []byte(listToken)
	changed[len(changed)/2] ^= 1
	for name, req := range map[string]frontline.ListRequest{
		"a token of another worker":       {Worker: "bob", NextPageToken: listToken},
		"a token of the list in a search": {Worker: "ann", NextPageToken: listToken, Query: "anna"},
		"a token of a search in the list": {Worker: "ann", NextPageToken: searchToken},
		"a token of another search":       {Worker: "ann", NextPageToken: searchToken, Query: "annab"},
		"a token that was changed":        {Worker: "ann", NextPageToken: string(changed)},
		"a token of another key":          {Worker: "ann", NextPageToken: ask(t, newDirectory(store), frontline.ListRequest{Worker: "ann", PageSize: 1}).NextPageToken},
		"a token of nobody":               {Worker: "ann", NextPageToken: "PAGE_TWO_TOKEN"},
		"a very long token":               {Worker: "ann", NextPageToken: strings.Repeat("A", 60_000)},
		"an anchor of another worker":     {Worker: "ann", Anchor: "x"},
		"an unknown anchor":               {Worker: "ann", Anchor: "nothing"},
		"an unknown anchor in a search":   {Worker: "ann", Anchor: "nothing", Query: "anna"},
		"no worker":                       {},
		"a worker that is no text":        {Worker: "\xff"},
	} {
		_, err := d.CustomersList(ctx, req)
		var invalid *frontline.InvalidRequestError
		if !errors.As(err, &invalid) || invalid.Reason == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDetailsMapToTheWire(t *testing.T) {
	store := newStore(t)
	c := customer.Customer{
		ID: "7", Name: "Bobby", Company: "Stark", JobTitle: "CEO", Avatar: "https://example.com/b.png",
		Channels: []customer.Channel{{Type: "sms", Value: "+15555930101"}, {Type: "email", Value: "b@example.com"}},
		Links:    []customer.Link{{Type: "CRM", Value: "https://example.com/7", DisplayName: "Profile"}},
		Details:  customer.Detail{Content: "Likes\nlines"}, Workers: []string{"ann"},
	}
	bare := named("8", "Bare", "ann")
	titled := named("9", "Titled", "ann")
	titled.Company, titled.Details.Title = "Hooli", "Info"
	put(t, store, c, bare, titled)
	for id, want := range map[string]frontline.Customer{
		"7": {ID: "7", DisplayName: "Bobby", Avatar: "https://example.com/b.png",
			Channels: []frontline.Channel{{Type: "sms", Value: "+15555930101"}, {Type: "email", Value: "b@example.com"}},
			Links:    []frontline.Link{{Type: "CRM", Value: "https://example.com/7", DisplayName: "Profile"}},
			Details:  &frontline.Detail{Title: "Details", Content: "CEO, Stark\nLikes\nlines"}},
		"8": {ID: "8", DisplayName: "Bare"},
		"9": {ID: "9", DisplayName: "Titled", Details: &frontline.Detail{Title: "Info", Content: "Hooli"}},
	} {
		got, err := newDirectory(store).CustomerDetails(ctx, frontline.DetailsRequest{Worker: "ann", CustomerID: id})
		if diff := cmp.Diff(want, got.Customer); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	for _, req := range []frontline.DetailsRequest{{Worker: "bob", CustomerID: "7"}, {Worker: "ann", CustomerID: "77"}} {
		if _, err := newDirectory(store).CustomerDetails(ctx, req); err != frontline.ErrNotFound {
			t.Errorf("%+v: %v", req, err)
		}
	}
}

// failing is a reader that always fails.
type failing struct{ err error }

func (f failing) List(context.Context, customer.ListQuery) (customer.Page, error) {
	return customer.Page{}, f.err
}
func (f failing) Search(context.Context, customer.SearchQuery) (customer.Page, error) {
	return customer.Page{}, f.err
}
func (f failing) Customer(context.Context, string, string) (customer.Customer, error) {
	return customer.Customer{}, f.err
}

func TestErrorsOfTheStoreBecomeThoseOfTheProtocol(t *testing.T) {
	down := errors.Join(errors.New("disk"), customer.ErrUnavailable)
	d := newDirectory(failing{down})
	_, listErr := d.CustomersList(ctx, frontline.ListRequest{Worker: "ann"})
	_, searchErr := d.CustomersList(ctx, frontline.ListRequest{Worker: "ann", Query: "x"})
	_, detailsErr := d.CustomerDetails(ctx, frontline.DetailsRequest{Worker: "ann", CustomerID: "1"})
	for _, err := range []error{listErr, searchErr, detailsErr} {
		var unavailable *frontline.UnavailableError
		if !errors.As(err, &unavailable) || unavailable.RetryAfter <= 0 || !errors.Is(err, down) {
			t.Errorf("store down: %v", err)
		}
	}
	if _, err := newDirectory(failing{context.Canceled}).CustomersList(ctx, frontline.ListRequest{Worker: "ann"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	other := errors.New("a bug")
	if _, err := newDirectory(failing{other}).CustomerDetails(ctx, frontline.DetailsRequest{Worker: "ann"}); !errors.Is(err, other) {
		t.Errorf("internal: %v", err)
	}
}

func TestATokenTooOldToResolveIsInvalid(t *testing.T) {
	store := newStore(t)
	five(t, store)
	key := secret.NewKey().Sealer("page token")
	token := ask(t, New(store, key, Options{}), frontline.ListRequest{Worker: "ann", PageSize: 1}).NextPageToken
	other := newStore(t) // as if all had been purged
	_, err := New(other, key, Options{}).CustomersList(ctx, frontline.ListRequest{Worker: "ann", NextPageToken: token})
	var invalid *frontline.InvalidRequestError
	if !errors.As(err, &invalid) || !strings.Contains(invalid.Reason, "NextPageToken") {
		t.Errorf("err = %v", err)
	}
}
