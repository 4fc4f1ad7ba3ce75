package searchindex

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// Verify returns which owners' searches do not find the customers of their lists. c is in
// a read transaction. Of each owner it compares the number of customers and the sum of
// their keys, so that it needs little memory.
func (x *Index) Verify(ctx context.Context, c *sqldb.Conn) (problems []string, err error) {
	owners, err := sqldb.Column[int64](c, `SELECT o.id FROM owner o, state s
		WHERE NOT (o.id = ? AND s.register_from IS NOT NULL) AND NOT (o.id = ? AND s.unassigned_from IS NOT NULL)`,
		int64(OwnerAll), int64(OwnerUnassigned)) // without those whose blocks are not complete yet
	if err != nil {
		return nil, err
	}
	for _, owner := range owners {
		row, err := c.One("SELECT count(*), ifnull(sum(pk), 0) FROM assignment WHERE owner = ?", owner)
		if err != nil {
			return nil, err
		}
		listed := tally{row[0].(int64), row[1].(int64)}
		found, err := searchable(ctx, c, owner)
		if err != nil {
			return nil, err
		}
		if found != listed {
			problems = append(problems, fmt.Sprintf("the search index of owner %d has %d customers, and the list %d", owner, found.customers, listed.customers))
		}
	}
	return problems, nil
}

// tally is how many customers there are, and the sum of their keys.
type tally struct{ customers, sum int64 }

func (t *tally) add(pk int64) {
	t.customers++
	t.sum += pk
}

// searchable tallies what a search for everything finds: what is pending, and what is in
// blocks and not pending.
func searchable(ctx context.Context, c *sqldb.Conn, owner int64) (found tally, err error) {
	pending := map[int64]bool{}
	err = c.Each(func(v []driver.Value) error {
		pk := v[0].(int64)
		pending[pk] = true
		if v[1] != nil {
			found.add(pk)
		}
		return ctx.Err()
	}, "SELECT pk, now FROM search_pending WHERE owner = ?", owner)
	if err != nil {
		return found, err
	}
	err = c.Each(func(v []driver.Value) error {
		rows, _, err := search.ReadBlock(v[0].([]byte))
		if err != nil {
			return err
		}
		for _, pk := range rows {
			if !pending[pk] {
				found.add(pk)
			}
		}
		return ctx.Err()
	}, "SELECT docs FROM search_block WHERE owner = ?", owner)
	return found, err
}
