package customers

import (
	"context"
	"fmt"

	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// Verify returns where searches do not find the customers that lists have.
func (s *Store) Verify(ctx context.Context) (problems []string, err error) {
	err = s.db.ViewApart(ctx, func(c *sqldb.Conn) error {
		owners, err := sqldb.Column[int64](c, "SELECT id FROM owner")
		if err != nil {
			return err
		}
		for _, owner := range owners {
			found, listed, ok, err := searchindex.Verify(ctx, s.searchTables.on(c), owner)
			if err != nil {
				return err
			}
			if !ok {
				problems = append(problems, fmt.Sprintf("the search index of owner %d has %d customers, and the list %d", owner, found, listed))
			}
		}
		return nil
	})
	return problems, s.readError(err)
}
