package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/search"
)

var searchTests = []namedTest{
	{"returns the best matches first, each class in list order", func(f *fixture) {
		f.put(newCustomer("1", "Carla Annders", "ann"), newCustomer("2", "Anna", "ann"), newCustomer("3", "Hanna", "ann"),
			newCustomer("4", "Zoe Ann", "ann"), newCustomer("5", "ann-Marie", "ann"), newCustomer("6", "Bert", "ann"), newCustomer("7", "Anna", "bob"))
		for range 2 {
			f.wantRows(f.search(customer.SearchQuery{Worker: "ann", Query: "ANN", Limit: 10}), "5 2 1 4 3")
			f.compact()
		}
	}},
	{"matches nothing for blanks and punctuation", func(f *fixture) {
		f.put(newCustomer("1", "- ?", "ann"))
		for _, q := range []string{"", " ", "-", "?!"} {
			if page := f.search(customer.SearchQuery{Worker: "ann", Query: q, Limit: 10}); len(page.Rows) > 0 || page.More {
				f.Errorf("Search(%q) = %+v, want an empty page", q, page)
			}
		}
	}},
	{"finds the worker's own customers and Everyone's, each once", func(f *fixture) {
		f.put(newCustomer("1", "Anna 1", "ann"), newCustomer("2", "Anna 2", customer.Everyone), newCustomer("3", "Anna 3", "ann", customer.Everyone),
			newCustomer("4", "Anna 4", "bob"), newCustomer("5", "Anna 5"))
		for range 2 {
			f.wantRows(f.search(customer.SearchQuery{Worker: "ann", Query: "anna", Limit: 10}), "1 2 3")
			f.wantRows(f.search(customer.SearchQuery{Worker: "stranger", Query: "anna", Limit: 10}), "2 3")
			f.compact()
		}
		f.put(newCustomer("3", "Anna 3", "ann"), newCustomer("1", "Anna 1", customer.Everyone, "ann"))
		f.wantRows(f.search(customer.SearchQuery{Worker: "ann", Query: "anna", Limit: 10}), "1 2 3")
		f.wantRows(f.search(customer.SearchQuery{Worker: "stranger", Query: "anna", Limit: 10}), "1 2")
	}},
	{"finds the current data only", func(f *fixture) {
		c := newCustomer("1", "Anna", "ann")
		c.Company, c.Avatar = "Stark", "https://example.com/1.png"
		f.put(c, newCustomer("2", "Berta", "ann"))
		for range 2 {
			f.compact()
			c.Company, c.Name = "Hooli", "Zoe"
			f.put(c)
			f.delete("2")
			for q, want := range map[string]string{"stark": "", "anna": "", "hooli": "1", "zoe": "1", "berta": ""} {
				f.wantRows(f.search(customer.SearchQuery{Worker: "ann", Query: q, Limit: 10}), want)
			}
			page := f.search(customer.SearchQuery{Worker: "ann", Query: "hooli", Limit: 10})
			if len(page.Rows) == 1 && (page.Rows[0].Name != "Zoe" || page.Rows[0].Avatar != c.Avatar) {
				f.Errorf("Search(hooli) row = %+v", page.Rows[0])
			}
			c.Company, c.Name = "Stark", "Anna"
			f.put(c, newCustomer("2", "Berta", "ann"))
		}
	}},
	{"continues after an anchor that matches", func(f *fixture) {
		f.put(newCustomer("1", "Anna", "ann"), newCustomer("2", "Hanna", "ann"), newCustomer("3", "Annabel", "ann"), newCustomer("4", "Anna", "bob"), newCustomer("5", "Joanna", "ann"), newCustomer("6", "Bo", "ann"))
		f.wantRows(f.search(customer.SearchQuery{Worker: "ann", Query: "anna", Limit: 10}), "1 3 2 5")
		f.wantRows(f.search(customer.SearchQuery{Worker: "ann", Query: "anna", Anchor: "3", Limit: 10}), "2 5")
		for _, id := range []string{"4", "6", "missing"} {
			if _, err := f.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "anna", Anchor: id, Limit: 3}); !errors.Is(err, customer.ErrUnknownAnchor) {
				f.Errorf("Search(anna, Anchor %s) = %v, want ErrUnknownAnchor", id, err)
			}
		}
	}},
	{"continues after a cursor where its row was", func(f *fixture) {
		for _, change := range changes {
			for _, id := range []string{"a", "b", "c", "d"} {
				f.put(newCustomer(id, "Anna "+strings.ToUpper(id), "ann"))
			}
			page := f.search(customer.SearchQuery{Worker: "ann", Query: "anna", Limit: 2})
			change.do(f)
			f.wantRows(f.search(customer.SearchQuery{Worker: "ann", Query: "anna", After: page.Rows[1].Cursor, Limit: 9}), "c d")
		}
	}},
	{"returns context.Canceled when its context is canceled", func(f *fixture) {
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := f.Search(stopped, customer.SearchQuery{Worker: "ann", Query: "a", Limit: 1}); !errors.Is(err, context.Canceled) {
			f.Errorf("Search() = %v, want context.Canceled", err)
		}
	}},
	{"agrees with matching every customer, after any changes", func(f *fixture) {
		rng := rand.New(rand.NewPCG(1, 2))
		model := map[string]customer.Customer{}
		for round := range 8 {
			changed := 400
			if round > 1 {
				changed = 1 + rng.IntN(150)
			}
			f.update(func(tx customer.Tx) error {
				for range changed {
					id := fmt.Sprint(rng.IntN(900))
					if _, exists := model[id]; exists && rng.IntN(5) == 0 {
						delete(model, id)
						if err := tx.Delete(ctx, id); err != nil {
							return err
						}
						continue
					}
					c := randomCustomer(rng, id)
					model[id] = c
					if err := tx.Put(ctx, c); err != nil {
						return err
					}
				}
				return nil
			})
			if round%4 == 2 {
				f.compact()
			}
			compareSearches(f, rng, model)
		}
	}},
}

