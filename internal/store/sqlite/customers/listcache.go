package customers

import (
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

const (
	// listCacheBytes is the size of the cache of lists, if there is memory for it.
	listCacheBytes = 24 << 20
	// maxCachedRows is the longest list that is cached.
	maxCachedRows = 1000
	// cachedListBytes is what a list needs beside its rows.
	cachedListBytes = 200
)

// listCache has the lists of busy workers in memory, in the form in which pages are cut from
// them. A list is used while the database is of the generation in which it was read. That is
// looked up for every page: other processes write too.
type listCache struct {
	lists *lru.Cache[int64, *cachedList] // by owner
}

func newListCache(bytes int) listCache {
	return listCache{lru.New[int64, *cachedList](bytes/cachedListBytes, bytes, nil)}
}

// cachedList is a worker's list, with everyone's customers. It does not change.
type cachedList struct {
	generation int64
	// rows has a row mark before each row: its cursor, id, name and avatar, with NULs between
	// them. It is empty if the list was asked for only once in its generation, since reading
	// all of it costs as much as reading many pages.
	rows    string
	tooLong bool
}

// rowMark is in no row: it is no byte of UTF-8.
const rowMark = "\xFF"

// page returns a page of a worker's list. It is not ok when the list is not in the cache, or
// the row to continue after is not in the list as it was.
func (l listCache) page(c *sqldb.Conn, owner int64, q customer.ListQuery) (page customer.Page, ok bool, err error) {
	list, _ := l.lists.Get(owner)
	if list != nil && list.tooLong {
		return page, false, nil
	}
	generation, err := readGeneration(c)
	if err != nil {
		return page, false, err
	}
	if list == nil || list.generation != generation {
		l.lists.Put(owner, &cachedList{generation: generation}, cachedListBytes)
		return page, false, nil
	}
	if list.rows == "" {
		if list, err = readList(c, owner); err != nil {
			return page, false, err
		}
		l.lists.Put(owner, list, cachedListBytes+len(list.rows))
	}
	if !list.tooLong {
		page, ok = list.page(q)
	}
	return page, ok, nil
}

func readGeneration(c *sqldb.Conn) (int64, error) {
	return c.Count("SELECT generation FROM state WHERE id = 1")
}

var wholeListSQL = firstPageSQL + ", (SELECT generation FROM state WHERE id = 1)"

// readList reads a whole list.
func readList(c *sqldb.Conn, owner int64) (*cachedList, error) {
	const n = maxCachedRows + 1
	row, err := c.One(wholeListSQL, owner, int64(n), int64(n))
	if err != nil {
		return nil, err
	}
	list := &cachedList{generation: row[2].(int64)}
	rows, err := mergeLists(row[0], row[1], owner, n)
	if list.tooLong = len(rows) >= n; err != nil || list.tooLong {
		return list, err
	}
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(rowMark + cursorText(r.row.Cursor) + "\x00" + r.row.ID + "\x00" + r.row.Name + "\x00" + r.row.Avatar)
	}
	list.rows = b.String()
	return list, nil
}

// page cuts a page from the list. It is not ok when the row to continue after is not in it as
// it was.
func (l *cachedList) page(q customer.ListQuery) (page customer.Page, ok bool) {
	rows := l.rows
	switch {
	case !q.After.IsZero():
		_, rows, ok = strings.Cut(rows, rowMark+cursorText(q.After)+"\x00")
	case q.Anchor != "":
		rows, ok = afterID(rows, q.Anchor)
	default:
		ok = true
	}
	if !ok {
		return page, false
	}
	_, rows, page.More = strings.Cut(rows, rowMark)
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

// afterID returns the rest of rows from within the row with an id on, if the customer was
// never renamed.
func afterID(rows, id string) (rest string, ok bool) {
	for mark := "\x00" + id + "\x00"; ; {
		before, rest, ok := strings.Cut(rows, mark)
		if !ok {
			return "", false
		}
		cursor := before[strings.LastIndex(before, rowMark)+1:]
		if strings.HasSuffix(cursor, ".1") && strings.IndexByte(cursor, 0) < 0 { // or it is a name
			return rest, true
		}
		rows = rest
	}
}
