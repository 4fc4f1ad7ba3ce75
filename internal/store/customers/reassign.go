package customers

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// Reassign implements customer.Tx.
func (t *tx) Reassign(ctx context.Context, from, to string, limit int) (moved int, err error) {
	err = t.runWritten(ctx, func() error {
		if text.SameIdentity(from, to) {
			return &customer.InvalidError{Reason: "these customers already have this owner"}
		}
		if to != "" {
			if err := customer.ValidateWorker(to); err != nil {
				return err
			}
		}
		owner := int64(unassigned)
		if from != "" {
			var err error
			if owner, err = readOwner(t.c, from); err != nil || owner == 0 {
				return err
			}
		}
		if err := t.writeLists(); err != nil {
			return err
		}
		rows, err := t.readOwned(owner, limit)
		if err != nil {
			return err
		}
		for _, old := range rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := t.reassign(old, from, to); err != nil {
				return err
			}
		}
		moved = len(rows)
		return nil
	})
	return moved, err
}

// readOwned reads an owner's first customers in list order.
func (t *tx) readOwned(owner int64, limit int) (rows []*customerRow, err error) {
	err = t.c.Each(func(v []driver.Value) error {
		r, err := decodeCustomerRow(v)
		rows = append(rows, r)
		return err
	}, "SELECT "+customerColumns+" FROM assignment a JOIN customer c ON c.pk = a.pk WHERE a.owner = ? ORDER BY a.place LIMIT ? + 0", owner, int64(limit))
	return rows, err
}

// reassign replaces one worker of a customer by another.
func (t *tx) reassign(old *customerRow, from, to string) error {
	c := clone(old.Customer)
	c.Workers = slices.DeleteFunc(c.Workers, func(w string) bool { return from != "" && text.SameIdentity(w, from) })
	if to != "" && !text.ContainsIdentity(c.Workers, to) {
		c.Workers = append(c.Workers, to)
		slices.Sort(c.Workers)
	}
	return t.put(old, c)
}
