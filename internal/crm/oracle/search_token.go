package external

import (
	"encoding/json"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// extent is what a local search goes over: the beginnings of two versions. Rows of
// a version never change, so an extent names a list for ever.
type extent struct {
	Current string `json:"c"`
	Rows    int    `json:"n"` // of Current
	Best    string `json:"b,omitempty"`
	Further int    `json:"m,omitempty"` // rows of Best, 0 when it is Current
}

// place is where the next page of a local search begins.
type place struct {
	extent
	Whole bool `json:"w,omitempty"` // the extent covers all of the list
	At    int  `json:"i"`           // how many matches came before
}

// searchTokens seals places in local searches. A token is good for the worker and
// the query that it was made for.
type searchTokens struct{ sealer Sealer }

func (s searchTokens) seal(p place, worker, query string) string {
	plain, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers
	}
	return s.sealer.Seal(plain, searchContext(worker, query))
}

// open answers the place that a token names; not ok when the token is not one of
// a local search, not this worker's or not this query's.
func (s searchTokens) open(token, worker, query string) (p place, ok bool) {
	if len(token) > frontline.MaxTokenBytes {
		return place{}, false
	}
	plain, err := s.sealer.Open(token, searchContext(worker, query))
	if err != nil || json.Unmarshal(plain, &p) != nil || p.Rows < 0 || p.Further < 0 || p.At < 0 {
		return place{}, false
	}
	return p, true
}

func searchContext(worker, query string) string {
	return "local search\x00" + text.IdentityKey(worker) + "\x00" + query
}
