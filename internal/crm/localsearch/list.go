package localsearch

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/text"
)

// list is what is held of a worker's list, to be searched: the newest snapshot, and what
// else the one has that reaches furthest.
type list struct {
	key    listKey
	rows   []paging.Row
	blocks [][]byte  // their names, folded, blockRows in each
	whole  bool      // nothing is missing
	asOf   time.Time // when the older of the two was true
	heard  time.Time // when the service last answered for it
}

// blockRows is how many names are searched together.
const blockRows = 512

// listKey names the rows of a list: snapshots only grow at their end.
type listKey struct {
	newest, furthest string
	rows, more       int
}

// list returns what is held of a list now; not ok if nothing is. It is held itself, so
// that typing on is quick.
func (s *Search) list(ctx context.Context, worker string) (l list, ok bool) {
	e := s.opts.Store.Entry(ctx, worker)
	newest, furthest := e.Newest(), e.Furthest()
	if newest == nil || furthest == nil {
		return list{}, false
	}
	whole := furthest.Complete() // before its rows: then no more will come
	key := listKey{newest.ID(), furthest.ID(), newest.Len(), furthest.Len()}
	worker = text.IdentityKey(worker)
	if l, ok = s.lists.Get(worker); !ok || l.key != key {
		l = list{key: key}
		l.rows = newest.Rows(0, key.rows)
		if furthest != newest {
			l.rows = slices.Clone(l.rows)
			for _, r := range furthest.Rows(0, key.more) {
				if i, ok := newest.Index(r.ID); !ok || i >= key.rows {
					l.rows = append(l.rows, r)
				}
			}
		}
		bytes := 0
		for _, r := range l.rows {
			bytes += r.Bytes()
		}
		for from := 0; from < len(l.rows); from += blockRows {
			block := fold(l.rows[from:min(from+blockRows, len(l.rows))], from)
			l.blocks = append(l.blocks, block)
			bytes += len(block)
		}
		s.lists.Put(worker, l, bytes)
	}
	l.whole, l.asOf, l.heard = whole, furthest.AsOf(), furthest.Heard()
	return l, true
}

// fold returns a block of the names of rows, numbered from the index of the first.
func fold(rows []paging.Row, from int) []byte {
	numbers, docs := make([]int64, len(rows)), make([][]byte, len(rows))
	for i, r := range rows {
		numbers[i], docs[i] = int64(from+i), search.AppendNamed(nil, r.Name)
	}
	return search.AppendBlock(nil, numbers, docs)
}

// find returns the matches of a query: best matches first, each class in list order.
func (l list) find(ctx context.Context, query string) (rows []paging.Row, err error) {
	q := search.ParseQuery(query)
	var found [search.ClassAny + 1][]paging.Row
	for _, block := range l.blocks {
		err := q.Scan(block, func(_ int, i int64, class uint8) bool {
			found[class] = append(found[class], l.rows[i])
			return true
		})
		if err := errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
	}
	for _, class := range found {
		rows = append(rows, class...)
	}
	return rows, nil
}
