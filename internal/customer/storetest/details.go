package storetest

import (
	"context"
	"errors"
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
)

var detailsTests = []namedTest{
	{"answers one of the worker's own customers, whole", func(f *fixture) {
		f.put(whole())
		for _, worker := range []string{"ann@example.com", "ANN@Example.COM", "bob"} {
			got, err := f.Customer(ctx, worker, whole().ID)
			if diff := cmp.Diff(whole(), got); diff != "" || err != nil {
				f.Errorf("%s: %v\n%s", worker, err, diff)
			}
		}
	}},
	{"answers everyone's to everyone", func(f *fixture) {
		f.put(person("1", "A", customer.Everyone))
		if _, err := f.Customer(ctx, "stranger", "1"); err != nil {
			f.Error(err)
		}
	}},
	{"does not tell another's from what is not there", func(f *fixture) {
		f.put(person("1", "A", "bob"), person("2", "B"), person("3", "C", "ann"), person("4", "D", "ann"))
		f.delete("3")
		f.put(person("4", "D", "bob"))
		for _, id := range []string{"1", "2", "3", "4", "5", "", "1 "} {
			if _, err := f.Customer(ctx, "ann", id); err == nil || err.Error() != customer.ErrNotFound.Error() {
				f.Errorf("customer %q: %v", id, err)
			}
		}
	}},
	{"stops when the caller does", func(f *fixture) {
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := f.Customer(stopped, "ann", "1"); !errors.Is(err, context.Canceled) {
			f.Errorf("err = %v", err)
		}
	}},
	{"all are yielded in order of id, as of one moment", func(f *fixture) {
		f.put(person("b", "1", "ann"), person("B", "2", "ann"), person("é", "3", "ann"), person("10", "4"), person("9", "5", "bob"), person("x", "6"))
		f.delete("x")
		var got []string
		for c, err := range f.All(ctx) {
			if err != nil {
				f.Fatal(err)
			}
			if len(got) == 0 {
				f.put(person("c", "late", "ann"))
				f.delete("é")
			}
			got = append(got, c.ID)
		}
		if want := []string{"10", "9", "B", "b", "é"}; !slices.Equal(got, want) {
			f.Errorf("got %v, want %v", got, want)
		}
	}},
	{"all may be broken off", func(f *fixture) {
		f.put(whole(), person("zz", "Z"))
		for c, err := range f.All(ctx) {
			if diff := cmp.Diff(whole(), c); diff != "" || err != nil {
				f.Errorf("%v\n%s", err, diff)
			}
			break
		}
		f.put(person("1", "still works"))
	}},
}
