package sqlite

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// Reassign gives customers of one worker to another.
func (t *tx) Reassign(ctx context.Context, from, to string, limit int) (moved int, err error) {
	err = t.run(ctx, func() error {
		if text.IdentityKey(from) == text.IdentityKey(to) {
			return &customer.InvalidError{Reason: "they are this worker's already"}
		}
		if to != "" {
			if err := customer.ValidateWorker(to); err != nil {
				return err
			}
		}
		owner := int64(unassigned)
		if from != "" {
			var err error
			if owner, err = t.known(from); err != nil || owner == 0 {
				return err
			}
		}
		if err := t.writeFresh(t.nextPK); err != nil {
			return err
		}
		all, err := t.first(owner, limit)
		if err != nil {
			return err
		}
		for _, old := range all {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := t.give(old, from, to); err != nil {
				return err
			}
		}
		moved = len(all)
		return nil
	})
	return moved, err
}

// first reads the first of an owner's customers in list order.
func (t *tx) first(owner int64, limit int) (all []*stored, err error) {
	err = t.c.each(func(v []driver.Value) error {
		r := &stored{pk: v[0].(int64), rev: v[1].(int64), place: v[2].([]byte), avatar: v[3].(string), body: v[4].(string)}
		r.Customer, err = decodeCustomer(r.place, r.avatar, r.body)
		all = append(all, r)
		return err
	}, `SELECT c.pk, c.rev, c.place, c.avatar, c.body FROM assignment a JOIN customer c ON c.pk = a.pk
		WHERE a.owner = ? ORDER BY a.place LIMIT ? + 0`, owner, int64(limit))
	return all, err
}

// give puts one worker in the place of another.
func (t *tx) give(old *stored, from, to string) error {
	next := *old
	next.Customer = clone(old.Customer)
	next.Workers = slices.DeleteFunc(next.Workers, func(w string) bool { return from != "" && text.IdentityKey(w) == text.IdentityKey(from) })
	if to != "" && !slices.ContainsFunc(next.Workers, func(w string) bool { return text.IdentityKey(w) == text.IdentityKey(to) }) {
		next.Workers = append(next.Workers, to)
		slices.Sort(next.Workers)
	}
	var err error
	if next.body, err = encodeBody(next.Customer); err != nil {
		return err
	}
	t.last, t.changed = nil, true
	if err := t.c.exec("UPDATE customer SET body = ? WHERE pk = ?", next.body, next.pk); err != nil {
		return err
	}
	return t.putAssignments(old, &next)
}
