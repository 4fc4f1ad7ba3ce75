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

// merged is the customers of an extent, and their names folded, to be searched.
type merged struct {
	rows   []paging.Row // the newest snapshot before what else the other has
	blocks [][]byte     // of blockRows names
}

// blockRows is how many names are searched together.
const blockRows = 512

// merge returns the customers of an extent. They are held, so that typing on is quick.
func (s *Search) merge(x extent) merged {
	key := x.place
	key.At = 0
	m, ok := s.merged.Get(key)
	if ok {
		return m
	}
	m.rows = x.newest.Rows(0, x.Rows)
	if x.furthest != nil {
		m.rows = slices.Clone(m.rows)
		for _, r := range x.furthest.Rows(0, x.FurthestRows) {
			if i, ok := x.newest.Index(r.ID); !ok || i >= x.Rows {
				m.rows = append(m.rows, r)
			}
		}
	}
	bytes := 0
	for from := 0; from < len(m.rows); from += blockRows {
		names := m.rows[from:min(from+blockRows, len(m.rows))]
		numbers, docs := make([]int64, len(names)), make([][]byte, len(names))
		for i, r := range names {
			numbers[i], docs[i] = int64(from+i), search.AppendNamed(nil, r.Name)
		}
		block := search.AppendBlock(nil, numbers, docs)
		m.blocks = append(m.blocks, block)
		bytes += len(block) + 64*len(names)
	}
	s.merged.Put(key, m, bytes)
	return m
}

// find returns the matches of a query: best matches first, each class in list order.
func (s *Search) find(ctx context.Context, query string, m merged) (rows []paging.Row, err error) {
	q := search.ParseQuery(query)
	var found [search.ClassAny + 1][]paging.Row
	for _, block := range m.blocks {
		err := q.Scan(block, func(_ int, i int64, class uint8) bool {
			found[class] = append(found[class], m.rows[i])
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
