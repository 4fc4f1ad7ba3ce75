package office

import (
	"context"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// Register is what the office reads of all customers, whoever's they are. Every
// customer.Register is one, and says what each answers.
type Register interface {
	Get(ctx context.Context, id string) (customer.Customer, error)
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	FindRemoved(ctx context.Context, id string, keys []string) (customer.Removal, bool, error)
	Totals(ctx context.Context) (customer.Totals, error)
	Holding(ctx context.Context, worker string) (int, error)
}

// base is what a check reads.
type base struct {
	Register
	customer.Store
}

var _ importer.Base = base{}

// holding is how many customers are somebody's, or nobody's.
func (o *Office) holding(ctx context.Context, worker string) (int, error) {
	if worker != "" {
		return o.Register.Holding(ctx, worker)
	}
	totals, err := o.Register.Totals(ctx)
	return totals.Unassigned, err
}
