package customers

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// listCacheBytes is the size of the cache of lists, if there is memory for it. A server, from
	// which a list costs more to read, gets the larger one.
	listCacheBytes       = 24 << 20
	serverListCacheBytes = 48 << 20
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

// cachedList returns a worker's list from memory, nil when it is not there.
func (s *Store) cachedList(ctx context.Context, worker string) (*cachedList, error) {
	generation, err := s.generation(ctx)
	if err != nil {
		return nil, err
	}
	key := text.IdentityKey(worker)
	list, _ := s.lists.Get(key)
	if list == nil || list.generation != generation {
		s.lists.Put(key, &cachedList{generation: generation}, cachedListBytes+len(key))
		return nil, nil
	}
	if list.rows == "" {
		if list, err = s.readList(ctx, worker); err != nil {
			return nil, err
		}
		s.lists.Put(key, list, cachedListBytes+len(key)+len(list.rows)+cachedRowBytes*len(list.byID))
	}
	return list, nil
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
		more := len(rows) >= n
		rows = rows[:min(len(rows), n)]
		list = &cachedList{generation: generation, more: more, byID: make([]uint32, 0, len(rows))}
		var text []byte
		for _, r := range rows {
			text = append(text, rowMark+cursorText(r.row.Cursor)+"\x00"...)
			list.byID = append(list.byID, uint32(len(text)))
			text = append(text, r.row.ID+"\x00"+r.row.Name+"\x00"+r.row.Avatar...)
		}
		list.rows = string(text) // without the rest that append allocated
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

// page cuts a page from the list. It is not ok when the list is nil, or the row to continue after
// is not in it as it was.
func (l *cachedList) page(q customer.ListQuery) (page customer.Page, ok bool) {
	if l == nil {
		return page, false
	}
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
		row, err := parseLine(line)
		if err != nil {
			return page, false
		}
		page.Rows = append(page.Rows, row)
	}
	return page, true
}

// parseLine returns the row in the text of one.
func parseLine(line string) (customer.Row, error) {
	cursor, line, _ := strings.Cut(line, "\x00")
	id, line, _ := strings.Cut(line, "\x00")
	name, avatar, _ := strings.Cut(line, "\x00")
	at, err := parseCursor(cursor)
	return customer.Row{ID: id, Name: name, Avatar: avatar, Cursor: at}, err
}

// matches returns the rows of these customers, without repeats, as matches of a search. It is not
// ok when the list is nil or does not have them all.
func (l *cachedList) matches(pks []int64, class uint8) (rows []customer.Row, ok bool) {
	if l == nil || len(pks) == 0 {
		return nil, l != nil
	}
	wanted := map[string]bool{}
	for _, pk := range pks {
		wanted[strconv.FormatInt(pk, 36)] = true
	}
	for line := range strings.SplitSeq(l.rows, rowMark) {
		if pk, _, _ := strings.Cut(line, "."); !wanted[pk] {
			continue
		}
		row, err := parseLine(line)
		if err != nil {
			return nil, false
		}
		row.Cursor.Class = class
		rows = append(rows, row)
	}
	return rows, len(rows) == len(wanted)
}
