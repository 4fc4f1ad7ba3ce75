package office_test

import (
	"context"

	"github.com/clientele-project/clientele/internal/customer"
)

// register reads what an office needs through transactions.
type register struct{ customer.Store }

func (r register) Get(ctx context.Context, id string) (c customer.Customer, err error) {
	err = r.Update(ctx, func(tx customer.Tx) error {
		c, err = tx.Get(ctx, id)
		return err
	})
	return c, err
}

func (r register) FindByContact(ctx context.Context, keys []string) (ids []string, err error) {
	err = r.Update(ctx, func(tx customer.Tx) error {
		ids, err = tx.FindByContact(ctx, keys)
		return err
	})
	return ids, err
}

func (r register) Holding(ctx context.Context, worker string) (n int, err error) {
	for c, err := range r.All(ctx) {
		if err != nil {
			return n, err
		}
		if len(c.Workers) == 0 && worker == "" {
			n++
		}
		for _, w := range c.Workers {
			if w == worker {
				n++
			}
		}
	}
	return n, nil
}
