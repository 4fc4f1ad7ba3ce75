package importer

import (
	"context"
	"errors"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
)

// found is the customer that a row is about: as it is kept, or new.
type found struct {
	customer.Customer
	kept bool
}

// find answers whom a row is about.
func (w *writer) find(ctx context.Context, tx customer.Tx, r *record) (found, error) {
	id := r.id
	if id == "" {
		id = r.hashID
	}
	switch c, err := tx.Get(ctx, id); {
	case err == nil:
		return found{c, true}, nil
	case !errors.Is(err, customer.ErrNotFound):
		return found{}, err
	}
	fresh := found{Customer: customer.Customer{ID: id}}
	if r.id != "" || len(r.keys) == 0 {
		return fresh, nil
	}
	c, err := w.findByContact(ctx, tx, r)
	if c.ID == "" {
		c = fresh
	}
	return c, err
}

// findByContact answers the customer that shares an address with the row and is
// the same person as far as can be told; one without ID when nobody is.
func (w *writer) findByContact(ctx context.Context, tx customer.Tx, r *record) (found, error) {
	var emails, numbers []string
	for _, key := range r.keys {
		if isEmailKey(key) {
			emails = append(emails, key)
		} else {
			numbers = append(numbers, key)
		}
	}
	byEmail, err := w.sharing(ctx, tx, emails)
	if err != nil {
		return found{}, err
	}
	namesakes := slices.DeleteFunc(slices.Clone(byEmail), func(c customer.Customer) bool { return nameWords(c.Name) != r.words })
	if len(namesakes) == 0 {
		if namesakes, err = w.sharing(ctx, tx, numbers); err != nil {
			return found{}, err
		}
		namesakes = slices.DeleteFunc(namesakes, func(c customer.Customer) bool { return nameWords(c.Name) != r.words })
	}
	switch {
	case len(namesakes) == 1:
		return found{namesakes[0], true}, nil
	case len(namesakes) > 1:
		return w.oneOf(namesakes, r), nil
	case len(byEmail) == 1 && w.claims.line(byEmail[0].ID) == 0:
		return found{byEmail[0], true}, nil // the name has changed
	}
	return found{}, nil
}

// sharing answers the customers that have one of the addresses.
func (w *writer) sharing(ctx context.Context, tx customer.Tx, keys []string) ([]customer.Customer, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	ids, err := tx.FindByContact(ctx, keys)
	if err != nil {
		return nil, err
	}
	var all []customer.Customer
	for _, id := range ids {
		c, err := tx.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// oneOf decides between several of the same name and address: for one that says
// all that the row says, because then nothing changes whoever it is; else for one
// that this file has met, so that nobody is doubled; else for none.
func (w *writer) oneOf(namesakes []customer.Customer, r *record) found {
	for _, c := range namesakes {
		if same(r.apply(c, w.worker), c) {
			return found{c, true}
		}
	}
	for _, c := range namesakes {
		if w.claims.line(c.ID) != 0 {
			return found{c, true}
		}
	}
	return found{}
}
