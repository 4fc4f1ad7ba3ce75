package sqlite

import (
	"bytes"
	"context"
	"database/sql/driver"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
)

// clone copies the slices that a caller may change.
func clone(c customer.Customer) customer.Customer {
	c.Channels, c.Links, c.Workers = slices.Clone(c.Channels), slices.Clone(c.Links), slices.Clone(c.Workers)
	return c
}

func (t *tx) Put(ctx context.Context, c customer.Customer) error {
	return t.run(ctx, func() error {
		if err := customer.Validate(c); err != nil {
			return err
		}
		c = clone(c)
		slices.Sort(c.Workers)
		c.Workers = slices.Compact(c.Workers)
		text, err := encodeBody(c)
		if err != nil {
			return err
		}
		next := &stored{place: place(c.Name, c.ID), avatar: c.Avatar, body: text, Customer: c}
		old, err := t.find(c.ID)
		if err != nil {
			return err
		}
		t.last, t.missing = nil, ""
		if old != nil && !old.deleted && samePlace(old.place, next.place) && old.avatar == next.avatar && old.body == next.body {
			return nil
		}
		t.changed = true
		if err := t.putRow(old, next); err != nil {
			return err
		}
		isNew := old == nil
		if old == nil || old.deleted {
			old = nil
			if err := t.forgetRemoval(c.ID); err != nil {
				return err
			}
		}
		if isNew {
			err = t.assignNew(next)
		} else {
			err = t.putAssignments(old, next)
		}
		if err != nil {
			return err
		}
		return t.putContacts(old, next)
	})
}

// putRow writes the row of table customer, and gives next its pk and rev.
func (t *tx) putRow(old, next *stored) error {
	if old == nil {
		next.pk, next.rev = t.nextPK, 1
		t.nextPK++
		return t.c.exec("INSERT INTO customer (pk, id, place, rev, avatar, body) VALUES (?, ?, ?, ?, ?, ?)",
			next.pk, next.ID, next.place, next.rev, next.avatar, next.body)
	}
	next.pk, next.rev = old.pk, old.rev
	if !samePlace(old.place, next.place) {
		next.rev++
		if err := t.c.exec("INSERT INTO renamed (pk, rev, place, at) VALUES (?, ?, ?, ?)",
			old.pk, old.rev, old.place, t.now); err != nil {
			return err
		}
	}
	return t.c.exec("UPDATE customer SET place = ?, rev = ?, avatar = ?, body = ?, deleted_at = NULL WHERE pk = ?",
		next.place, next.rev, next.avatar, next.body, next.pk)
}

// putAssignments makes the lists of workers agree with next; old is nil when the
// customer is new to all.
func (t *tx) putAssignments(old, next *stored) error {
	if err := t.writeFresh(next.pk); err != nil {
		return err
	}
	had, err := t.ownersOf(old)
	if err != nil {
		return err
	}
	has, err := t.ownersOf(next)
	if err != nil {
		return err
	}
	moved := old != nil && !samePlace(old.place, next.place)
	doc := customer.Document(next.Customer)
	redocumented := moved || old != nil && !sameText(old.Customer, next.Customer) && !bytes.Equal(doc, customer.Document(old.Customer))
	for _, owner := range has {
		stays := slices.Contains(had, owner)
		var was []byte
		if stays {
			was = old.place
		}
		if stays && moved {
			if err := t.unassign(owner, old); err != nil {
				return err
			}
		}
		switch {
		case !stays || moved:
			err = t.assign(owner, next)
		case old.avatar != next.avatar && isWorker(owner):
			err = t.c.exec("UPDATE assignment SET rest = ? WHERE owner = ? AND place = ?", restOf(next), owner, next.place)
		}
		if !stays {
			t.counts[owner]++
		}
		if err == nil && (!stays || redocumented) {
			err = t.pend(owner, next.pk, was, next.place, doc)
		}
		if err != nil {
			return err
		}
	}
	for _, owner := range had {
		if slices.Contains(has, owner) {
			continue
		}
		if err := t.leave(owner, old); err != nil {
			return err
		}
	}
	return nil
}

// sameText tells two customers of the same text without making documents of them.
func sameText(a, b customer.Customer) bool {
	return a.Name == b.Name && a.Company == b.Company && a.JobTitle == b.JobTitle && a.Details == b.Details && slices.Equal(a.Channels, b.Channels)
}

