package builtin_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/builtin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

var ctx = context.Background()

func newStore(t testing.TB) customer.Store {
	return dbtest.Open(t, sqlitetest.File(t), store.Options{}).Customers()
}

// forEachStore runs a test over every store.
func forEachStore(t *testing.T, test func(t *testing.T, store customer.Store)) {
	dbtest.ForEach(t, func(t *testing.T, database string) { test(t, dbtest.Open(t, database, store.Options{}).Customers()) })
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

func newCustomer(id, name string, workers ...string) customer.Customer {
	return customer.Customer{ID: id, Name: name, Workers: workers}
}

// putFive adds "A anna" to "E anna", with ids a to e, for ann.
func putFive(t testing.TB, store customer.Store) {
	for _, c := range "abcde" {
		put(t, store, newCustomer(string(c), string(c-'a'+'A')+" anna", "ann"))
	}
}

func newCRM(reader customer.Reader) *builtin.CRM {
	return builtin.New(reader, secret.NewKey().Sealer("page token"))
}

func list(t testing.TB, crm *builtin.CRM, req frontline.ListRequest) frontline.ListResponse {
	t.Helper()
	resp, err := crm.CustomersList(ctx, req)
	if err != nil {
		t.Fatalf("CustomersList(%+v): %v", req, err)
	}
	if resp.Searchable != frontline.SearchableYes {
		t.Errorf("CustomersList(%+v).Searchable = %v, want yes", req, resp.Searchable)
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

func TestCustomersList_RowsHoldIDNameAndAvatar(t *testing.T) {
	store := newStore(t)
	put(t, store, customer.Customer{ID: "7", Name: "Bobby", Avatar: "https://example.com/b.png", Company: "Stark",
		Channels: []customer.Channel{{Type: "sms", Value: "+15555930101"}}, Workers: []string{"ann"}})
	for _, query := range []string{"", "bobby"} {
		got := list(t, newCRM(store), frontline.ListRequest{Worker: "ann", Query: query}).Customers
		want := []frontline.Customer{{ID: "7", DisplayName: "Bobby", Avatar: "https://example.com/b.png"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("CustomersList with query %q (-want +got):\n%s", query, diff)
		}
	}
}

func TestCustomersList_EmptyList(t *testing.T) {
	resp := list(t, newCRM(newStore(t)), frontline.ListRequest{Worker: "ann"})
	if resp.Customers == nil || len(resp.Customers) != 0 || resp.NextPageToken != "" {
		t.Errorf("CustomersList = %+v, want an empty list without a token", resp)
	}
}

func TestCustomersList_BlankQueryIsNoSearch(t *testing.T) {
	store := newStore(t)
	putFive(t, store)
	crm := newCRM(store)
	for _, query := range []string{" ", "\t\n", "\u00a0"} {
		first := list(t, crm, frontline.ListRequest{Worker: "ann", PageSize: 4, Query: query})
		rest := list(t, crm, frontline.ListRequest{Worker: "ann", PageSize: 4, NextPageToken: first.NextPageToken})
		if got := idsOf(first) + " " + idsOf(rest); got != "a b c d e" {
			t.Errorf("CustomersList with query %q: %s, want a b c d e", query, got)
		}
	}
	if got := idsOf(list(t, crm, frontline.ListRequest{Worker: "ann", Query: "-"})); got != "" {
		t.Errorf(`CustomersList with query "-": %s, want none`, got)
	}
}

func TestCustomersList_PageSizes(t *testing.T) {
	store := newStore(t)
	var all []customer.Customer
	for i := range 1100 {
		all = append(all, newCustomer(string(rune('a'+i%26))+time.Duration(i).String(), "Name", "ann"))
	}
	put(t, store, all...)
	crm := newCRM(store)
	for size, want := range map[int]int{0: 30, 1: 1, 31: 31, 1000: 1000, 5000: 1000} {
		if got := len(list(t, crm, frontline.ListRequest{Worker: "ann", PageSize: size}).Customers); got != want {
			t.Errorf("CustomersList with page size %d: %d rows, want %d", size, got, want)
		}
	}
}

func TestCustomersList_RejectsUnknownTokensAndAnchors(t *testing.T) {
	forEachStore(t, func(t *testing.T, store customer.Store) {
		putFive(t, store)
		put(t, store, newCustomer("x", "X", "bob"))
		crm := newCRM(store)
		listToken := list(t, crm, frontline.ListRequest{Worker: "ann", PageSize: 1}).NextPageToken
		searchToken := list(t, crm, frontline.ListRequest{Worker: "ann", PageSize: 1, Query: "anna"}).NextPageToken
		changed := []byte(listToken)
		changed[len(changed)/2] ^= 1
		for name, req := range map[string]frontline.ListRequest{
			"a token of another worker":       {Worker: "bob", NextPageToken: listToken},
			"a token of the list in a search": {Worker: "ann", NextPageToken: listToken, Query: "anna"},
			"a token of a search in the list": {Worker: "ann", NextPageToken: searchToken},
			"a token of another search":       {Worker: "ann", NextPageToken: searchToken, Query: "annab"},
			"a token that was changed":        {Worker: "ann", NextPageToken: string(changed)},
			"a token of another key":          {Worker: "ann", NextPageToken: list(t, newCRM(store), frontline.ListRequest{Worker: "ann", PageSize: 1}).NextPageToken},
			"a token of another service":      {Worker: "ann", NextPageToken: "PAGE_TWO_TOKEN"},
			"a very long token":               {Worker: "ann", NextPageToken: strings.Repeat("A", 60_000)},
			"an anchor of another worker":     {Worker: "ann", Anchor: "x"},
			"an unknown anchor":               {Worker: "ann", Anchor: "nothing"},
			"an unknown anchor in a search":   {Worker: "ann", Anchor: "nothing", Query: "anna"},
			"no worker":                       {},
			"a worker of invalid UTF-8":       {Worker: "\xff"},
		} {
			_, err := crm.CustomersList(ctx, req)
			var invalid *frontline.InvalidRequestError
			if !errors.As(err, &invalid) || invalid.Reason == "" {
				t.Errorf("CustomersList(%s %+v) = %v, want an InvalidRequestError", name, req, err)
			}
		}
	})
}

func TestCustomerDetails_WireForm(t *testing.T) {
	store := newStore(t)
	c := customer.Customer{
		ID: "7", Name: "Bobby", Company: "Stark", JobTitle: "CEO", Avatar: "https://example.com/b.png",
		Channels: []customer.Channel{{Type: "sms", Value: "+15555930101"}, {Type: "email", Value: "b@example.com"}},
		Links:    []customer.Link{{Type: "CRM", Value: "https://example.com/7", DisplayName: "Profile"}},
		Details:  customer.Detail{Content: "Likes\nlines"}, Workers: []string{"ann"},
	}
	bare := newCustomer("8", "Bare", "ann")
	titled := newCustomer("9", "Titled", "ann")
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
		got, err := newCRM(store).CustomerDetails(ctx, frontline.DetailsRequest{Worker: "ann", CustomerID: id})
		if diff := cmp.Diff(want, got.Customer); diff != "" || err != nil {
			t.Errorf("CustomerDetails(%s): %v (-want +got):\n%s", id, err, diff)
		}
	}
	for _, req := range []frontline.DetailsRequest{{Worker: "bob", CustomerID: "7"}, {Worker: "ann", CustomerID: "77"}} {
		if _, err := newCRM(store).CustomerDetails(ctx, req); err != frontline.ErrNotFound {
			t.Errorf("CustomerDetails(%+v): %v, want ErrNotFound", req, err)
		}
	}
}

// failingReader is a customer.Reader that always fails.
type failingReader struct{ err error }

func (f failingReader) List(context.Context, customer.ListQuery) (customer.Page, error) {
	return customer.Page{}, f.err
}
func (f failingReader) Search(context.Context, customer.SearchQuery) (customer.Page, error) {
	return customer.Page{}, f.err
}
func (f failingReader) Customer(context.Context, string, string) (customer.Customer, error) {
	return customer.Customer{}, f.err
}

func TestCRM_ConvertsStoreErrors(t *testing.T) {
	down := errors.Join(errors.New("disk"), customer.ErrUnavailable)
	crm := newCRM(failingReader{down})
	_, listErr := crm.CustomersList(ctx, frontline.ListRequest{Worker: "ann"})
	_, searchErr := crm.CustomersList(ctx, frontline.ListRequest{Worker: "ann", Query: "x"})
	_, detailsErr := crm.CustomerDetails(ctx, frontline.DetailsRequest{Worker: "ann", CustomerID: "1"})
	for _, err := range []error{listErr, searchErr, detailsErr} {
		var unavailable *frontline.UnavailableError
		if !errors.As(err, &unavailable) || unavailable.RetryAfter <= 0 || !errors.Is(err, down) {
			t.Errorf("with the store down: %v, want an UnavailableError with RetryAfter", err)
		}
	}
	if _, err := newCRM(failingReader{context.Canceled}).CustomersList(ctx, frontline.ListRequest{Worker: "ann"}); !errors.Is(err, context.Canceled) {
		t.Errorf("CustomersList with a canceled context: %v", err)
	}
	other := errors.New("a bug")
	if _, err := newCRM(failingReader{other}).CustomerDetails(ctx, frontline.DetailsRequest{Worker: "ann"}); !errors.Is(err, other) {
		t.Errorf("CustomerDetails with an unknown error of the store: %v, want that error", err)
	}
}

func TestCustomersList_TokenOfPurgedCustomers(t *testing.T) {
	store := newStore(t)
	putFive(t, store)
	key := secret.NewKey().Sealer("page token")
	token := list(t, builtin.New(store, key), frontline.ListRequest{Worker: "ann", PageSize: 1}).NextPageToken
	other := newStore(t) // all customers purged
	_, err := builtin.New(other, key).CustomersList(ctx, frontline.ListRequest{Worker: "ann", NextPageToken: token})
	var invalid *frontline.InvalidRequestError
	if !errors.As(err, &invalid) || !strings.Contains(invalid.Reason, "NextPageToken") {
		t.Errorf("CustomersList with an old token: %v, want an InvalidRequestError that names NextPageToken", err)
	}
}
