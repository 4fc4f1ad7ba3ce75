package customers

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// Search returns a page of the worker's customers that match, best first.
func (s *Store) Search(ctx context.Context, q customer.SearchQuery) (page customer.Page, err error) {
	list, err := s.cachedList(ctx, q.Worker)
	if err != nil {
		return page, s.readError(err)
	}
	err = s.read(ctx, (*sqldb.DB).View, func(db *sqldb.DB, c *sqldb.Conn) error {
		owner, err := s.owner(c, q.Worker)
		if err != nil {
			return err
		}
		page, err = s.search(ctx, s.searchTables.of(db).on(c), list, q, owner, everyone)
		return err
	})
	return page, s.readError(err)
}

// search returns a page of the customers of owners that match. The worker of an anchor is
// the first one, whose list may be in memory. A customer of several owners is there once.
func (s *Store) search(ctx context.Context, tables searchTables, list *cachedList, q customer.SearchQuery, owners ...int64) (page customer.Page, err error) {
	c := tables.c
	wanted := searchindex.Query{Query: search.ParseQuery(q.Query), Class: min(q.After.Class, search.ClassAny), Need: q.Limit + 1}
	if wanted.After, err = s.startKey(c, owners[0], q.After, q.Anchor); err != nil {
		return page, err
	}
	if q.Anchor != "" {
		found, ok, err := readCustomer(c, byID, q.Anchor)
		if err != nil {
			return page, err
		}
		if ok {
			wanted.Class, ok = wanted.Match(customer.Document(found))
		}
		if !ok {
			return page, fmt.Errorf("anchor does not match: %w", customer.ErrUnknownAnchor)
		}
	}
	if wanted.IsEmpty() {
		return page, nil
	}
	generation, err := tables.load(owners[0], owners[len(owners)-1])
	if err != nil {
		return page, err
	}
	if list != nil && list.generation != generation {
		list = nil // a customer changed just now
	}
	var found searchindex.Matches
	for i, owner := range owners {
		if owner == 0 || slices.Contains(owners[:i], owner) {
			continue
		}
		if err := s.index.Find(ctx, tables, owner, wanted, &found); err != nil {
			return page, err
		}
	}
	var rows []customer.Row
	for class := wanted.Class; int(class) < searchindex.Classes && len(rows) <= q.Limit; class++ {
		matches, ok := list.matches(found[class], class)
		if !ok {
			if matches, err = readMatches(c, found[class], class); err != nil {
				return page, err
			}
		}
		rows = append(rows, matches...)
	}
	return customer.Page{Rows: rows[:min(len(rows), q.Limit)], More: len(rows) > q.Limit}, nil
}

// readMatches reads the rows of matches of one class, in list order and without
// repeats.
func readMatches(c *sqldb.Conn, pks []int64, class uint8) ([]customer.Row, error) {
	slices.Sort(pks)
	pks = slices.Compact(pks)
	found := make([]listRow, 0, len(pks))
	err := sqldb.EachOf(c, pks, func(v []driver.Value) error {
		key := string(v[0].([]byte))
		name, id := splitSortKey(key)
		found = append(found, listRow{key, customer.Row{
			ID: id, Name: name, Avatar: v[2].(string),
			Cursor: customer.Cursor{Row: v[3].(int64), Rev: v[1].(int64), Class: class},
		}})
		return nil
	}, "SELECT place, rev, avatar, pk FROM customer WHERE pk IN (%s)")
	if err == nil && len(found) < len(pks) {
		err = fmt.Errorf("a customer is in a search block only: %w", customer.ErrUnavailable)
	}
	slices.SortFunc(found, compareKeys)
	rows := make([]customer.Row, len(found))
	for i := range found {
		rows[i] = found[i].row
	}
	return rows, err
}
