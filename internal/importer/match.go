package importer

import (
	"context"
	"errors"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
)

// found is the customer that a row is about: as it is kept, or new, or removed, when
// nothing is to be done.
type found struct {
	customer.Customer
	kept    bool
	removed *customer.Removal
}

// find answers whom a row is about. What it answers must be the same when the
// file is imported again, although the customers of all later rows are in the
// store by then: whoever an earlier row of this file was is asked for before
// anybody else, and of the others whoever says already what the row says.
func (w *writer) find(ctx context.Context, tx customer.Tx, r *record) (found, error) {
	if r.id != "" {
		return w.getOrRemoved(ctx, tx, r.id)
	}
	var byEmail, byNumber []customer.Customer
	// In a store that was empty there is nobody but those of this file, and who of
	// them is without an id was met by name and address already.
	if !w.empty || w.metID {
		var err error
		if byEmail, byNumber, err = w.sharing(ctx, tx, r.keys); err != nil {
			return found{}, err
		}
	}
	var namesakes []customer.Customer
	for _, c := range append(byEmail, byNumber...) {
		if nameWords(c.Name) == r.words {
			namesakes = append(namesakes, c)
		}
	}
	for _, c := range namesakes {
		if w.claims.place(c.ID) != 0 {
			return found{Customer: c, kept: true}, nil
		}
	}
	made, err := w.getOrRemoved(ctx, tx, r.hashID)
	if err != nil || made.kept || made.removed != nil {
		return made, err
	}
	for _, c := range namesakes {
		if same(r.apply(c, w.worker), c) {
			return found{Customer: c, kept: true}, nil
		}
	}
	for _, level := range [][]customer.Customer{byEmail, byNumber} {
		var one []customer.Customer
		for _, c := range level {
			if nameWords(c.Name) == r.words {
				one = append(one, c)
			}
		}
		if len(one) == 1 {
			return found{Customer: one[0], kept: true}, nil
		}
		if len(one) > 1 {
			return made, nil // nobody can tell which
		}
	}
	if len(byEmail) == 1 && w.claims.place(byEmail[0].ID) == 0 {
		return found{Customer: byEmail[0], kept: true}, nil // the name has changed
	}
	if len(namesakes)+len(byEmail) == 0 {
		// Somebody else may answer the number of who was removed: an e-mail address
		// that nobody has any more is theirs alone.
		emails := slices.DeleteFunc(slices.Clone(r.keys), func(key string) bool { return !isEmailKey(key) })
		if len(emails) > 0 {
			return w.unlessRemoved(ctx, tx, made, emails)
		}
	}
	return made, nil
}

// getOrRemoved is get that also tells whether a customer that is not there was removed.
func (w *writer) getOrRemoved(ctx context.Context, tx customer.Tx, id string) (found, error) {
	f, err := w.get(ctx, tx, id)
	if err != nil || f.kept {
		return f, err
	}
	return w.unlessRemoved(ctx, tx, f, nil)
}

func (w *writer) unlessRemoved(ctx context.Context, tx customer.Tx, f found, emails []string) (found, error) {
	removal, ok, err := tx.Removed(ctx, f.ID, emails)
	if ok && err == nil {
		f.removed = &removal
	}
	return f, err
}

func (w *writer) get(ctx context.Context, tx customer.Tx, id string) (found, error) {
	c, err := tx.Get(ctx, id)
	if errors.Is(err, customer.ErrNotFound) {
		return found{Customer: customer.Customer{ID: id}}, nil
	}
	return found{Customer: c, kept: err == nil}, err
}

// sharing answers the customers that share an e-mail address, and those that
// share only a number.
func (w *writer) sharing(ctx context.Context, tx customer.Tx, keys []string) (byEmail, byNumber []customer.Customer, err error) {
	seen := map[string]bool{}
	for _, emails := range []bool{true, false} {
		for _, key := range keys {
			if isEmailKey(key) != emails {
				continue
			}
			ids, err := w.at(ctx, tx, key)
			if err != nil {
				return nil, nil, err
			}
			for _, id := range ids {
				if seen[id] {
					continue
				}
				seen[id] = true
				c, err := tx.Get(ctx, id)
				if err != nil {
					return nil, nil, err
				}
				if emails {
					byEmail = append(byEmail, c)
				} else {
					byNumber = append(byNumber, c)
				}
			}
		}
	}
	return byEmail, byNumber, nil
}

// crowd is how many customers at one address tell nobody apart: as many as the
// store names at most.
const crowd = customer.MaxFound

// at answers who is at an address: nobody when it is a crowd, because then it is a
// switchboard or made up.
func (w *writer) at(ctx context.Context, tx customer.Tx, key string) ([]string, error) {
	if w.crowded[key] {
		return nil, nil
	}
	ids, err := tx.FindByContact(ctx, []string{key})
	if len(ids) >= crowd {
		w.crowded[key] = true
		return nil, err
	}
	return ids, err
}

// isEmpty tells whether nobody is in the store.
func isEmpty(ctx context.Context, store Store) (bool, error) {
	for _, err := range store.All(ctx) {
		return false, err
	}
	return true, nil
}
