package importer

import (
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
	Get(ctx context.Context, id string) (customer.Customer, error)
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	// FindDeletion is that of customer.Tx.
	FindDeletion(ctx context.Context, id string, keys []string) (customer.Deletion, bool, error)
	All(ctx context.Context) iter.Seq2[customer.Customer, error]
}

// dryRunStore is the Store of a dry run. It reads from base what was not written, and
// writes nothing to it.
type dryRunStore struct {
	base    CustomerReader
	written *spill.File
}

// All yields the customers of the base, as they were before.
func (s *dryRunStore) All(ctx context.Context) iter.Seq2[customer.Customer, error] {
	return s.base.All(ctx)
}

// Update runs fn. It does not roll back when fn fails: the dry run ends then.
func (s *dryRunStore) Update(ctx context.Context, fn func(tx customer.Tx) error) error {
	return fn(&dryRunTx{dryRunStore: s})
}

// dryRunTx has those methods of a customer.Tx that an import calls.
type dryRunTx struct {
	customer.Tx // nil
	*dryRunStore
}

// Prefetch does nothing: Get reads.
func (t *dryRunTx) Prefetch(context.Context, []string) error { return nil }

func (t *dryRunTx) Get(ctx context.Context, id string) (customer.Customer, error) {
	c, err := t.written.Get(id)
	if !errors.Is(err, customer.ErrNotFound) {
		return c, err
	}
	return t.base.Get(ctx, id)
}

// FindByContact returns at most as many ids as a store does, each once. Customers that
// no longer have the address do not count.
func (t *dryRunTx) FindByContact(ctx context.Context, keys []string) ([]string, error) {
	ids, err := t.base.FindByContact(ctx, keys)
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
	return t.base.FindDeletion(ctx, id, keys)
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
