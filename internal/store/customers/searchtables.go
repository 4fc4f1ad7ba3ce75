package customers

import (
	"cmp"
	"context"
	"database/sql/driver"
	"math"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// searchStore is the searchindex.Store of a database: tables search_block,
// search_signature and search_journal.
type searchStore struct {
	db     *sqldb.DB
	scans  *blockScanner
	blocks *blockCache // nil when scans reads them
}

func newSearchStore(db *sqldb.DB, scale func(int) int) (searchStore, error) {
	if functions, ok := db.Engine.(sqldb.FunctionEngine); ok {
		s := searchStore{db: db, scans: &blockScanner{}}
		return s, s.scans.register(functions)
	}
	return searchStore{db: db, blocks: newBlockCache(scale)}, nil
}

// Update implements searchindex.Store.
func (s searchStore) Update(ctx context.Context, fn func(searchindex.Writer) error) error {
	err := s.db.Update(ctx, func(c *sqldb.Conn) error {
		// Two snapshots that differ are known as such.
		if err := c.Exec("UPDATE state SET generation = generation + 1 WHERE id = 1"); err != nil {
			return err
		}
		return fn(s.on(c))
	})
	if err != nil {
		return err
	}
	return s.db.Rest(ctx)
}

// Journals implements searchindex.Store.
func (s searchStore) Journals(ctx context.Context, entries, perBlock int64) (owners []int64, err error) {
	err = s.db.View(ctx, func(c *sqldb.Conn) error {
		owners, err = sqldb.Column[int64](c, `SELECT owner FROM search_journal j GROUP BY owner HAVING sum(n) > ?
			AND sum(n) > ? * (SELECT count(*) FROM search_block b WHERE b.owner = j.owner)`, entries, perBlock)
		return err
	})
	return owners, err
}

// of returns the tables in a copy of the database.
func (s searchStore) of(db *sqldb.DB) searchStore {
	s.db = db
	return s
}

// on returns the tables as a connection sees them.
func (s searchStore) on(c *sqldb.Conn) searchTables { return searchTables{s, c, indexContents{}} }

// searchTables are the search index in a transaction of a connection.
type searchTables struct {
	searchStore
	c        *sqldb.Conn
	contents indexContents // what load read, for searches: no write updates it
}

var _ searchindex.Writer = searchTables{}

// Journal implements searchindex.Reader.
func (t searchTables) Journal(owner int64, fn func(id int64, run []byte) error) error {
	if known := t.contents[owner]; known != nil && !known.journal {
		return nil
	}
	return t.c.Each(func(v []driver.Value) error { return fn(v[0].(int64), sqldb.BytesOf(v[1])) },
		"SELECT id, entries FROM search_journal WHERE owner = ? ORDER BY first", owner)
}

// Bounds implements searchindex.Reader.
func (t searchTables) Bounds(owner int64, key []byte) (begin, next []byte, err error) {
	if known := t.contents[owner]; known != nil {
		begin, next = known.bounds(key)
		return begin, next, nil
	}
	row, err := t.c.One(`SELECT (SELECT max(first) FROM search_block WHERE owner = ? AND first <= ?),
		(SELECT min(first) FROM search_block WHERE owner = ? AND first > ?)`, owner, key, owner, key)
	if err != nil {
		return nil, nil, err
	}
	return sqldb.BytesOf(row[0]), sqldb.BytesOf(row[1]), nil
}

// List implements searchindex.Reader.
func (t searchTables) List(owner int64, from, to []byte, limit int, fn func(row int64, key []byte) error) error {
	return t.c.Each(func(v []driver.Value) error { return fn(v[1].(int64), v[0].([]byte)) },
		"SELECT place, pk FROM assignment WHERE owner = ? AND place >= ? AND place < ? ORDER BY place LIMIT ? + 0",
		owner, from, end(to), int64(cmp.Or(limit, math.MaxInt)))
}

// end returns the end of a part of a list, where nil is the end of the list: sort keys are
// UTF-8, in which no byte is 0xFF.
func end(to []byte) []byte {
	if to == nil {
		return []byte{0xFF}
	}
	return to
}

// Document implements searchindex.Reader.
func (t searchTables) Document(row int64) ([]byte, error) {
	found, ok, err := readCustomer(t.c, byPK, row)
	if err != nil || !ok {
		return nil, err
	}
	return customer.Document(found), nil
}

// Half implements searchindex.Reader.
func (t searchTables) Half(owner int64, from []byte, few int) (middle []byte, second searchindex.Reader, end func(), err error) {
	if t.blocks != nil {
		middle, err = t.cachedHalf(owner, from, few)
	} else {
		middle, err = t.c.Bytes(`SELECT first FROM search_block WHERE owner = ? AND first >= ? ORDER BY first LIMIT 1
			OFFSET (SELECT max(count(*) / 2, ?) FROM search_block WHERE owner = ? AND first >= ?)`, owner, from, int64(few), owner, from)
	}
	if err != nil || middle == nil {
		return nil, nil, nil, err
	}
	c, end, err := t.db.TryView()
	if err != nil || c == nil {
		return nil, nil, nil, err
	}
	ours, err := t.c.Count(generationSQL)
	if err == nil {
		var theirs int64
		if theirs, err = c.Count(generationSQL); err == nil && theirs == ours {
			return middle, searchTables{t.searchStore, c, t.contents}, end, nil
		}
	}
	end()
	return nil, nil, nil, err
}

// PutRun implements searchindex.Writer.
func (t searchTables) PutRun(owner, id int64, first []byte, n int, run []byte) error {
	if id == 0 {
		return t.c.Exec("INSERT INTO search_journal (owner, first, n, entries) VALUES (?, ?, ?, ?)", owner, first, int64(n), run)
	}
	return t.c.Exec("INSERT INTO search_journal (id, owner, first, n, entries) VALUES (?, ?, ?, ?, ?)", id, owner, first, int64(n), run)
}

// TakeRuns implements searchindex.Writer.
func (t searchTables) TakeRuns(owner int64, before []byte, fn func(id int64, run []byte) error) error {
	return t.c.Each(func(v []driver.Value) error { return fn(v[0].(int64), sqldb.BytesOf(v[1])) },
		"DELETE FROM search_journal WHERE owner = ? AND first < ? RETURNING id, entries", owner, end(before))
}

// NextRun implements searchindex.Writer.
func (t searchTables) NextRun(owner int64, from []byte) ([]byte, error) {
	return t.c.Bytes("SELECT min(first) FROM search_journal WHERE owner = ? AND first >= ?", owner, from)
}

// TakeBlock implements searchindex.Writer.
func (t searchTables) TakeBlock(owner int64, first []byte) ([]byte, error) {
	return t.c.Bytes("DELETE FROM search_block WHERE owner = ? AND first = ? RETURNING docs", owner, first)
}

// PutBlock implements searchindex.Writer.
func (t searchTables) PutBlock(owner int64, first, block, signature []byte) error {
	id, err := int64(0), error(nil)
	if t.blocks != nil {
		id = newBlockID()
		err = t.c.Exec("INSERT INTO search_block (id, owner, first, docs) VALUES (?, ?, ?, ?)", id, owner, first, block)
	} else {
		id, err = t.c.Count("INSERT INTO search_block (owner, first, docs) VALUES (?, ?, ?) RETURNING id", owner, first, block)
	}
	if err != nil || signature == nil {
		return err
	}
	return t.c.Exec("INSERT INTO search_signature (block, signature) VALUES (?, ?)", id, signature)
}
