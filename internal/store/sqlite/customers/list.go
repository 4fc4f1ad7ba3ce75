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
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
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
func (s *Store) List(ctx context.Context, q customer.ListQuery) (page customer.Page, err error) {
	page, ok, err := s.cachedPage(ctx, q)
	if err != nil || ok {
		return page, s.readError(err)
	}
	c, err := s.db.GetConn(ctx)
	if err != nil {
		return page, s.readError(err)
	}
	defer s.db.PutConn(c)
	owner, err := s.owner(c, q.Worker)
	if err != nil {
		return page, s.readError(err)
	}
	rows, ok, err := readPage(c, owner, q)
	if err != nil {
		return page, s.readError(err)
	}
	if !ok {
		if rows, err = s.resolvePage(c, owner, q); err != nil {
			return page, s.readError(err)
		}
	}
	page.More = len(rows) > q.Limit
	rows = rows[:min(len(rows), q.Limit)]
	page.Rows = make([]customer.Row, len(rows))
	for i := range rows {
		page.Rows[i] = rows[i].row
	}
	return page, nil
}

// readPage reads one row more than a page holds, in one statement: it sees one
// snapshot without a transaction around it, which would cost as much again. It is
// not ok when the row to continue after was renamed or deleted, or is unknown.
func readPage(c *sqldb.Conn, owner int64, q customer.ListQuery) (rows []listRow, ok bool, err error) {
	n := int64(q.Limit + 1)
	var row []driver.Value
	switch {
	case !q.After.IsZero():
		row, err = c.One(afterCursorSQL, owner, n, n, q.After.Row, q.After.Rev)
	case q.Anchor != "":
		return readPageAfterAnchor(c, owner, q)
	default:
		row, err = c.One(firstPageSQL, owner, n, n)
	}
	if err != nil || row == nil {
		return nil, false, err
	}
	rows, err = mergeLists(row[0], row[1], owner, q.Limit+1)
	return rows, true, err
}

// readPageAfterAnchor is readPage for an anchor that was never renamed. It reads
// from the anchor itself on, which also shows whether it is the worker's.
func readPageAfterAnchor(c *sqldb.Conn, owner int64, q customer.ListQuery) (rows []listRow, ok bool, err error) {
	n := q.Limit + 2
	row, err := c.One(fromAnchorSQL, owner, int64(n), int64(n), q.Anchor)
	if err != nil || row == nil {
		return nil, false, err
	}
	key, _ := row[2].([]byte)
	if rows, err = mergeLists(row[0], row[1], owner, n); err != nil || len(rows) == 0 || rows[0].key != string(key) {
		return nil, false, err
	}
	return rows[1:], true, nil
}

// resolvePage is readPage where that is not ok: it first finds the sort key to
// continue from.
func (s *Store) resolvePage(c *sqldb.Conn, owner int64, q customer.ListQuery) ([]listRow, error) {
	end, err := c.Begin()
	if err != nil {
		return nil, err
	}
	defer end()
	var from []byte
	if !q.After.IsZero() {
		from, err = cursorKey(c, q.After)
	} else {
		from, err = s.anchorKey(c, owner, q.Anchor)
	}
	if err != nil {
		return nil, err
	}
	n := int64(q.Limit + 1)
	row, err := c.One(afterKeySQL, owner, from, n, from, n)
	if err != nil {
		return nil, err
	}
	return mergeLists(row[0], row[1], owner, q.Limit+1)
}

// mergeLists merges a worker's own rows with everyone's.
func mergeLists(own, common driver.Value, owner int64, n int) ([]listRow, error) {
	rows, err := readLines(common, everyone, n)
	if err != nil || owner == everyone || owner == 0 {
		return rows, err
	}
	mine, err := readLines(own, owner, n)
	if err != nil {
		return nil, err
	}
	return mergeRows(mine, rows), nil
}

