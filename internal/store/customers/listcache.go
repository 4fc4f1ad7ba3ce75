package customers

import (
	"context"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// listCacheBytes is the size of the cache of lists, if there is memory for it.
	listCacheBytes = 24 << 20
	// maxCachedRows is the longest list that is cached. Of a longer one so many rows are, for
	// its first page.
	maxCachedRows = 1000
	// cachedListBytes is what a list needs beside its rows, and cachedRowBytes a row beside
	// its text.
	cachedListBytes, cachedRowBytes = 200, 4
)

// cachedList is a worker's list, with everyone's customers, in the form in which pages are
// cut from it. It does not change, and is used while the database is of the generation in
// which it was read.
type cachedList struct {
	generation int64
	// rows has a row mark before each row: its cursor, id, name and avatar, with NULs between
	// them. It is empty if the list was asked for only once in its generation, since reading
	// all of it costs as much as reading many pages.
	rows string
	byID []uint32 // where the ids are in rows, in order of the ids
	more bool     // these are not all rows
}

// rowMark is in no row: it is no byte of UTF-8.
const rowMark = "\xFF"

// cachedPage returns a page of a worker's list from memory. It is not ok when the list is not
// there, or the row to continue after is not in the list as it was.
func (s *Store) cachedPage(ctx context.Context, q customer.ListQuery) (page customer.Page, ok bool, err error) {
	generation, err := s.generation(ctx)
	if err != nil {
		return page, false, err
	}
	key := text.IdentityKey(q.Worker)
	list, _ := s.lists.Get(key)
	if list == nil || list.generation != generation {
		s.lists.Put(key, &cachedList{generation: generation}, cachedListBytes+len(key))
		return page, false, nil
	}
	if list.rows == "" {
		if list, err = s.readList(ctx, q.Worker); err != nil {
			return page, false, err
		}
		s.lists.Put(key, list, cachedListBytes+len(key)+len(list.rows)+cachedRowBytes*len(list.byID))
	}
	page, ok = list.page(q)
	return page, ok, nil
}

const generationSQL = "SELECT generation FROM state WHERE id = 1"

// readList reads a list.
func (s *Store) readList(ctx context.Context, worker string) (list *cachedList, err error) {
	err = s.db.View(ctx, func(c *sqldb.Conn) error {
		const n = maxCachedRows + 1
		generation, err := c.Count(generationSQL)
		if err != nil {
			return err
		}
		rows, err := s.readRows(c, customer.ListQuery{Worker: worker, Limit: maxCachedRows})
		list = &cachedList{generation: generation, more: len(rows) >= n}
		var b strings.Builder
		for _, r := range rows[:min(len(rows), n)] {
			b.WriteString(rowMark + cursorText(r.row.Cursor) + "\x00")
			list.byID = append(list.byID, uint32(b.Len()))
			b.WriteString(r.row.ID + "\x00" + r.row.Name + "\x00" + r.row.Avatar)
		}
		list.rows = b.String()
		slices.SortFunc(list.byID, func(x, y uint32) int { return strings.Compare(list.id(x), list.id(y)) })
		return err
	})
	return list, err
}

// id returns the id that begins at a place in the rows.
func (l *cachedList) id(at uint32) string {
	id, _, _ := strings.Cut(l.rows[at:], "\x00")
	return id
}

// find returns where an id begins in the rows.
func (l *cachedList) find(id string) (at uint32, ok bool) {
	i, ok := slices.BinarySearchFunc(l.byID, id, func(at uint32, id string) int { return strings.Compare(l.id(at), id) })
	if ok {
		at = l.byID[i]
	}
	return at, ok
}

// knownRow returns the row of a worker's customer, if a list in memory has it: a row is never
// another customer's, so the list may be of an earlier generation.
func (s *Store) knownRow(worker, id string) (row int64, ok bool) {
	list, _ := s.lists.Get(text.IdentityKey(worker))
	if list == nil {
		return 0, false
	}
	at, ok := list.find(id)
	if !ok {
		return 0, false
	}
	before := list.rows[:at-1]
	cursor, err := parseCursor(before[strings.LastIndex(before, rowMark)+len(rowMark):])
	return cursor.Row, err == nil
}

// page cuts a page from the list. It is not ok when the row to continue after is not in it as
// it was.
func (l *cachedList) page(q customer.ListQuery) (page customer.Page, ok bool) {
	rows := l.rows
	switch {
	case q.After.IsZero() && q.Anchor == "":
		ok = !l.more || q.Limit <= maxCachedRows
	case l.more:
	case !q.After.IsZero():
		_, rows, ok = strings.Cut(rows, rowMark+cursorText(q.After)+"\x00")
	default:
		var at uint32
		if at, ok = l.find(q.Anchor); ok {
			ok = strings.HasSuffix(rows[:at], ".1\x00") // never renamed
			rows = rows[at:]
		}
	}
	if !ok {
		return page, false
	}
	_, rows, page.More = strings.Cut(rows, rowMark)
	if page.More {
		page.Rows = make([]customer.Row, 0, min(q.Limit, len(l.byID)))
	}
	for page.More && len(page.Rows) < q.Limit {
		var line string
		line, rows, page.More = strings.Cut(rows, rowMark)
		cursor, line, _ := strings.Cut(line, "\x00")
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
