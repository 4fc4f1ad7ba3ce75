package office

import (
	"context"

	"github.com/clientele-project/clientele/internal/customer"
)

// Register is what the office reads of all customers, whoever's they are;
// customer.Register says what each answers.
type Register interface {
	Get(ctx context.Context, id string) (customer.Customer, error)
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	Holding(ctx context.Context, worker string) (int, error)
}
