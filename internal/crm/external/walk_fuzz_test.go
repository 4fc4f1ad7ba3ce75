package external

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// random is a service with a stable list and few manners: pages of any size, that
// may overlap and always bring something; errors; a token with the last page, or
// none; and at times it starts over for no reason. With one customer a page it does
// not: that cannot be told from a list of one.
type random struct {
	*rand.Rand
	tokens, overlaps, fails, wraps bool
	startsOver                     int // times
	size                           int
}

func newRandom(seed uint64) *random {
	r := rand.New(rand.NewPCG(seed, 1))
	bits := r.Uint32()
	return &random{Rand: r, tokens: bits&1 != 0, overlaps: bits&2 != 0, fails: bits&4 != 0, wraps: bits&8 != 0, startsOver: int(bits>>4) % 3, size: 1 + r.IntN(60)}
}

func (r *random) startOver() bool {
	if r.startsOver == 0 || r.size == 1 || r.IntN(10) > 0 {
		return false
	}
	r.startsOver--
	return true
}

func (r *random) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	if r.fails && r.IntN(8) == 0 {
		return frontline.ListResponse{}, []error{errTimeout, errStatus500, errBadAnswer, errStatus403}[r.IntN(4)]
	}
	from := placeOf(all, req.Anchor) + 1
	if req.NextPageToken != "" {
		from, _ = strconv.Atoi(req.NextPageToken)
	}
	later := req.Anchor != "" || req.NextPageToken != ""
	if later && r.startOver() {
		from = 0
	}
	if r.wraps && from >= len(all) {
		from = 0
	}
	back := 0
	if r.overlaps && from > 0 {
		back = r.IntN(min(from, 3))
	}
	from -= back
	resp := anchorPage(all, from, back+r.size+r.IntN(1+r.size/2))
	if end := from + len(resp.Customers); r.tokens && (end < len(all) || r.IntN(4) == 0) {
		resp.NextPageToken = strconv.Itoa(end)
	}
	return resp, nil
}

// FuzzWalkOfAnyService checks that whatever way a service with a stable list has of
// paging, the worker meets all of it, once.
func FuzzWalkOfAnyService(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(seed, uint8(seed*4))
	}
	f.Add(uint64(132), uint8(96))
	f.Add(uint64(167), uint8(185))
	f.Add(uint64(244), uint8(232))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) {
		service := newFake(newRandom(seed), int(n))
		w := walkOver(t, service)
		req := frontline.ListRequest{Worker: "alice"}
		seen := map[string]bool{}
		for asked := 0; ; asked++ {
			if asked > 1000 {
				t.Fatal("the walk has no end")
			}
			resp, err := w.CustomersList(t.Context(), req)
			if err != nil {
				continue // and try again
			}
			for _, c := range resp.Customers {
				if seen[c.ID] {
					t.Fatalf("%s comes twice", c.ID)
				}
				seen[c.ID] = true
			}
			if resp.NextPageToken == "" {
				break
			}
			req.NextPageToken = resp.NextPageToken
		}
		if len(seen) != int(n) {
			t.Errorf("%d of %d customers came", len(seen), n)
		}
	})
}

// scripted answers what the bytes of a fuzzer say, whatever it is asked: each byte
// is a row, ends a page, or is a token.
type scripted struct{ script []byte }

func (s scripted) page(_ []frontline.Customer, _ frontline.ListRequest, nth int) (frontline.ListResponse, error) {
	resp := frontline.ListResponse{Customers: []frontline.Customer{}}
	if len(s.script) == 0 {
		return resp, nil
	}
	for i := range 40 {
		b := s.script[(nth*7+i)%len(s.script)]
		switch {
		case b < 16:
			return resp, nil
		case b < 32:
			resp.NextPageToken = strconv.Itoa(int(b))
			return resp, nil
		case b < 40:
			return resp, errStatus400
		case b == 40:
			resp.NextPageToken = strconv.Itoa(nth)
			return resp, nil
		}
		resp.Customers = append(resp.Customers, frontline.Customer{ID: strconv.Itoa(int(b)), DisplayName: "x"})
	}
	return resp, nil
}

// FuzzWalkOfNonsense checks that a walk ends and repeats nothing whatever comes.
func FuzzWalkOfNonsense(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{200, 201, 16, 202, 17, 200, 16})
	f.Add([]byte{50, 51, 52, 0, 50, 51, 0, 53})
	f.Add([]byte{40, 41, 42, 40, 35, 90, 20})
	f.Fuzz(func(t *testing.T, script []byte) {
		service := newFake(scripted{script}, 0)
		w := walkOver(t, service)
		req := frontline.ListRequest{Worker: "alice"}
		var seen []string
		for pages, errors := 0, 0; errors < 3; pages++ {
			resp, err := w.CustomersList(t.Context(), req)
			if err != nil {
				errors++
				continue
			}
			seen = append(seen, ids(resp.Customers)...)
			if resp.NextPageToken == "" {
				break
			}
			req.NextPageToken = resp.NextPageToken
		}
		slices.Sort(seen)
		if got := len(slices.Compact(slices.Clone(seen))); got != len(seen) {
			t.Errorf("%d of %d rows came twice", len(seen)-got, len(seen))
		}
		if n := len(service.asked()); n > 3000 {
			t.Errorf("%d calls were made", n)
		}
	})
}