// ownersOf answers whose a customer is: its workers, without repeats, or nobody,
// and the register.
func (t *tx) ownersOf(r *stored) ([]int64, error) {
	if r == nil {
		return nil, nil
	}
	owners := make([]int64, 0, len(r.Workers))
	for _, w := range r.Workers {
		id, err := t.owner(w)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(owners, id) { // "Ann@x.com" and "ann@x.com" are one
			owners = append(owners, id)
		}
	}
	if len(owners) == 0 {
		owners = append(owners, unassigned)
	}
	return append(owners, register), nil
}

// isWorker tells owners that have lists with workers, anchors and all, from those
// that only the register reads.
func isWorker(owner int64) bool { return owner > 0 }

func (t *tx) assign(owner int64, next *stored) error {
	rest := []byte{}
	if isWorker(owner) {
		rest = restOf(next)
	}
	return t.c.exec("INSERT INTO assignment (owner, place, pk, rest) VALUES (?, ?, ?, ?)", owner, next.place, next.pk, rest)
}

func (t *tx) unassign(owner int64, old *stored) error {
	return t.c.exec("DELETE FROM assignment WHERE owner = ? AND place = ?", owner, old.place)
}

// leave takes a customer from a worker for good, but remembers that it was there.
func (t *tx) leave(owner int64, old *stored) error {
	if err := t.unassign(owner, old); err != nil {
		return err
	}
	t.counts[owner]--
	if isWorker(owner) {
		if err := t.c.exec("INSERT OR REPLACE INTO former (owner, pk, left_at) VALUES (?, ?, ?)", owner, old.pk, t.now); err != nil {
			return err
		}
	}
	if err := t.pend(owner, old.pk, old.place, nil, nil); err != nil {
		return err
	}
	// The blocks need not forget what they never knew.
	return t.c.exec("DELETE FROM search_pending WHERE owner = ? AND pk = ? AND coalesce(was, x'') = x'' AND now IS NULL", owner, old.pk)
}

// pend notes that an owner's blocks no longer tell the truth about a customer.
// was, the place under which they hold it, is what the first change since the
// last compaction said; nil when they do not hold it. now is nil for "gone".
func (t *tx) pend(owner, pk int64, was, now, doc []byte) error {
	t.touched[owner] = true
	if from, ok := t.unwritten[owner]; ok && bytes.Compare(was, from) >= 0 {
		was = nil
	}
	const insert = "INSERT INTO search_pending (owner, pk, was, now, doc) VALUES (?, ?, ?, ?, ?) "
	if owner != t.swept {
		return t.c.exec(insert+"ON CONFLICT DO UPDATE SET now = excluded.now, doc = excluded.doc", owner, pk, was, now, doc)
	}
	return t.c.exec(insert+`ON CONFLICT DO UPDATE SET now = excluded.now, doc = excluded.doc,
		was = CASE WHEN was IS NULL AND `+nowSwept+" THEN now ELSE coalesce(was, x'') END", owner, pk, t.notHeld(owner, was), now, doc)
}

// notHeld is the column was of a customer that blocks held under was, or not, if it
// is nil.
func (t *tx) notHeld(owner int64, was []byte) driver.Value {
	switch {
	case was != nil:
		return was
	case owner == t.swept:
		return []byte{}
	}
	return nil
}

// Delete removes a customer and leaves a tombstone.
func (t *tx) Delete(ctx context.Context, id string) error {
	return t.run(ctx, func() error {
		_, err := t.delete(id)
		return err
	})
}

func (t *tx) delete(id string) (old *stored, err error) {
	if old, err = t.find(id); err != nil {
		return nil, err
	}
	if old == nil || old.deleted {
		return nil, customer.ErrNotFound
	}
	t.last, t.missing, t.changed = nil, "", true
	if err := t.writeFresh(old.pk); err != nil {
		return nil, err
	}
	owners, err := t.ownersOf(old)
	if err != nil {
		return nil, err
	}
	for _, owner := range owners {
		if err := t.leave(owner, old); err != nil {
			return nil, err
		}
	}
	if err := t.putContacts(old, nil); err != nil {
		return nil, err
	}
	return old, t.c.exec("UPDATE customer SET avatar = '', body = '', deleted_at = ? WHERE pk = ?", t.now, old.pk)
}
