package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
)

// anchorDoubt is for how long after a renaming an anchor is taken to stand at
// the later of its places. An anchor is only an id: whoever sends it may have
// loaded it under either name, and going on from the later place never repeats
// a customer. Later on, the place is the one it has.
const anchorDoubt = time.Hour

// listed is a row with its place in the list.
type listed struct {
	place string
	row   customer.Row
}

// List answers a page of the worker's list.
func (s *Customers) List(ctx context.Context, q customer.ListQuery) (page customer.Page, err error) {
	c, err := s.db.conns.get(ctx)
	if err != nil {
		return page, failed(err)
	}
	defer s.db.conns.put(c)
	owner, err := s.owner(c, q.Worker)
	if err != nil {
		return page, failed(err)
	}
	rows, known, err := pageAt(c, owner, q)
	if err != nil {
		return page, failed(err)
	}
	if !known {
		if rows, err = s.pageLater(c, owner, q); err != nil {
			return page, failed(err)
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

// pageAt reads one row more than a page holds, in one statement: it sees one
// moment without a transaction around it, which would cost as much again. It
// knows nothing of what was renamed or is gone: known is false then.
func pageAt(c *conn, owner int64, q customer.ListQuery) (rows []listed, known bool, err error) {
	n := int64(q.Limit + 1)
	var row []driver.Value
	switch {
	case !q.After.IsZero():
		row, err = c.one(afterCursorSQL, owner, n, n, q.After.Row, q.After.Rev)
	case q.Anchor != "":
		return pageFrom(c, owner, q)
	default:
		row, err = c.one(firstPageSQL, owner, n, n)
	}
	if err != nil || row == nil {
		return nil, false, err
	}
	rows, err = bothLists(row[0], row[1], owner, q.Limit+1)
	return rows, true, err
}

// pageFrom is pageAt for an anchor that never had another name: it reads from the
// anchor itself on, which shows in the same look whether it is the worker's.
func pageFrom(c *conn, owner int64, q customer.ListQuery) (rows []listed, known bool, err error) {
	n := q.Limit + 2
	row, err := c.one(fromAnchorSQL, owner, int64(n), int64(n), q.Anchor)
	if err != nil || row == nil {
		return nil, false, err
	}
	place, _ := row[2].([]byte)
	if rows, err = bothLists(row[0], row[1], owner, n); err != nil || len(rows) == 0 || rows[0].place != string(place) {
		return nil, false, err
	}
	return rows[1:], true, nil
}

// pageLater is pageAt for what changed since the caller was told: the place to go
// on from is looked for first.
func (s *Customers) pageLater(c *conn, owner int64, q customer.ListQuery) ([]listed, error) {
	end, err := c.begin()
	if err != nil {
		return nil, err
	}
	defer end()
	var from []byte
	if !q.After.IsZero() {
		from, err = resolve(c, q.After)
	} else {
		from, err = s.anchor(c, owner, q.Anchor)
	}
	if err != nil {
		return nil, err
	}
	n := int64(q.Limit + 1)
	row, err := c.one(afterPlaceSQL, owner, from, n, from, n)
	if err != nil {
		return nil, err
	}
	return bothLists(row[0], row[1], owner, q.Limit+1)
}

// bothLists merges a worker's own rows with everyone's.
func bothLists(own, shared driver.Value, owner int64, n int) ([]listed, error) {
	rows, err := readLines(shared, everyone, n)
	if err != nil || owner == everyone || owner == 0 {
		return rows, err
	}
	mine, err := readLines(own, owner, n)
	if err != nil {
		return nil, err
	}
	return merge(mine, rows), nil
}

// restOf is the column rest of a customer's assignments.
func restOf(r *stored) []byte {
	rest := make([]byte, 0, len(r.avatar)+24)
	rest = append(rest, 0)
	rest = strconv.AppendInt(rest, r.pk, 36)
	rest = append(rest, '.')
	rest = strconv.AppendInt(rest, r.rev, 36)
	rest = append(rest, 0)
	return append(rest, r.avatar...)
}

// The pages of two owners, the worker's own and Everyone's, each as one value: its
// fields separated by NULs, which none of them holds, five fields a row, the
// place being three of them. To take each column of each row out of the driver
// costs more than all the rest.
const (
	linesSQL = `(SELECT group_concat(line, x'00') FROM (SELECT place || rest AS line
		FROM assignment WHERE owner = %s AND place > %s ORDER BY place LIMIT ? + 0))`

	linesSelect = "SELECT " + linesSQL + ", " + linesSQL
)

var (
	firstPageSQL  = fmt.Sprintf(linesSelect, "?", "x''", "1", "x''")
	afterPlaceSQL = fmt.Sprintf(linesSelect, "?", "?", "1", "?")
	// A cursor is as good as its row's name.
	afterCursorSQL = fmt.Sprintf(linesSelect, "?", "c.place", "1", "c.place") +
		" FROM customer c WHERE pk = ? AND rev = ?"
	fromAnchorSQL = fmt.Sprintf(strings.ReplaceAll(linesSelect, "place > ", "place >= ")+", c.place", "?", "c.place", "1", "c.place") +
		" FROM customer c WHERE id = ? AND rev = 1 AND deleted_at IS NULL"
)

// readLines reads the rows in a value of linesSQL, at most n.
func readLines(value driver.Value, owner int64, n int) (_ []listed, err error) {
	lines, _ := value.(string)
	if lines == "" {
		return nil, nil
	}
	rows := make([]listed, 0, min(n, strings.Count(lines, "\x00")/5+1))
	for more := true; more; {
		var key, name, id, cursor, avatar string
		line := lines
		key, lines, _ = strings.Cut(lines, "\x00")
		name, lines, _ = strings.Cut(lines, "\x00")
		id, lines, _ = strings.Cut(lines, "\x00")
		cursor, lines, _ = strings.Cut(lines, "\x00")
		avatar, lines, more = strings.Cut(lines, "\x00")
		pk, rev, _ := strings.Cut(cursor, ".")
		at := customer.Cursor{}
		if at.Row, err = strconv.ParseInt(pk, 36, 64); err == nil {
			at.Rev, err = strconv.ParseInt(rev, 36, 64)
		}
		if err != nil {
			return nil, fmt.Errorf("a damaged row in the list of owner %d: %w", owner, err)
		}
		rows = append(rows, listed{
			place: line[:len(key)+len(name)+len(id)+2],
			row:   customer.Row{ID: id, Name: name, Avatar: avatar, Cursor: at},
		})
	}
	// SQLite aggregates in the order of the inner select, but does not promise to.
	if !slices.IsSortedFunc(rows, byPlace) {
		slices.SortFunc(rows, byPlace)
	}
	return rows, nil
}

func byPlace(a, b listed) int { return strings.Compare(a.place, b.place) }

// merge merges two runs in list order; a customer in both is there once.
func merge(a, b []listed) []listed {
	if len(b) == 0 {
		return a
	}
	a = append(a, b...)
	slices.SortStableFunc(a, byPlace)
	return slices.CompactFunc(a, func(x, y listed) bool { return x.place == y.place })
}

// anchor finds the place after which the page of an anchor begins.
func (s *Customers) anchor(c *conn, owner int64, id string) ([]byte, error) {
	since := s.db.now().Add(-keep).Unix()
	row, err := c.one(`SELECT pk, rev, place,
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
	place := row[2].([]byte)
	if row[1].(int64) == 1 { // never renamed
		return place, nil
	}
	doubt := s.db.now().Add(-anchorDoubt).Unix()
	old, err := c.one("SELECT max(place) FROM renamed WHERE pk = ? AND at > ?", row[0].(int64), doubt)
	if err != nil {
		return nil, err
	}
	if earlier, ok := old[0].([]byte); ok && string(earlier) > string(place) {
		return earlier, nil
	}
	return place, nil
}