// linesSelect reads the pages of two owners, the worker's own and Everyone's, each as
// one value. A row has five fields, three of them the sort key, separated by NULs,
// which no field contains. Reading each column of each row through the driver would
// cost more than all the rest.
const (
	linesSQL = `(SELECT group_concat(line, x'00') FROM (SELECT place || rest AS line
		FROM assignment WHERE owner = %s AND place > %s ORDER BY place LIMIT ? + 0))`

	linesSelect = "SELECT " + linesSQL + ", " + linesSQL
)

var (
	firstPageSQL = fmt.Sprintf(linesSelect, "?", "x''", "1", "x''")
	afterKeySQL  = fmt.Sprintf(linesSelect, "?", "?", "1", "?")
	// A cursor is valid until its row is renamed.
	afterCursorSQL = fmt.Sprintf(linesSelect, "?", "c.place", "1", "c.place") +
		" FROM customer c WHERE pk = ? AND rev = ?"
	fromAnchorSQL = fmt.Sprintf(strings.ReplaceAll(linesSelect, "place > ", "place >= ")+", c.place", "?", "c.place", "1", "c.place") +
		" FROM customer c WHERE id = ? AND rev = 1 AND deleted_at IS NULL"
)

// readLines reads the rows in a value of linesSQL, at most n.
func readLines(value driver.Value, owner int64, n int) (_ []listRow, err error) {
	lines, _ := value.(string)
	if lines == "" {
		return nil, nil
	}
	rows := make([]listRow, 0, min(n, strings.Count(lines, "\x00")/5+1))
	for more := true; more; {
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
	// SQLite aggregates in the order of the inner select, but does not promise to.
	if !slices.IsSortedFunc(rows, compareKeys) {
		slices.SortFunc(rows, compareKeys)
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

// mergeRows merges two lists in list order; a customer in both is there once.
func mergeRows(a, b []listRow) []listRow {
	if len(b) == 0 {
		return a
	}
	a = append(a, b...)
	slices.SortStableFunc(a, compareKeys)
	return slices.CompactFunc(a, func(x, y listRow) bool { return x.key == y.key })
}

// anchorKey returns the sort key after which the page of an anchor begins.
func (s *Store) anchorKey(c *sqldb.Conn, owner int64, id string) ([]byte, error) {
	since := s.now().Add(-retention).Unix()
	row, err := c.One(`SELECT pk, rev, place,
			EXISTS (SELECT 1 FROM assignment a WHERE a.owner = ? AND a.place = c.place)
			OR EXISTS (SELECT 1 FROM assignment a WHERE a.owner = 1 AND a.place = c.place)
			OR EXISTS (SELECT 1 FROM former f WHERE f.owner = ? AND f.pk = c.pk AND f.left_at > ?)
			OR EXISTS (SELECT 1 FROM former f WHERE f.owner = 1 AND f.pk = c.pk AND f.left_at > ?)
		FROM customer c WHERE id = ?`, owner, owner, since, since, id)
	if err != nil {
		return nil, err
	}
	if row == nil || row[3].(int64) == 0 {
		return nil, fmt.Errorf("anchor: %w", customer.ErrUnknownAnchor)
	}
	key := row[2].([]byte)
	if row[1].(int64) == 1 { // never renamed
		return key, nil
	}
	renamedSince := s.now().Add(-renameGrace).Unix()
	old, err := c.One("SELECT max(place) FROM renamed WHERE pk = ? AND at > ?", row[0].(int64), renamedSince)
	if err != nil {
		return nil, err
	}
	if former, ok := old[0].([]byte); ok && string(former) > string(key) {
		return former, nil
	}
	return key, nil
}

// cursorKey returns the sort key of a cursor's row under the name that it had then.
func cursorKey(c *sqldb.Conn, at customer.Cursor) ([]byte, error) {
	row, err := c.One("SELECT rev, place FROM customer WHERE pk = ?", at.Row)
	if err != nil {
		return nil, err
	}
	if row != nil && row[0].(int64) == at.Rev {
		return row[1].([]byte), nil
	}
	row, err = c.One("SELECT place FROM renamed WHERE pk = ? AND rev = ?", at.Row, at.Rev)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, fmt.Errorf("cursor is too old: %w", customer.ErrUnknownAnchor)
	}
	return row[0].([]byte), nil
}