var syllables = []string{"an", "na", "jo", "sé", "ma", "ri", "o'", "lu", "ka", "bel", "太郎", "Łu", " ", " ", "-"}

// randomCustomer makes a customer of few, often repeated syllables and digits.
func randomCustomer(rng *rand.Rand, id string) customer.Customer {
	word := func() string {
		w := "X"
		for range 1 + rng.IntN(4) {
			w += syllables[rng.IntN(len(syllables))]
		}
		return w[rng.IntN(2):]
	}
	c := customer.Customer{ID: id, Name: "n" + word()}
	if rng.IntN(2) == 0 {
		c.Company = word()
	}
	if rng.IntN(3) == 0 {
		c.Details.Content = word() + "\n" + word()
	}
	if rng.IntN(2) == 0 {
		c.Channels = append(c.Channels, customer.Channel{Type: "sms", Value: fmt.Sprintf("+1555%07d", rng.IntN(1e7))})
	}
	for _, w := range []string{"ann", "bob", customer.Everyone} {
		if rng.IntN(3) == 0 {
			c.Workers = append(c.Workers, w)
		}
	}
	slices.Sort(c.Workers)
	return c
}

// compareSearches compares searches with naiveSearch over a model.
func compareSearches(f *fixture, rng *rand.Rand, model map[string]customer.Customer) {
	f.Helper()
	queries := []string{"a", "an", "ana", "xan", "n", "nx jo", "lu ka", "ona", "5", "555", "555-12", "太", "jose", "bel an", "zzz", "na na"}
	for _, worker := range []string{"ann", "bob", "stranger"} {
		for range 6 {
			q := queries[rng.IntN(len(queries))]
			limit := 1 + rng.IntN(40)
			got := allPages(f, limit, func(after customer.Cursor) customer.Page {
				return f.search(customer.SearchQuery{Worker: worker, Query: q, After: after, Limit: limit})
			})
			if want := naiveSearch(model, worker, q); !slices.Equal(got, want) {
				f.Fatalf("Search(%s, %q) in pages of %d: %d rows, want %d\n got %v\nwant %v", worker, q, limit, len(got), len(want), got, want)
			}
		}
	}
}

// naiveSearch returns the expected IDs of a search.
func naiveSearch(model map[string]customer.Customer, worker, query string) []string {
	parsed := search.ParseQuery(query)
	type hit struct {
		class uint8
		customer.Customer
	}
	var hits []hit
	for _, c := range model {
		if !slices.Contains(c.Workers, worker) && !slices.Contains(c.Workers, customer.Everyone) {
			continue
		}
		if class, ok := parsed.Match(customer.Document(c)); ok {
			hits = append(hits, hit{class, c})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.class, b.class), compareListOrder(a.Customer, b.Customer))
	})
	all := []string{}
	for _, h := range hits {
		all = append(all, h.ID)
	}
	return all
}
