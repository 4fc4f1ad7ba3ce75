package importer

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/spill"
)

// Store is what an import writes to. Every customer.Store is one.
type Store interface {
	Update(ctx context.Context, fn func(tx customer.Tx) error) error
	All(ctx context.Context) iter.Seq2[customer.Customer, error]
}

// CustomerReader is what a dry run reads: all customers, of any owner.
type CustomerReader interface {
	// GetAll, Totals and FindByContact are those of customer.AdminReader.
	GetAll(ctx context.Context, ids []string) ([]customer.Customer, error)
	Totals(ctx context.Context) (customer.Totals, error)
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	// FindDeletion is that of customer.Tx.
	FindDeletion(ctx context.Context, id string, keys []string) (customer.Deletion, bool, error)
	All(ctx context.Context) iter.Seq2[customer.Customer, error]
}

// dryRunStore is the Store of a dry run. It reads what was not written, and writes nothing.
type dryRunStore struct {
	CustomerReader
	before  customer.Totals
	written *spill.File
}

// Update runs fn. It does not roll back when fn fails: the dry run ends then.
func (s *dryRunStore) Update(ctx context.Context, fn func(tx customer.Tx) error) error {
	return fn(&dryRunTx{dryRunStore: s})
}

// dryRunTx has those methods of a customer.Tx that an import calls.
type dryRunTx struct {
	customer.Tx // nil
	*dryRunStore
	// prefetched has no ID for customers that do not exist.
	prefetched map[string]customer.Customer
}

func (t *dryRunTx) Prefetch(ctx context.Context, ids []string) error {
	t.prefetched = map[string]customer.Customer{}
	for _, id := range ids {
		t.prefetched[id] = customer.Customer{}
	}
	found, err := t.CustomerReader.GetAll(ctx, ids)
	for _, c := range found {
		t.prefetched[c.ID] = c
	}
	return err
}

func (t *dryRunTx) Get(ctx context.Context, id string) (customer.Customer, error) {
	c, err := t.written.Get(id)
	if !errors.Is(err, customer.ErrNotFound) {
		return c, err
	}
	c, known := t.prefetched[id]
	if !known {
		found, err := t.CustomerReader.GetAll(ctx, []string{id})
		if err != nil || len(found) == 0 {
			return c, cmp.Or(err, customer.ErrNotFound)
		}
		c = found[0]
	}
	if c.ID == "" {
		return c, customer.ErrNotFound
	}
	return c, nil
}

// FindByContact returns at most as many ids as a store does, each once. Customers that
// no longer have the address do not count.
func (t *dryRunTx) FindByContact(ctx context.Context, keys []string) ([]string, error) {
	ids, err := t.CustomerReader.FindByContact(ctx, keys)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, t.written.Has)
	for _, key := range keys {
		if ids, err = t.written.Find(ids, key); err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), customer.MaxFound)], nil
}

// FindDeletion returns the deletion of a customer before the dry run.
func (t *dryRunTx) FindDeletion(ctx context.Context, id string, keys []string) (customer.Deletion, bool, error) {
	if t.before.Deleted == 0 { // saves a query for each new customer
		return customer.Deletion{}, false, nil
	}
	return t.CustomerReader.FindDeletion(ctx, id, keys)
}

func (t *dryRunTx) Put(_ context.Context, c customer.Customer) error {
	if err := customer.Validate(c); err != nil {
		return err
	}
	c.Workers = slices.Clone(c.Workers)
	slices.Sort(c.Workers)
	c.Workers = slices.Compact(c.Workers)
	return t.written.Put(c)
}
