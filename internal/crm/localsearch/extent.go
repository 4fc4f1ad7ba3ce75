package localsearch

import (
	"context"
	"encoding/json"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/text"
)

// place is where a page of a search begins: what is searched, and how many matches come
// before. Snapshots only grow at their end, so that a place stays what it is.
type place struct {
	Newest       string `json:"c"`
	Rows         int    `json:"n"` // of Newest
	Furthest     string `json:"b,omitempty"`
	FurthestRows int    `json:"m,omitempty"` // of Furthest; 0 if it is Newest
	Whole        bool   `json:"w,omitempty"` // they have all of the list
	At           int    `json:"i"`
}

// extent is what a search goes through: the beginnings of the newest snapshot of a list
// and, if it is another, of the one that reaches furthest.
type extent struct {
	place
	newest, furthest *paging.Snapshot // furthest is nil if it is newest
	asOf             time.Time        // when the older of the two was true
	heard            time.Time        // when the service last answered for it
}

// extentOf returns what is held of a list now; not ok if nothing is.
func (s *Search) extentOf(e *cache.Entry) (x extent, ok bool) {
	newest, furthest := e.Newest(), e.Furthest()
	if newest == nil || furthest == nil {
		return x, false
	}
	x.Whole = furthest.Complete() // before its rows: then no more will come
	x.Newest, x.Rows = newest.ID(), newest.Len()
	if furthest != newest {
		x.Furthest, x.FurthestRows = furthest.ID(), furthest.Len()
	}
	return x.with(newest, furthest), true
}

// restore returns the extent of a place, while its snapshots are held.
func (s *Search) restore(ctx context.Context, worker string, at place) (x extent, ok bool) {
	newest := s.opts.Store.Snapshot(ctx, worker, "", at.Newest)
	furthest := newest
	if at.Furthest != "" {
		furthest = s.opts.Store.Snapshot(ctx, worker, "", at.Furthest)
	}
	if newest == nil || furthest == nil || newest.Len() < at.Rows || furthest.Len() < at.FurthestRows {
		return x, false
	}
	x.place = at
	return x.with(newest, furthest), true
}

func (x extent) with(newest, furthest *paging.Snapshot) extent {
	x.newest, x.asOf, x.heard = newest, furthest.AsOf(), furthest.Heard()
	if furthest != newest {
		x.furthest = furthest
	}
	return x
}

// covered returns how many customers the extent has.
func (x extent) covered() int {
	n := x.Rows + x.FurthestRows
	if x.furthest == nil {
		return n
	}
	for _, r := range x.newest.Rows(0, x.Rows) {
		if i, ok := x.furthest.Index(r.ID); ok && i < x.FurthestRows {
			n--
		}
	}
	return n
}

// find returns the matches of a query: best matches first, each class in list order, the
// newest snapshot before what else the other has.
func (s *Search) find(ctx context.Context, query string, x extent) ([]paging.Row, error) {
	q := search.ParseQuery(query)
	var found [search.ClassAny + 1][]paging.Row
	add := func(snapshot *paging.Snapshot, n int, wanted func(paging.Row) bool) error {
		rows := snapshot.Rows(0, n)
		for _, block := range s.blocks(snapshot, n) {
			err := q.Scan(block, func(_ int, i int64, class uint8) bool {
				if int(i) < len(rows) && wanted(rows[i]) {
					found[class] = append(found[class], rows[i])
				}
				return true
			})
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	err := add(x.newest, x.Rows, func(paging.Row) bool { return true })
	if err == nil && x.furthest != nil {
		err = add(x.furthest, x.FurthestRows, func(r paging.Row) bool {
			i, ok := x.newest.Index(r.ID)
			return !ok || i >= x.Rows
		})
	}
	if err != nil {
		return nil, err
	}
	var rows []paging.Row
	for _, class := range found {
		rows = append(rows, class...)
	}
	return rows, nil
}

// foldedRows is how many names are folded and searched together.
const foldedRows = 512

// folded is the first names of a snapshot, folded, in blocks to be searched.
type folded struct {
	blocks [][]byte // of foldedRows names, the last of fewer
	names  int
	bytes  int
}

// blocks returns the first n names of a snapshot or more, folded. They are held, so that
// typing on is quick.
func (s *Search) blocks(snapshot *paging.Snapshot, n int) [][]byte {
	f, _ := s.folded.Get(snapshot.ID())
	if f.names >= n {
		return f.blocks
	}
	full := f.names / foldedRows
	next := folded{blocks: append([][]byte(nil), f.blocks[:full]...), names: full * foldedRows}
	for next.names < n {
		rows := snapshot.Rows(next.names, min(foldedRows, n-next.names))
		next.blocks = append(next.blocks, fold(rows, next.names))
		next.names += len(rows)
	}
	for _, b := range next.blocks {
		next.bytes += len(b) + 24
	}
	s.folded.Put(snapshot.ID(), next, next.bytes)
	return next.blocks
}

// fold returns a block of the names of rows, numbered from the index of the first.
func fold(rows []paging.Row, from int) []byte {
	numbers, docs := make([]int64, len(rows)), make([][]byte, len(rows))
	for i, r := range rows {
		numbers[i], docs[i] = int64(from+i), search.AppendNamed(nil, r.Name)
	}
	return search.AppendBlock(nil, numbers, docs)
}

// seal returns a token that is good for the worker and the query of req.
func (s *Search) seal(p place, req frontline.ListRequest) string {
	plain, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers
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
	ok = err == nil && json.Unmarshal(plain, &p) == nil && p.Rows >= 0 && p.FurthestRows >= 0 && p.At >= 0
	return p, ok
}

func sealContext(req frontline.ListRequest) string {
	return "local search\x00" + text.IdentityKey(req.Worker) + "\x00" + req.Query
}
