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
)

var searchTests = []namedTest{
	{"answers the best matches first, each class in list order", func(f *fixture) {
		f.put(person("1", "Carla Annders", "ann"), person("2", "Anna", "ann"), person("3", "Hanna", "ann"),
			person("4", "Zoe Ann", "ann"), person("5", "ann-Marie", "ann"), person("6", "Bert", "ann"), person("7", "Anna", "bob"))
		for range 2 {
			f.sameIDs(f.search(customer.SearchQuery{Worker: "ann", Query: "ANN", Limit: 10}), "5 2 1 4 3")
			f.compact()
		}
	}},
	{"matches nobody without anything to look for", func(f *fixture) {
		f.put(person("1", "- ?", "ann"))
		for _, q := range []string{"", " ", "-", "?!"} {
			if page := f.search(customer.SearchQuery{Worker: "ann", Query: q, Limit: 10}); len(page.Rows) > 0 || page.More {
				f.Errorf("%q: %v", q, page)
			}
		}
	}},
	{"finds a worker's own customers and everyone's, each once", func(f *fixture) {
		f.put(person("1", "Anna 1", "ann"), person("2", "Anna 2", customer.Everyone), person("3", "Anna 3", "ann", customer.Everyone),
			person("4", "Anna 4", "bob"), person("5", "Anna 5"))
		for range 2 {
			f.sameIDs(f.search(customer.SearchQuery{Worker: "ann", Query: "anna", Limit: 10}), "1 2 3")
			f.sameIDs(f.search(customer.SearchQuery{Worker: "stranger", Query: "anna", Limit: 10}), "2 3")
			f.compact()
		}
		f.put(person("3", "Anna 3", "ann"), person("1", "Anna 1", customer.Everyone, "ann"))
		f.sameIDs(f.search(customer.SearchQuery{Worker: "ann", Query: "anna", Limit: 10}), "1 2 3")
		f.sameIDs(f.search(customer.SearchQuery{Worker: "stranger", Query: "anna", Limit: 10}), "1 2")
	}},
	{"finds what a customer is now, not what it was", func(f *fixture) {
		c := person("1", "Anna", "ann")
		c.Company, c.Avatar = "Stark", "https://example.com/1.png"
		f.put(c, person("2", "Berta", "ann"))
		for range 2 {
			f.compact()
			c.Company, c.Name = "Hooli", "Zoe"
			f.put(c)
			f.delete("2")
			for q, want := range map[string]string{"stark": "", "anna": "", "hooli": "1", "zoe": "1", "berta": ""} {
				f.sameIDs(f.search(customer.SearchQuery{Worker: "ann", Query: q, Limit: 10}), want)
			}
			page := f.search(customer.SearchQuery{Worker: "ann", Query: "hooli", Limit: 10})
			if len(page.Rows) == 1 && (page.Rows[0].Name != "Zoe" || page.Rows[0].Avatar != c.Avatar) {
				f.Errorf("row = %+v", page.Rows[0])
			}
			c.Company, c.Name = "Stark", "Anna"
			f.put(c, person("2", "Berta", "ann"))
		}
	}},
	{"leads on after an anchor that matches", func(f *fixture) {
		f.put(person("1", "Anna", "ann"), person("2", "Hanna", "ann"), person("3", "Annabel", "ann"), person("4", "Anna", "bob"), person("5", "Joanna", "ann"), person("6", "Bo", "ann"))
		f.sameIDs(f.search(customer.SearchQuery{Worker: "ann", Query: "anna", Limit: 10}), "1 3 2 5")
		f.sameIDs(f.search(customer.SearchQuery{Worker: "ann", Query: "anna", Anchor: "3", Limit: 10}), "2 5")
		for _, id := range []string{"4", "6", "nothing"} {
			if _, err := f.Search(ctx, customer.SearchQuery{Worker: "ann", Query: "anna", Anchor: id, Limit: 3}); !errors.Is(err, customer.ErrUnknownAnchor) {
				f.Errorf("anchor %s: %v", id, err)
			}
		}
	}},
	{"a cursor leads on from where its row was", func(f *fixture) {
		for _, change := range changes {
			for _, id := range []string{"a", "b", "c", "d"} {
				f.put(person(id, "Anna "+strings.ToUpper(id), "ann"))
			}
			page := f.search(customer.SearchQuery{Worker: "ann", Query: "anna", Limit: 2})
			change.do(f)
			f.sameIDs(f.search(customer.SearchQuery{Worker: "ann", Query: "anna", After: page.Rows[1].Cursor, Limit: 9}), "c d")
		}
	}},
	{"stops when the caller does", func(f *fixture) {
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := f.Search(stopped, customer.SearchQuery{Worker: "ann", Query: "a", Limit: 1}); !errors.Is(err, context.Canceled) {
			f.Errorf("err = %v", err)
		}
	}},
	{"agrees with looking at every customer, whatever changed since the blocks were written", func(f *fixture) {
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
					c := invent(rng, id)
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
			agree(f, rng, model)
		}
	}},
}

var syllables = []string{"an", "na", "jo", "sé", "ma", "ri", "o'", "lu", "ka", "bel", "太郎", "Łu", " ", " ", "-"}

// invent makes a customer of few, often repeated syllables and digits.
func invent(rng *rand.Rand, id string) customer.Customer {
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

// agree compares searches of all kinds with a look at every customer of a model.
func agree(f *fixture, rng *rand.Rand, model map[string]customer.Customer) {
	f.Helper()
	queries := []string{"a", "an", "ana", "xan", "n", "nx jo", "lu ka", "ona", "5", "555", "555-12", "太", "jose", "bel an", "zzz", "na na"}
	for _, worker := range []string{"ann", "bob", "stranger"} {
		for range 6 {
			q := queries[rng.IntN(len(queries))]
			limit := 1 + rng.IntN(40)
			got := walk(f, limit, func(after customer.Cursor) customer.Page {
				return f.search(customer.SearchQuery{Worker: worker, Query: q, After: after, Limit: limit})
			})
			if want := naive(model, worker, q); !slices.Equal(got, want) {
				f.Fatalf("%s searches %q in pages of %d: got %d, want %d\n got %v\nwant %v", worker, q, limit, len(got), len(want), got, want)
			}
		}
	}
}

// naive is what a search must answer.
func naive(model map[string]customer.Customer, worker, query string) []string {
	parsed := customer.ParseQuery(query)
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
		return cmp.Or(cmp.Compare(a.class, b.class), inListOrder(a.Customer, b.Customer))
	})
	all := []string{}
	for _, h := range hits {
		all = append(all, h.ID)
	}
	return all
}
