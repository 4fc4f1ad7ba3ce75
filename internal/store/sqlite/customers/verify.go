package customers

import (
	"context"
	"errors"
	"fmt"

	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// Verify returns where searches do not find the customers that lists have.
func (s *Store) Verify(ctx context.Context) (problems []string, err error) {
	c, err := s.db.Connect() // not one of those that serve
	if err != nil {
		return nil, s.readError(err)
	}
	defer func() { err = errors.Join(err, s.readError(c.Close())) }()
	end, err := c.Begin()
	if err != nil {
		return nil, s.readError(err)
	}
	defer end()
	owners, err := sqldb.Column[int64](c, "SELECT id FROM owner")
	for i := 0; err == nil && i < len(owners); i++ {
		var found, listed int64
		var ok bool
		if found, listed, ok, err = searchindex.Verify(ctx, s.searchTables.on(c), owners[i]); err == nil && !ok {
			problems = append(problems, fmt.Sprintf("the search index of owner %d has %d customers, and the list %d", owners[i], found, listed))
		}
	}
	return problems, s.readError(err)
}
