package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/sample"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/text"
)

// A class is what the search index of a list of one length takes.
type class struct {
	list                      int // its length
	runs, blocks, signatures  int // rows
	key, journal, docs, signs int // bytes
}

// each returns the bytes for one customer.
func (c class) each(bytes int) float64 { return float64(bytes) / float64(c.list) }

// measure makes the index of a list of n sample customers.
func measure(ctx context.Context, n int) (class, error) {
	m := &memory{blocks: make(map[string]block)}
	index := searchindex.New(m, searchindex.Sizes{})
	c := class{list: n}
	var entries []searchindex.Entry
	for one := range sample.Customers(n, uint64(n), nil) {
		// As the stores have it: the list's order, the name and the id.
		key := fmt.Appendf(nil, "%s\x00%s\x00%s", text.SortKey(one.Name), one.Name, one.ID)
		c.key += len(key)
		entries = append(entries, searchindex.Entry{Owner: 1, Key: key, Doc: customer.Document(one)})
	}
	slices.SortFunc(entries, func(a, b searchindex.Entry) int { return bytes.Compare(a.Key, b.Key) })
	for i := range entries {
		entries[i].Row = int64(i)
	}
	m.list = slices.Clone(entries)
	if err := index.Record(m, entries); err != nil {
		return c, err
	}
	for _, r := range m.runs {
		c.runs++
		c.journal += len(r.first) + len(r.entries)
	}
	if err := index.Merge(ctx, 0, 0); err != nil {
		return c, err
	}
	if len(m.runs) > 0 {
		return c, errors.New("the journal is not empty after merging")
	}
	for first, b := range m.blocks {
		c.blocks++
		c.docs += len(first) + len(b.docs)
		if b.signature != nil {
			c.signatures++
			c.signs += len(b.signature)
		}
	}
	return c, nil
}

// memory is the searchindex.Store of one owner.
type memory struct {
	list   []searchindex.Entry // in list order; the row is the index
	runs   []journalRun
	blocks map[string]block // by the sort key at which they begin
}

type journalRun struct {
	id             int64
	first, entries []byte
}

type block struct{ docs, signature []byte }

func (m *memory) Update(_ context.Context, fn func(searchindex.Writer) error) error { return fn(m) }

func (m *memory) Journals(context.Context, int64, int64) (owners []int64, err error) {
	if len(m.runs) > 0 {
		owners = []int64{1}
	}
	return owners, nil
}

func (m *memory) Journal(_ int64, fn func(id int64, run []byte) error) error {
	for _, r := range m.runs {
		if err := fn(r.id, r.entries); err != nil {
			return err
		}
	}
	return nil
}

// Scan is for searches, of which there are none here.
func (m *memory) Scan(int64, []byte, []byte, func([]byte) bool, func(first, block []byte) (bool, error)) error {
	return errors.ErrUnsupported
}

// Half is for searches too.
func (m *memory) Half(int64, []byte, int) ([]byte, searchindex.Reader, func(), error) {
	return nil, nil, nil, errors.ErrUnsupported
}

func (m *memory) Bounds(_ int64, key []byte) (begin, next []byte, err error) {
	for first := range m.blocks {
		switch first := []byte(first); {
		case bytes.Compare(first, key) <= 0 && (begin == nil || bytes.Compare(first, begin) > 0):
			begin = first
		case bytes.Compare(first, key) > 0 && (next == nil || bytes.Compare(first, next) < 0):
			next = first
		}
	}
	return begin, next, nil
}

func (m *memory) List(_ int64, from, to []byte, limit int, fn func(row int64, key []byte) error) error {
	at := sort.Search(len(m.list), func(i int) bool { return bytes.Compare(m.list[i].Key, from) >= 0 })
	for n := 0; at < len(m.list) && (to == nil || bytes.Compare(m.list[at].Key, to) < 0) && (limit == 0 || n < limit); n++ {
		if err := fn(int64(at), m.list[at].Key); err != nil {
			return err
		}
		at++
	}
	return nil
}

func (m *memory) Document(row int64) ([]byte, error) { return m.list[row].Doc, nil }

func (m *memory) PutRun(_, id int64, first []byte, _ int, entries []byte) error {
	if id == 0 {
		id = int64(len(m.runs)) + 1
	}
	m.runs = append(m.runs, journalRun{id, bytes.Clone(first), bytes.Clone(entries)})
	return nil
}

func (m *memory) TakeRuns(_ int64, before []byte, fn func(id int64, run []byte) error) error {
	taken := m.runs
	m.runs = nil
	for _, r := range taken {
		if before != nil && bytes.Compare(r.first, before) >= 0 {
			m.runs = append(m.runs, r)
		} else if err := fn(r.id, r.entries); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) NextRun(_ int64, from []byte) (next []byte, err error) {
	for _, r := range m.runs {
		if bytes.Compare(r.first, from) >= 0 && (next == nil || bytes.Compare(r.first, next) < 0) {
			next = r.first
		}
	}
	return next, nil
}

func (m *memory) TakeBlock(_ int64, first []byte) ([]byte, error) {
	b := m.blocks[string(first)]
	delete(m.blocks, string(first))
	return b.docs, nil
}

func (m *memory) PutBlock(_ int64, first, docs, signature []byte) error {
	m.blocks[string(first)] = block{bytes.Clone(docs), bytes.Clone(signature)}
	return nil
}
