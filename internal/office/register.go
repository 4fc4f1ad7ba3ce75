package office

import (
	"context"
	"errors"

	"github.com/clientele-project/clientele/internal/customer"
)

// Register is what the office reads of all customers, whoever's they are;
// customer.Register says what each answers.
type Register interface {
	Get(ctx context.Context, id string) (customer.Customer, error)
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	Holding(ctx context.Context, worker string) (int, error)
}

// registerTx is what the office needs of a transaction.
type registerTx interface {
	customer.Tx
	Remove(ctx context.Context, id, by string) error
	Restore(ctx context.Context, id string) error
	KeepApart(ctx context.Context, key string) error
	Reassign(ctx context.Context, from, to string, limit int) (int, error)
}

var errNoRegister = errors.New("this store does not do what administrators need")

// update runs fn in a transaction.
func (o *Office) update(ctx context.Context, fn func(tx registerTx) error) error {
	return o.Store.Update(ctx, func(tx customer.Tx) error {
		full, ok := tx.(registerTx)
		if !ok {
			return errNoRegister
		}
		return fn(full)
	})
}

// holding is how many customers are somebody's, or nobody's.
func (o *Office) holding(ctx context.Context, worker string) (int, error) {
	return o.Register.Holding(ctx, worker)
}
