package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
)

// classes is how many classes of match there are.
const classes = int(customer.ClassAny) + 1

// search is one search on its way.
type search struct {
	ctx   context.Context
	s     *Customers
	c     *conn
	query customer.Query
	// Wanted is what follows the place after among the matches of class, and all
	// matches of later classes; after is nil at the beginning.
	class uint8
	after []byte
	// need is one match more than the page holds.
	need int
}

// Search answers a page of the worker's customers that match, best first.
func (s *Customers) Search(ctx context.Context, q customer.SearchQuery) (page customer.Page, err error) {
	sr := search{ctx: ctx, s: s, query: customer.ParseQuery(q.Query), need: q.Limit + 1}
	err = s.view(ctx, func(c *conn) error {
		sr.c = c
		owner, err := s.owner(c, q.Worker)
		if err != nil {
			return err
		}
		if err := sr.start(owner, q); err != nil {
			return err
		}
		if sr.query.IsEmpty() {
			return nil
		}
		var found [classes][]match
		for _, o := range []int64{owner, everyone} {
			if o == 0 || o == everyone && owner == everyone {
				continue
			}
			if err := sr.owned(o, &found); err != nil {
				return err
			}
		}
		page, err = sr.page(&found, q.Limit)
		return err
	})
	return page, err
}

// start finds where the wanted matches begin.
func (sr *search) start(owner int64, q customer.SearchQuery) (err error) {
	switch {
	case !q.After.IsZero():
		sr.class = min(q.After.Class, customer.ClassAny)
		sr.after, err = resolve(sr.c, q.After)
	case q.Anchor != "":
		if sr.after, err = sr.s.anchor(sr.c, owner, q.Anchor); err != nil {
			return err
		}
		row, err := sr.c.one("SELECT place, avatar, body FROM customer WHERE id = ? AND deleted_at IS NULL", q.Anchor)
		if err != nil {
			return err
		}
		var ok bool
		if row != nil {
			found, err := decodeCustomer(row[0].([]byte), row[1].(string), row[2].(string))
			if err != nil {
				return err
			}
			sr.class, ok = sr.query.Match(customer.Document(found))
		}
		if !ok {
			return fmt.Errorf("anchor does not match: %w", customer.ErrUnknownAnchor)
		}
	}
	return err
}

// match is a customer that matches; its place is empty while not known.
type match struct {
	pk    int64
	place string
}

// owned adds an owner's wanted matches to found: of each class at least as many
// as a page can need, if there are.
func (sr *search) owned(owner int64, found *[classes][]match) error {
	pending, err := sr.pending(owner, found)
	if err != nil {
		return err
	}
	return sr.blocks(owner, pending, found)
}

// page makes a page of what was found.
func (sr *search) page(found *[classes][]match, limit int) (page customer.Page, err error) {
	rows, err := sr.rows(found)
	page.More = len(rows) > limit
	page.Rows = rows[:min(len(rows), limit)]
	return page, err
}

// rows are the first of what was found, at least as many as needed if there are.
func (sr *search) rows(found *[classes][]match) (rows []customer.Row, err error) {
	for class := sr.class; int(class) < classes && len(rows) < sr.need; class++ {
		listed, err := sr.listed(found[class], class)
		if err != nil {
			return nil, err
		}
		for _, l := range listed {
			rows = append(rows, l.row)
		}
	}
	return rows, nil
}

// listed reads the rows of matches of one class, and puts them in list order,
// those that are the worker's and everyone's once.
func (sr *search) listed(matches []match, class uint8) ([]listed, error) {
	rows := make([]listed, 0, len(matches))
	for _, m := range matches {
		v, err := sr.c.one("SELECT place, rev, avatar FROM customer WHERE pk = ?", m.pk)
		if err != nil {
			return nil, err
		}
		if v == nil {
			return nil, fmt.Errorf("customer %d is in a search block only: %w", m.pk, customer.ErrUnavailable)
		}
		p := string(v[0].([]byte))
		name, id := splitPlace(p)
		rows = append(rows, listed{p, customer.Row{
			ID: id, Name: name, Avatar: v[2].(string),
			Cursor: customer.Cursor{Row: m.pk, Rev: v[1].(int64), Class: class},
		}})
	}
	slices.SortFunc(rows, byPlace)
	return slices.CompactFunc(rows, func(a, b listed) bool { return a.row.Cursor.Row == b.row.Cursor.Row }), nil
}

// least keeps the first n matches in list order, at hand of their places.
func least(matches []match, n int) []match {
	slices.SortFunc(matches, func(a, b match) int { return cmp.Compare(a.place, b.place) })
	return matches[:min(len(matches), n)]
}
