package customers

import (
	"context"
	"database/sql/driver"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

// OwnerMatches implements customer.AdminReader.
func (s *Store) OwnerMatches(ctx context.Context) (all []customer.OwnerMatch, err error) {
	err = s.view(ctx, func(c *sqldb.Conn) error {
		return c.Each(func(v []driver.Value) error {
			all = append(all, customer.OwnerMatch{Owner: v[0].(string), Person: v[1].(string)})
			return nil
		}, "SELECT owner, person FROM owner_match ORDER BY key")
	})
	return all, err
}

// MatchOwner implements customer.Tx.
func (t *tx) MatchOwner(ctx context.Context, owner, person string) error {
	return t.runWritten(ctx, func() error {
		key := text.IdentityKey(owner)
		if person == "" {
			row, err := t.c.One("DELETE FROM owner_match WHERE key = ? RETURNING key", key)
			if err == nil && row == nil {
				err = customer.ErrNotFound
			}
			return err
		}
		if text.SameIdentity(owner, person) {
			return &customer.InvalidError{Reason: "an owner needs no match to itself"}
		}
		for _, identity := range []string{owner, person} {
			if err := customer.ValidateWorker(identity); err != nil {
				return err
			}
		}
		return t.c.Exec(`INSERT INTO owner_match (key, owner, person) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, person = excluded.person`, key, owner, person)
	})
}
