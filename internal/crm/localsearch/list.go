package localsearch

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/text"
)

// list is what is held of a worker's list, to be searched: the newest snapshot, and what
// else the one has that reaches furthest.
type list struct {
	rows   []paging.Row
	blocks [][]byte  // their names, folded, blockRows in each
	whole  bool      // nothing is missing
	asOf   time.Time // when the older of the two was true
	heard  time.Time // when the service last answered for it
}

const (
	// blockRows is how many names are searched together.
	blockRows = 512
	// maxLast bounds the id of the last customer in a token.
	maxLast = 128
)

// listKey names the rows of a list: snapshots only grow at their end.
type listKey struct {
	newest, furthest string
	rows, more       int
}

// list returns what is held of a list now; not ok if nothing is. It is held itself, so
// that typing on is quick.
func (s *Search) list(e *cache.Entry) (l list, ok bool) {
	newest, furthest := e.Newest(), e.Furthest()
	if newest == nil || furthest == nil {
		return list{}, false
	}
	whole := furthest.Complete() // before its rows: then no more will come
	key := listKey{newest.ID(), furthest.ID(), newest.Len(), furthest.Len()}
	if l, ok = s.lists.Get(key); !ok {
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
		for from := 0; from < len(l.rows); from += blockRows {
			block := fold(l.rows[from:min(from+blockRows, len(l.rows))], from)
			l.blocks = append(l.blocks, block)
			bytes += len(block) + 64*blockRows
		}
		s.lists.Put(key, l, bytes)
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

// place is where the next page of a search begins: behind a customer, or, if that one is
// not found any more, behind so many matches.
type place struct {
	Last string `json:"c"`
	At   int    `json:"i"`
}

// seal returns a token that is good for the worker and the query of req.
func (s *Search) seal(p place, req frontline.ListRequest) string {
	plain, err := json.Marshal(p)
	if err != nil {
		panic(err) // a text and a number
	}
	return s.opts.Sealer.Seal(plain, sealContext(req))
}

// open returns the place that the token of req names; not ok if it is none of a search
// here.
func (s *Search) open(req frontline.ListRequest) (p place, ok bool) {
	if len(req.NextPageToken) > frontline.MaxTokenBytes {
		return place{}, false
	}
	plain, err := s.opts.Sealer.Open(req.NextPageToken, sealContext(req))
	return p, err == nil && json.Unmarshal(plain, &p) == nil && p.At >= 0
}

func sealContext(req frontline.ListRequest) string {
	return "local search\x00" + text.IdentityKey(req.Worker) + "\x00" + req.Query
}
