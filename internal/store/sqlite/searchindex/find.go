package searchindex

import (
	"cmp"
	"context"
	"database/sql/driver"
	"slices"

	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// Classes is how many classes of match there are.
const Classes = int(search.ClassAny) + 1

// Query is a search. Wanted are the matches of class Class that follow the sort
// key After, and all matches of later classes; After is nil at the beginning.
type Query struct {
	search.Query
	Class uint8
	After []byte
	// Need is how many matches are needed.
	Need int
}

// Matches are the customers found in each class, in no particular order.
type Matches [Classes][]int64

// Find adds the first of an owner's wanted matches to found: of each class as many
// as are needed, if there are, and maybe more. c is in a read transaction.
func (x *Index) Find(ctx context.Context, c *sqldb.Conn, owner int64, q Query, found *Matches) error {
	scan := &parallelScan{finder: finder{ctx, x, c, owner, q}}
	var err error
	if scan.changed, err = scan.pending(found); err != nil {
		return err
	}
	return scan.blocks(found)
}

// finder is one search among the customers of an owner.
type finder struct {
	ctx   context.Context
	x     *Index
	c     *sqldb.Conn
	owner int64
	Query
}

// pendingMatch is a match among the pending documents.
type pendingMatch struct {
	pk  int64
	key string
}

// pending adds the wanted matches among an owner's pending customers. It returns
// all of those customers: their documents in blocks are outdated.
func (f *finder) pending(found *Matches) (map[int64]struct{}, error) {
	var changed map[int64]struct{}
	var matches [Classes][]pendingMatch
	err := f.c.Each(func(v []driver.Value) error {
		if changed == nil {
			changed = map[int64]struct{}{}
		}
		pk := v[0].(int64)
		changed[pk] = struct{}{}
		key, ok := v[1].([]byte)
		if !ok {
			return nil // no longer this owner's
		}
		doc, ok := v[2].([]byte)
		if !ok { // of an earlier version
			var err error
			if doc, err = f.x.document(f.c, pk); err != nil {
				return err
			}
		}
		class, ok := f.Match(doc)
		if !ok || class < f.Class || class == f.Class && f.After != nil && string(key) <= string(f.After) {
			return nil
		}
		matches[class] = append(matches[class], pendingMatch{pk, string(key)})
		if len(matches[class]) >= 8*f.Need { // bounded, whatever is pending
			matches[class] = first(matches[class], f.Need)
		}
		return f.ctx.Err()
	}, "SELECT pk, now, doc FROM search_pending WHERE owner = ?", f.owner)
	for class := range matches {
		for _, m := range first(matches[class], f.Need) {
			found[class] = append(found[class], m.pk)
		}
	}
	return changed, err
}

// first returns the first n matches in list order.
func first(matches []pendingMatch, n int) []pendingMatch {
	slices.SortFunc(matches, func(a, b pendingMatch) int { return cmp.Compare(a.key, b.key) })
	return matches[:min(len(matches), n)]
}

// start finds the block that holds the key to begin after: where it begins, and
// which of its customers are not behind that key. Both are nil when the search
// begins at the first block.
func (f *finder) start() (begin []byte, passed map[int64]struct{}, err error) {
	if f.After == nil {
		return nil, nil, nil
	}
	row, err := f.c.One("SELECT max(first) FROM search_block WHERE owner = ? AND first <= ?", f.owner, f.After)
	if err != nil {
		return nil, nil, err
	}
	begin, ok := row[0].([]byte)
	if !ok {
		return nil, nil, nil
	}
	passed = map[int64]struct{}{}
	err = f.c.Each(func(v []driver.Value) error {
		passed[v[0].(int64)] = struct{}{}
		return nil
	}, "SELECT pk FROM assignment WHERE owner = ? AND place BETWEEN ? AND ?", f.owner, begin, f.After)
	return begin, passed, err
}
