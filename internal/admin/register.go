package admin

import (
	"context"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// Reader is what the office reads of all customers, whoever's they are. Every
// customer.AdminReader is one, and says what each answers.
type Reader interface {
	Get(ctx context.Context, id string) (customer.Customer, error)
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	FindRemoved(ctx context.Context, id string, keys []string) (customer.Removal, bool, error)
	Totals(ctx context.Context) (customer.Totals, error)
	OwnerCount(ctx context.Context, worker string) (int, error)
}

// base is what a check reads.
type base struct {
	Reader
	customer.Store
}

var _ importer.Base = base{}

// holding is how many customers are somebody's, or nobody's.
func (o *Service) holding(ctx context.Context, worker string) (int, error) {
	if worker != "" {
		return o.Reader.OwnerCount(ctx, worker)
	}
	totals, err := o.Reader.Totals(ctx)
	return totals.Unassigned, err
}
