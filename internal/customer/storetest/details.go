package storetest

import (
	"context"
	"errors"
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
)

var detailsTests = []namedTest{
	{"Customer returns every field of a worker's own customer", func(f *fixture) {
		f.put(fullCustomer())
		for _, worker := range []string{"ann@example.com", "ANN@Example.COM", "bob"} {
			got, err := f.Customer(ctx, worker, fullCustomer().ID)
			if diff := cmp.Diff(fullCustomer(), got); diff != "" || err != nil {
				f.Errorf("Customer(%s, %s): %v (-want +got):\n%s", worker, fullCustomer().ID, err, diff)
			}
		}
	}},
	{"Customer returns Everyone's customers to every worker", func(f *fixture) {
		f.put(newCustomer("1", "A", customer.Everyone))
		if _, err := f.Customer(ctx, "stranger", "1"); err != nil {
			f.Errorf("Customer(stranger, 1): %v", err)
		}
	}},
	{"Customer returns the same ErrNotFound for another worker's customer and for a missing one", func(f *fixture) {
		f.put(newCustomer("1", "A", "bob"), newCustomer("2", "B"), newCustomer("3", "C", "ann"), newCustomer("4", "D", "ann"))
		f.delete("3")
		f.put(newCustomer("4", "D", "bob"))
		for _, id := range []string{"1", "2", "3", "4", "5", "", "1 "} {
			if _, err := f.Customer(ctx, "ann", id); err == nil || err.Error() != customer.ErrNotFound.Error() {
				f.Errorf("Customer(ann, %q) = %v, want ErrNotFound", id, err)
			}
		}
	}},
	{"Customer returns context.Canceled when its context is canceled", func(f *fixture) {
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := f.Customer(stopped, "ann", "1"); !errors.Is(err, context.Canceled) {
			f.Errorf("Customer() = %v, want context.Canceled", err)
		}
	}},
	{"All yields every customer by ID, as of one moment", func(f *fixture) {
		f.put(newCustomer("b", "1", "ann"), newCustomer("B", "2", "ann"), newCustomer("é", "3", "ann"), newCustomer("10", "4"), newCustomer("9", "5", "bob"), newCustomer("x", "6"))
		f.delete("x")
		var got []string
		for c, err := range f.All(ctx) {
			if err != nil {
				f.Fatal(err)
			}
			if len(got) == 0 {
				f.put(newCustomer("c", "late", "ann"))
				f.delete("é")
			}
			got = append(got, c.ID)
		}
		if want := []string{"10", "9", "B", "b", "é"}; !slices.Equal(got, want) {
			f.Errorf("All() yields %v, want %v", got, want)
		}
	}},
	{"All can be stopped early", func(f *fixture) {
		f.put(fullCustomer(), newCustomer("zz", "Z"))
		for c, err := range f.All(ctx) {
			if diff := cmp.Diff(fullCustomer(), c); diff != "" || err != nil {
				f.Errorf("All() yields: %v (-want +got):\n%s", err, diff)
			}
			break
		}
		f.put(newCustomer("1", "X"))
	}},
}
