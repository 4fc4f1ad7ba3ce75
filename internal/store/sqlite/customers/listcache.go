package customers

import (
	"context"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// listCacheBytes is the size of the cache of lists, if there is memory for it.
	listCacheBytes = 24 << 20
	// maxCachedRows is the longest list that is cached. Of a longer one so many rows are, for
	// its first page.
	maxCachedRows = 1000
	// cachedListBytes is what a list needs beside its rows.
	cachedListBytes = 200
)

// cachedList is a worker's list, with everyone's customers, in the form in which pages are
// cut from it. It does not change, and is used while the database is of the generation in
// which it was read.
type cachedList struct {
	generation int64
	// rows has of each row, with marks before the first two: its cursor, id, name and avatar,
	// with NULs between them. It is empty if the list was asked for only once in its generation,
	// since reading all of it costs as much as reading many pages.
	rows string
	more bool // these are not all rows
}

// The marks are in no row: they are no bytes of UTF-8.
const (
	rowMark = "\xFF"
	idMark  = "\xFE"
)

// cachedPage returns a page of a worker's list from memory. It is not ok when the list is not
// there, or the row to continue after is not in the list as it was.
func (s *Store) cachedPage(ctx context.Context, q customer.ListQuery) (page customer.Page, ok bool, err error) {
	owner, ok := s.owners.Get(text.IdentityKey(q.Worker))
	if !ok {
		return page, false, nil
	}
	generation, err := s.generation.Get(ctx, struct{}{}, func() (generation int64, err error) {
		err = s.db.Read(ctx, func(c *sqldb.Conn) error {
			generation, err = c.Count(generationSQL)
			return err
		})
		return generation, err
	})
	if err != nil {
		return page, false, err
	}
	list, _ := s.lists.Get(owner)
	if list == nil || list.generation != generation {
		s.lists.Put(owner, &cachedList{generation: generation}, cachedListBytes)
		return page, false, nil
	}
	if list.rows == "" {
		if list, err = s.readList(ctx, owner); err != nil {
			return page, false, err
		}
		s.lists.Put(owner, list, cachedListBytes+len(list.rows))
	}
	page, ok = list.page(q)
	return page, ok, nil
}

const generationSQL = "SELECT generation FROM state WHERE id = 1"

const wholeListSQL = linesSelect + ", (" + generationSQL + ") FROM (SELECT x'' AS place) start"

// readList reads a list.
func (s *Store) readList(ctx context.Context, owner int64) (list *cachedList, err error) {
	err = s.db.Read(ctx, func(c *sqldb.Conn) error {
		const n = maxCachedRows + 1
		row, err := c.One(wholeListSQL, owner, int64(n), int64(n))
		if err != nil {
			return err
		}
		rows, err := mergeLists(row[0], row[1], owner)
		var b strings.Builder
		for _, r := range rows[:min(len(rows), n)] {
			b.WriteString(rowMark + cursorText(r.row.Cursor) + idMark + r.row.ID + "\x00" + r.row.Name + "\x00" + r.row.Avatar)
		}
		list = &cachedList{generation: row[2].(int64), rows: b.String(), more: len(rows) >= n}
		return err
	})
	return list, err
}

// page cuts a page from the list. It is not ok when the row to continue after is not in it as
// it was.
func (l *cachedList) page(q customer.ListQuery) (page customer.Page, ok bool) {
	rows := l.rows
	switch {
	case q.After.IsZero() && q.Anchor == "":
		ok = !l.more || q.Limit <= maxCachedRows
	case l.more || strings.Contains(q.Anchor, "\x00"):
	case !q.After.IsZero():
		_, rows, ok = strings.Cut(rows, rowMark+cursorText(q.After)+idMark)
	default:
		var before string
		before, rows, ok = strings.Cut(rows, idMark+q.Anchor+"\x00")
		ok = ok && strings.HasSuffix(before, ".1") // never renamed
	}
	if !ok {
		return page, false
	}
	_, rows, page.More = strings.Cut(rows, rowMark)
	if page.More {
		page.Rows = make([]customer.Row, 0, min(q.Limit, strings.Count(rows, rowMark)+1))
	}
	for page.More && len(page.Rows) < q.Limit {
		var line string
		line, rows, page.More = strings.Cut(rows, rowMark)
		cursor, line, _ := strings.Cut(line, idMark)
		id, line, _ := strings.Cut(line, "\x00")
		name, avatar, _ := strings.Cut(line, "\x00")
		at, err := parseCursor(cursor)
		if err != nil {
			return page, false
		}
		page.Rows = append(page.Rows, customer.Row{ID: id, Name: name, Avatar: avatar, Cursor: at})
	}
	return page, true
}
