package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// tx is a transaction of Update.
type tx struct {
	s    *Customers
	c    *conn
	now  int64 // seconds since 1970
	done bool
	// failed is the first error of the driver: what was written by then may be half
	// of something, so it must not be kept whatever fn makes of the error.
	failed error

	firstPK    int64 // of those that are new in this transaction
	nextPK     int64
	generation int64
	purgedAt   int64
	recent     int64 // rows put in contact_recent
	duplicates int64
	removed    int64
	sharedFrom driver.Value // of table state
	// unwritten are the places from which on the blocks of an owner are still to
	// be written, for databases older than those owners.
	unwritten map[int64][]byte
	swept     int64 // the owner of whom very many go into blocks

	changed bool
	touched map[int64]bool   // owners with pending documents
	owners  map[string]int64 // ids found or made here, shared when they are kept
	counts  map[int64]int64  // how many customers owners have more than before
	hashes  map[int64]bool   // whose customers changed
	fresh   fresh
	args    []driver.Value // a buffer

	// What find found last, or the id of which it found nothing: callers get, then put.
	last    *stored
	missing string
}

// Update runs fn in one transaction.
func (s *Customers) Update(ctx context.Context, fn func(customer.Tx) error) error {
	t := &tx{s: s, now: s.db.now().Unix(), touched: map[int64]bool{}, owners: map[string]int64{}, counts: map[int64]int64{}, hashes: map[int64]bool{}}
	defer func() { t.done = true }()
	err := s.writing(ctx, func(c *conn) error {
		t.c = c
		if err := t.begin(); err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
		if t.failed != nil {
			return t.failed
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return t.finish(ctx)
	})
	if err == nil {
		for key, id := range t.owners {
			s.owners.put(key, id)
		}
	}
	return err
}

func (t *tx) begin() error {
	row, err := t.c.one(`SELECT next_pk, generation, purged_at, recent, duplicates, removed, shared_from,
		register_from IS NOT NULL, register_from, unassigned_from IS NOT NULL, unassigned_from, sweep_owner FROM state WHERE id = 1`)
	if err != nil {
		return err
	}
	t.firstPK = row[0].(int64)
	t.nextPK, t.generation = row[0].(int64), row[1].(int64)
	t.purgedAt, t.recent = row[2].(int64), row[3].(int64)
	t.duplicates, t.removed, t.sharedFrom = row[4].(int64), row[5].(int64), row[6]
	t.swept = row[11].(int64)
	for i, owner := range []int64{register, unassigned} {
		if row[7+2*i].(int64) == 1 {
			if t.unwritten == nil {
				t.unwritten = map[int64][]byte{}
			}
			from, _ := row[8+2*i].([]byte)
			t.unwritten[owner] = from
		}
	}
	return nil
}

// finish writes what the transaction left to the end.
func (t *tx) finish(ctx context.Context) error {
	if !t.changed {
		return nil
	}
	if err := t.writeFresh(t.nextPK); err != nil {
		return err
	}
	if err := t.countOwners(); err != nil {
		return err
	}
	if err := t.shareTouched(); err != nil {
		return err
	}
	if !t.s.db.bulk {
		for owner := range t.touched {
			if err := t.s.compactIfDue(ctx, t.c, owner); err != nil {
				return err
			}
		}
	}
	if t.now-t.purgedAt > int64(purgeEvery.Seconds()) {
		if _, err := purge(t.c, t.now); err != nil {
			return err
		}
		t.purgedAt = t.now
	}
	if t.recent > mostRecent {
		if err := settleContacts(t.c); err != nil {
			return err
		}
		t.recent = 0
	}
	return t.c.exec(`UPDATE state SET next_pk = ?, generation = ?, purged_at = ?, recent = ?,
		duplicates = ?, removed = ?, shared_from = ? WHERE id = 1`,
		t.nextPK, t.generation+1, t.purgedAt, t.recent, t.duplicates, t.removed, t.sharedFrom)
}

// countOwners keeps how many customers owners have.
func (t *tx) countOwners() error {
	for owner, more := range t.counts {
		if more == 0 {
			continue
		}
		if err := t.c.exec("UPDATE owner SET customers = customers + ? WHERE id = ?", more, owner); err != nil {
			return err
		}
	}
	return nil
}

var errTxDone = errors.New("the transaction is over")

// run makes a method of Tx refuse to run too late, and remembers its failure.
func (t *tx) run(ctx context.Context, fn func() error) error {
	switch {
	case t.done:
		return errTxDone
	case t.failed != nil:
		return t.failed
	case ctx.Err() != nil:
		return ctx.Err()
	}
	err := fn()
	var invalid *customer.InvalidError
	if err != nil && !errors.Is(err, customer.ErrNotFound) && !errors.As(err, &invalid) {
		t.failed = failed(err)
		return t.failed
	}
	return err
}

// stored is a row of the table customer.
type stored struct {
	pk, rev int64
	place   []byte
	avatar  string
	body    string
	deleted bool
	customer.Customer
}

// find reads a customer, also a tombstone; nil when there is neither.
func (t *tx) find(id string) (*stored, error) {
	switch {
	case t.last != nil && t.last.ID == id:
		return t.last, nil
	case t.missing == id && id != "":
		return nil, nil
	}
	row, err := t.c.one("SELECT pk, rev, place, avatar, body, deleted_at FROM customer WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	if row == nil {
		t.missing = id
		return nil, nil
	}
	r := &stored{
		pk: row[0].(int64), rev: row[1].(int64), place: row[2].([]byte),
		avatar: row[3].(string), body: row[4].(string), deleted: row[5] != nil,
	}
	if r.deleted {
		r.ID = id
	} else if r.Customer, err = decodeCustomer(r.place, r.avatar, r.body); err != nil {
		return nil, err
	}
	t.last = r
	return r, nil
}

func (t *tx) Get(ctx context.Context, id string) (c customer.Customer, err error) {
	err = t.run(ctx, func() error {
		r, err := t.find(id)
		if err != nil {
			return err
		}
		if r == nil || r.deleted {
			return customer.ErrNotFound
		}
		c = clone(r.Customer)
		return nil
	})
	return c, err
}

// owner finds the id of a worker, making it when it is new. What is made here is
// not shared before it is kept.
func (t *tx) owner(worker string) (int64, error) {
	id, err := t.known(worker)
	if err != nil || id != 0 {
		return id, err
	}
	key := text.IdentityKey(worker)
	row, err := t.c.one("INSERT INTO owner (key, identity) VALUES (?, ?) RETURNING id", key, worker)
	if err != nil {
		return 0, err
	}
	id = row[0].(int64)
	t.owners[key] = id
	return id, nil
}

// known finds the id of a worker, 0 when nobody ever assigned anything to it.
func (t *tx) known(worker string) (int64, error) {
	key := text.IdentityKey(worker)
	if id, ok := t.s.owners.get(key); ok {
		return id, nil
	}
	if id, ok := t.owners[key]; ok {
		return id, nil
	}
	if strings.IndexByte(key, 0) >= 0 {
		return 0, nil // see Customers.owner
	}
	row, err := t.c.one("SELECT id FROM owner WHERE key = ?", key)
	if err != nil || row == nil {
		return 0, err
	}
	id := row[0].(int64)
	t.owners[key] = id
	return id, nil
}
