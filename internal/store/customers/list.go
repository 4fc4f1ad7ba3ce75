package customers

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// renameGrace is for how long after a renaming an anchor counts as the later of
// its two sort keys. An anchor is only an id: the caller may have loaded it under
// either name, and continuing from the later key never repeats a customer. After
// that, the anchor counts as the key that it has.
const renameGrace = time.Hour

// listRow is a row with its sort key.
type listRow struct {
	key string
	row customer.Row
}

// List returns a page of the worker's list.
func (s *Store) List(ctx context.Context, q customer.ListQuery) (customer.Page, error) {
	list, err := s.cachedList(ctx, q.Worker)
	if err != nil {
		return customer.Page{}, s.readError(err)
	}
	page, ok := list.page(q)
	if !ok {
		page, err = s.storedPage(ctx, q)
	}
	return page, s.readError(err)
}

// storedPage reads a page. What must be of one snapshot is one statement, without a
// transaction around it, which would cost as much again.
func (s *Store) storedPage(ctx context.Context, q customer.ListQuery) (page customer.Page, err error) {
	err = s.read(ctx, (*sqldb.DB).Read, func(_ *sqldb.DB, c *sqldb.Conn) error {
		rows, err := s.readRows(c, q)
		page = customer.Page{Rows: make([]customer.Row, min(len(rows), q.Limit)), More: len(rows) > q.Limit}
		for i := range page.Rows {
			page.Rows[i] = rows[i].row
		}
		return err
	})
	return page, err
}

// readRows reads the rows of a page, and one more.
func (s *Store) readRows(c *sqldb.Conn, q customer.ListQuery) ([]listRow, error) {
	owner, err := s.owner(c, q.Worker)
	if err != nil {
		return nil, err
	}
	start, args := s.startOf(owner, q.After, q.Anchor)
	n := int64(q.Limit + 1)
	row, err := c.One(start.page, append([]driver.Value{owner, n, n}, args...)...)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, customer.ErrUnknownAnchor
	}
	return mergeLists(row[0], row[1], owner)
}

// A start is a way to say after which sort key a page begins: a query for the key as
// column place, which has no row for an unknown anchor, and one for the page.
type start struct{ key, page string }

func newStart(key string) start { return start{key, linesSelect + " FROM (" + key + ") start"} }

var (
	fromBeginning = newStart("SELECT x'' AS place")

	// A cursor's row has the sort key of the name that it had then.
	fromCursor = newStart(`SELECT place FROM customer WHERE pk = ? AND rev = ?
		UNION ALL SELECT place FROM renamed WHERE pk = ? AND rev = ?`)

	// An anchor must be in the list of the worker or of Everyone, or have left it not long ago.
	fromAnchor = newStart(`SELECT CASE rev WHEN 1 THEN place
			ELSE max(place, coalesce((SELECT max(r.place) FROM renamed r WHERE r.pk = c.pk AND r.at > ?), x'')) END AS place
		FROM customer c WHERE id = ? AND (
			EXISTS (SELECT 1 FROM assignment a WHERE a.owner = ? AND a.place = c.place)
			OR EXISTS (SELECT 1 FROM assignment a WHERE a.owner = 1 AND a.place = c.place)
			OR EXISTS (SELECT 1 FROM former f WHERE f.owner IN (?, 1) AND f.pk = c.pk AND f.left_at > ?))`)
)

// startOf returns the start of a page of an owner's list, and the arguments of its queries.
func (s *Store) startOf(owner int64, after customer.Cursor, anchor string) (start, []driver.Value) {
	switch {
	case !after.IsZero():
		return fromCursor, []driver.Value{after.Row, after.Rev, after.Row, after.Rev}
	case anchor != "":
		now := s.now()
		return fromAnchor, []driver.Value{now.Add(-renameGrace).Unix(), anchor, owner, owner, now.Add(-retention).Unix()}
	}
	return fromBeginning, nil
}

// startKey returns the sort key after which a page begins, empty at the beginning.
func (s *Store) startKey(c *sqldb.Conn, owner int64, after customer.Cursor, anchor string) ([]byte, error) {
	if after.IsZero() && anchor == "" {
		return []byte{}, nil
	}
	start, args := s.startOf(owner, after, anchor)
	key, err := c.Bytes(start.key, args...)
	if err == nil && key == nil {
		err = customer.ErrUnknownAnchor
	}
	return key, err
}

// linesSelect reads the pages of two owners, the worker's own and Everyone's, each as
// one value. A row has five fields, three of them the sort key, separated by NULs,
// which no field contains. Reading each column of each row through the driver would
// cost more than all the rest.
const (
	linesSelect = "SELECT (" + linesOf + "?" + linesAfter + "), (" + linesOf + "1" + linesAfter + ")"
	linesOf     = "SELECT group_concat(line, x'00') FROM (SELECT place || rest AS line FROM assignment WHERE owner = "
	linesAfter  = " AND place > start.place ORDER BY place LIMIT ? + 0) AS lines"
)

// mergeLists merges a worker's own rows, as linesSelect reads them, with everyone's. A
// customer in both is there once.
func mergeLists(own, common driver.Value, owner int64) ([]listRow, error) {
	rows, err := appendLines(nil, own, owner)
	if err == nil {
		rows, err = appendLines(rows, common, everyone)
	}
	// SQLite aggregates in the order of the inner select, but does not promise to.
	if !slices.IsSortedFunc(rows, compareKeys) {
		slices.SortFunc(rows, compareKeys)
	}
	return slices.CompactFunc(rows, func(x, y listRow) bool { return x.key == y.key }), err
}

// appendLines appends the rows in a value of linesSelect.
func appendLines(rows []listRow, value driver.Value, owner int64) ([]listRow, error) {
	var lines string
	more := value != nil
	switch value := value.(type) {
	case string: // SQLite makes a text of bytes
		lines = value
	case []byte:
		lines = string(value)
	}
	if more {
		rows = slices.Grow(rows, strings.Count(lines, "\x00")/5+1)
	}
	for more {
		var key, name, id, cursor, avatar string
		line := lines
		key, lines, _ = strings.Cut(lines, "\x00")
		name, lines, _ = strings.Cut(lines, "\x00")
		id, lines, _ = strings.Cut(lines, "\x00")
		cursor, lines, _ = strings.Cut(lines, "\x00")
		avatar, lines, more = strings.Cut(lines, "\x00")
		at, err := parseCursor(cursor)
		if err != nil {
			return nil, fmt.Errorf("a damaged row in the list of owner %d: %w", owner, err)
		}
		rows = append(rows, listRow{
			key: line[:len(key)+len(name)+len(id)+2],
			row: customer.Row{ID: id, Name: name, Avatar: avatar, Cursor: at},
		})
	}
	return rows, nil
}

// cursorText is how a cursor of a list is stored.
func cursorText(at customer.Cursor) string {
	return strconv.FormatInt(at.Row, 36) + "." + strconv.FormatInt(at.Rev, 36)
}

func parseCursor(s string) (at customer.Cursor, err error) {
	pk, rev, _ := strings.Cut(s, ".")
	if at.Row, err = strconv.ParseInt(pk, 36, 64); err == nil {
		at.Rev, err = strconv.ParseInt(rev, 36, 64)
	}
	return at, err
}

func compareKeys(a, b listRow) int { return strings.Compare(a.key, b.key) }
