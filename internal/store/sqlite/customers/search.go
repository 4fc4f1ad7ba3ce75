package customers

import (
	"context"
	"fmt"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// searcher is one search. It needs one match more than the page holds.
type searcher struct {
	ctx context.Context
	s   *Store
	c   *sqldb.Conn
	searchindex.Query
}

// Search returns a page of the worker's customers that match, best first.
func (s *Store) Search(ctx context.Context, q customer.SearchQuery) (page customer.Page, err error) {
	f := searcher{ctx: ctx, s: s}
	f.Query.Query, f.Need = search.ParseQuery(q.Query), q.Limit+1
	err = s.view(ctx, func(c *sqldb.Conn) error {
		f.c = c
		owner, err := s.owner(c, q.Worker)
		if err != nil {
			return err
		}
		if err := f.start(owner, q); err != nil || f.IsEmpty() {
			return err
		}
		rows, err := f.rows(owner, everyone)
		page.More = len(rows) > q.Limit
		page.Rows = rows[:min(len(rows), q.Limit)]
		return err
	})
	return page, err
}

// start finds where the wanted matches begin.
func (f *searcher) start(owner int64, q customer.SearchQuery) (err error) {
	switch {
	case !q.After.IsZero():
		f.Class = min(q.After.Class, search.ClassAny)
		f.After, err = cursorKey(f.c, q.After)
	case q.Anchor != "":
		if f.After, err = f.s.anchorKey(f.c, owner, q.Anchor); err != nil {
			return err
		}
		found, ok, err := getByID(f.c, q.Anchor)
		if err != nil {
			return err
		}
		if ok {
			f.Class, ok = f.Match(customer.Document(found))
		}
		if !ok {
			return fmt.Errorf("anchor does not match: %w", customer.ErrUnknownAnchor)
		}
	}
	return err
}

// rows returns the first wanted matches of the owners, at least as many as needed
// if there are. A customer of several owners is there once.
func (f *searcher) rows(owners ...int64) (rows []customer.Row, err error) {
	var found searchindex.Matches
	for i, owner := range owners {
		if owner == 0 || slices.Contains(owners[:i], owner) {
			continue
		}
		if err := f.s.index.Find(f.ctx, f.s.searchTables.on(f.c), owner, f.Query, &found); err != nil {
			return nil, err
		}
	}
	for class := f.Class; int(class) < searchindex.Classes && len(rows) < f.Need; class++ {
		matches, err := f.readMatches(found[class], class)
		if err != nil {
			return nil, err
		}
		for _, m := range matches {
			rows = append(rows, m.row)
		}
	}
	return rows, nil
}

// readMatches reads the rows of matches of one class, in list order and without
// repeats.
func (f *searcher) readMatches(pks []int64, class uint8) ([]listRow, error) {
	rows := make([]listRow, 0, len(pks))
	for _, pk := range pks {
		v, err := f.c.One("SELECT place, rev, avatar FROM customer WHERE pk = ?", pk)
		if err != nil {
			return nil, err
		}
		if v == nil {
			return nil, fmt.Errorf("customer %d is in a search block only: %w", pk, customer.ErrUnavailable)
		}
		key := string(v[0].([]byte))
		name, id := splitSortKey(key)
		rows = append(rows, listRow{key, customer.Row{
			ID: id, Name: name, Avatar: v[2].(string),
			Cursor: customer.Cursor{Row: pk, Rev: v[1].(int64), Class: class},
		}})
	}
	slices.SortFunc(rows, compareKeys)
	return slices.CompactFunc(rows, func(a, b listRow) bool { return a.row.Cursor.Row == b.row.Cursor.Row }), nil
}
