package importer

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
)

// Store is what is imported into. Every customer.Store is one.
type Store interface {
	Update(ctx context.Context, fn func(tx customer.Tx) error) error
	All(ctx context.Context) iter.Seq2[customer.Customer, error]
}

// Base is what a check reads: customers as they are, whoever's.
type Base interface {
	Get(ctx context.Context, id string) (customer.Customer, error)
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	// FindRemoved is Removed of customer.Tx.
	FindRemoved(ctx context.Context, id string, keys []string) (customer.Removal, bool, error)
	All(ctx context.Context) iter.Seq2[customer.Customer, error]
}

// overlay is a Store in which an import can be tried: what it does not have is read
// from the base, which nothing is ever written to and nobody is kept from.
type overlay struct {
	base Base
	kept *scratch
}

// All yields the customers of the base: what was before.
func (o *overlay) All(ctx context.Context) iter.Seq2[customer.Customer, error] {
	return o.base.All(ctx)
}

// Update runs fn. What it did stays when it fails, and then the check is over.
func (o *overlay) Update(ctx context.Context, fn func(tx customer.Tx) error) error {
	return fn(&overlayTx{overlay: o})
}

// overlayTx is what fn is given. An import asks for nothing else of a Tx.
type overlayTx struct {
	customer.Tx // nil
	*overlay
}

func (t *overlayTx) Get(ctx context.Context, id string) (customer.Customer, error) {
	c, err := t.kept.get(id)
	if !errors.Is(err, customer.ErrNotFound) {
		return c, err
	}
	return t.base.Get(ctx, id)
}

// FindByContact answers at most so many as a store does; who is found twice counts
// once, and who no longer has the address does not count.
func (t *overlayTx) FindByContact(ctx context.Context, keys []string) ([]string, error) {
	ids, err := t.base.FindByContact(ctx, keys)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, t.kept.has)
	for _, key := range keys {
		if ids, err = t.kept.find(ids, key); err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), customer.MaxFound)], nil
}

// Removed answers what was removed before, save who is in the file again by now.
func (t *overlayTx) Removed(ctx context.Context, id string, keys []string) (customer.Removal, bool, error) {
	return t.base.FindRemoved(ctx, id, keys)
}

func (t *overlayTx) Put(_ context.Context, c customer.Customer) error {
	if err := customer.Validate(c); err != nil {
		return err
	}
	c.Workers = slices.Clone(c.Workers)
	slices.Sort(c.Workers)
	c.Workers = slices.Compact(c.Workers)
	return t.kept.put(c)
}
