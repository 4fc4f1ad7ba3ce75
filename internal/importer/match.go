package importer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/cell"
)

// matched is the customer that a row is about: as the store has it, or a new one, or
// one that was deleted and must not be written.
type matched struct {
	customer.Customer
	exists  bool
	deleted *customer.Deletion
}

// match finds the customer that a row is about, by the rules of the package comment.
// The result must be the same when the file is imported again, although the customers
// of all later rows are in the store by then. So it prefers a customer that an earlier
// row of this file was about, and then one that the row would not change.
func (w *writer) match(ctx context.Context, tx customer.Tx, r *mappedRow) (matched, error) {
	if r.id != "" {
		m, err := w.getOrDeleted(ctx, tx, r.id)
		if err == nil && !m.exists && m.deleted == nil && !w.wasEmpty {
			return w.matchRetyped(ctx, tx, r, m)
		}
		return m, err
	}
	var byEmail, byNumber []customer.Customer
	// A store that was empty has only the customers of this file, and earlierRow found
	// those of them without an id.
	if !w.wasEmpty || w.usedID {
		var err error
		if byEmail, byNumber, err = w.sharing(ctx, tx, r.keys); err != nil {
			return matched{}, err
		}
	}
	var namesakes []customer.Customer
	for _, c := range append(byEmail, byNumber...) {
		if nameWords(c.Name) == r.words {
			namesakes = append(namesakes, c)
		}
		if nameWords(c.Name) == r.words || r.nameless || hasNoName(c) {
			w.pruning.keep(c.ID)
		}
	}
	for _, c := range namesakes {
		if w.positions.Has(c.ID) {
			return matched{Customer: c, exists: true}, nil
		}
	}
	byHash, err := w.getOrDeleted(ctx, tx, r.hashID)
	if err != nil || byHash.exists || byHash.deleted != nil {
		return byHash, err
	}
	alike := namesakes
	if r.nameless {
		alike = append(byEmail, byNumber...)
	}
	for _, c := range alike {
		if same(r.apply(c, w.worker), c) {
			return matched{Customer: c, exists: true}, nil
		}
	}
	for _, candidates := range [][]customer.Customer{byEmail, byNumber} {
		var named []customer.Customer
		for _, c := range candidates {
			if nameWords(c.Name) == r.words {
				named = append(named, c)
			}
		}
		if len(named) == 1 {
			return matched{Customer: named[0], exists: true}, nil
		}
		if len(named) > 1 {
			return byHash, nil // ambiguous: a new customer
		}
	}
	if len(byEmail) == 1 && !w.positions.Has(byEmail[0].ID) && !r.lostID && isRenamed(byEmail[0], r) {
		return matched{Customer: byEmail[0], exists: true}, nil
	}
	if len(byEmail) == 0 && len(byNumber) == 1 && !w.positions.Has(byNumber[0].ID) && (r.nameless || hasNoName(byNumber[0])) {
		return matched{Customer: byNumber[0], exists: true}, nil // one of them has no name
	}
	if len(namesakes)+len(byEmail) == 0 {
		// A number of a deleted customer may have a new owner. An email address that no
		// customer has any more is still the deleted customer's.
		emails := slices.DeleteFunc(slices.Clone(r.keys), func(key string) bool { return !isEmailKey(key) })
		if len(emails) > 0 {
			return w.checkDeleted(ctx, tx, byHash, emails)
		}
	}
	return byHash, nil
}

// matchRetyped finds the customer whose id a spreadsheet wrote as that of the row: the only
// such one with this name that shares an address. Otherwise the row is about m, a new
// customer.
func (w *writer) matchRetyped(ctx context.Context, tx customer.Tx, r *mappedRow, m matched) (matched, error) {
	if !cell.MayBeRetyped(r.id) {
		return m, nil
	}
	byEmail, byNumber, err := w.sharing(ctx, tx, contactKeys(r.channels))
	if err != nil {
		return m, err
	}
	var found []customer.Customer
	for _, c := range append(byEmail, byNumber...) {
		if c.Name == r.name && cell.IsSavedAs(c.ID, r.id) && !w.positions.Has(c.ID) {
			found = append(found, c)
			w.pruning.keep(c.ID)
		}
	}
	if len(found) != 1 {
		return m, nil
	}
	r.remarks = append(r.remarks, fmt.Sprintf("a spreadsheet wrote the id %s as %s; the customer keeps its id", quote(found[0].ID), quote(r.id)))
	return matched{Customer: found[0], exists: true}, nil
}

// getOrDeleted returns the customer with an id, and of one that is not there whether
// it was deleted.
func (w *writer) getOrDeleted(ctx context.Context, tx customer.Tx, id string) (matched, error) {
	c, err := tx.Get(ctx, id)
	if errors.Is(err, customer.ErrNotFound) {
		return w.checkDeleted(ctx, tx, matched{Customer: customer.Customer{ID: id}}, nil)
	}
	return matched{Customer: c, exists: err == nil}, err
}

func (w *writer) checkDeleted(ctx context.Context, tx customer.Tx, m matched, emails []string) (matched, error) {
	deletion, ok, err := tx.FindDeletion(ctx, m.ID, emails)
	if ok && err == nil {
		m.deleted = &deletion
	}
	return m, err
}

// sharing returns the customers that share an email address, and those that share
// only a number.
func (w *writer) sharing(ctx context.Context, tx customer.Tx, keys []string) (byEmail, byNumber []customer.Customer, err error) {
	seen := map[string]bool{}
	for _, emails := range []bool{true, false} {
		for _, key := range keys {
			if isEmailKey(key) != emails {
				continue
			}
			ids, err := w.findByContact(ctx, tx, key)
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

// findByContact returns the ids of the customers with an address. It returns none when
// customer.MaxFound of them share it: a switchboard or a made-up number identifies nobody.
func (w *writer) findByContact(ctx context.Context, tx customer.Tx, key string) ([]string, error) {
	if w.tooCommon[key] {
		return nil, nil
	}
	ids, err := tx.FindByContact(ctx, []string{key})
	if len(ids) >= customer.MaxFound {
		w.tooCommon[key] = true
		return nil, err
	}
	return ids, err
}

// isEmpty reports whether the store has no customers.
func isEmpty(ctx context.Context, store Store) (bool, error) {
	for _, err := range store.All(ctx) {
		return false, err
	}
	return true, nil
}
