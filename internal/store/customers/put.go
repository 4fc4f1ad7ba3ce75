package customers

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// clone copies the slices that a caller may change.
func clone(c customer.Customer) customer.Customer {
	c.Channels, c.Links, c.Workers = slices.Clone(c.Channels), slices.Clone(c.Links), slices.Clone(c.Workers)
	return c
}

// Put implements customer.Tx.
func (t *tx) Put(ctx context.Context, c customer.Customer) error {
	return t.run(ctx, func() error {
		if err := customer.Validate(c); err != nil {
			return err
		}
		c = clone(c)
		slices.Sort(c.Workers)
		c.Workers = slices.Compact(c.Workers)
		old, err := t.find(c.ID)
		if err != nil {
			return err
		}
		return t.put(old, c)
	})
}

// put writes a customer in place of old, which may be nil or a tombstone.
func (t *tx) put(old *customerRow, c customer.Customer) error {
	body, err := encodeJSON(c)
	if err != nil {
		return err
	}
	next := &customerRow{key: sortKey(c.Name, c.ID), avatar: c.Avatar, body: body, Customer: c}
	delete(t.found, c.ID)
	if old != nil && !old.deleted && bytes.Equal(old.key, next.key) && old.avatar == next.avatar && old.body == next.body {
		return nil
	}
	t.changed = true
	if err := t.putRow(old, next); err != nil {
		return err
	}
	if old == nil || old.deleted {
		old = nil
		if err := t.forgetDeletion(c.ID); err != nil {
			return err
		}
	}
	if err := t.updateLists(old, next); err != nil {
		return err
	}
	if err := t.updateContacts(old, next); err != nil || len(t.rows) < maxNewRows {
		return err
	}
	return t.writeRows()
}

// maxNewRows is how many new customers may wait for being written.
const maxNewRows = 256

var rowInserter = sqldb.NewInserter("INSERT INTO customer (pk, id, place, rev, avatar, body) VALUES", "", 6,
	func(a, b *customerRow) int { return cmp.Compare(a.pk, b.pk) },
	func(args []driver.Value, r *customerRow) []driver.Value {
		return append(args, r.pk, r.ID, r.key, r.rev, r.avatar, r.body)
	})

// writeRows writes the new customers and contacts that wait.
func (t *tx) writeRows() error {
	if len(t.rows) == 0 && len(t.newContacts) == 0 {
		return nil
	}
	err := errors.Join(rowInserter.Insert(t.c, t.rows), contactInserter.Insert(t.c, t.newContacts))
	clear(t.rows)
	t.rows, t.newContacts = t.rows[:0], t.newContacts[:0]
	return err
}

// putRow writes the row of table `customer`, and sets pk and rev of next. A new one waits.
func (t *tx) putRow(old, next *customerRow) error {
	if old == nil {
		next.pk, next.rev = t.nextPK, 1
		t.nextPK++
		t.rows = append(t.rows, next)
		return nil
	}
	next.pk, next.rev = old.pk, old.rev
	if !bytes.Equal(old.key, next.key) {
		next.rev++
		if err := t.c.Exec("INSERT INTO renamed (pk, rev, place, at) VALUES (?, ?, ?, ?)",
			old.pk, old.rev, old.key, t.now); err != nil {
			return err
		}
	}
	return t.c.Exec("UPDATE customer SET place = ?, rev = ?, avatar = ?, body = ?, deleted_at = NULL WHERE pk = ?",
		next.key, next.rev, next.avatar, next.body, next.pk)
}

// Delete deletes a customer and leaves a tombstone.
func (t *tx) Delete(ctx context.Context, id string) error {
	return t.run(ctx, func() error {
		_, err := t.delete(id)
		return err
	})
}

func (t *tx) delete(id string) (old *customerRow, err error) {
	if old, err = t.find(id); err != nil {
		return nil, err
	}
	if old == nil || old.deleted {
		return nil, customer.ErrNotFound
	}
	delete(t.found, id)
	t.changed = true
	if err := t.updateLists(old, nil); err != nil {
		return nil, err
	}
	if err := t.updateContacts(old, nil); err != nil {
		return nil, err
	}
	return old, t.c.Exec("UPDATE customer SET avatar = '', body = '', deleted_at = ? WHERE pk = ?", t.now, old.pk)
}
