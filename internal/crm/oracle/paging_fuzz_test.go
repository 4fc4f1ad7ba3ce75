package external_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/oracle"
)

// random is a service with a stable list that pages at random: pages of any size that
// may overlap, errors, tokens or none, a token on the last page, and restarts. It does
// not restart with pages of one customer, which look like a list of one.
type random struct {
	*rand.Rand
	tokens, overlaps, fails, wraps bool
	restarts                       int // left
	size                           int
}

func newRandom(seed uint64) *random {
	r := rand.New(rand.NewPCG(seed, 1))
	bits := r.Uint32()
	return &random{Rand: r, tokens: bits&1 != 0, overlaps: bits&2 != 0, fails: bits&4 != 0, wraps: bits&8 != 0, restarts: int(bits>>4) % 3, size: 1 + r.IntN(60)}
}

func (r *random) restart() bool {
	if r.restarts == 0 || r.size == 1 || r.IntN(10) > 0 {
		return false
	}
	r.restarts--
	return true
}

func (r *random) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	if r.fails && r.IntN(8) == 0 {
		return frontline.ListResponse{}, []error{external.ErrTimeout, external.ErrStatus500, external.ErrBadAnswer, external.ErrStatus403}[r.IntN(4)]
	}
	from := external.PlaceOf(all, req.Anchor) + 1
	if req.NextPageToken != "" {
		from, _ = strconv.Atoi(req.NextPageToken)
	}
	later := req.Anchor != "" || req.NextPageToken != ""
	if later && r.restart() {
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
	resp := external.AnchorPage(all, from, back+r.size+r.IntN(1+r.size/2))
	if end := from + len(resp.Customers); r.tokens && (end < len(all) || r.IntN(4) == 0) {
		resp.NextPageToken = strconv.Itoa(end)
	}
	return resp, nil
}

// FuzzService_RandomPaging checks that a walk returns every customer of a stable list
// once, however the service pages.
func FuzzService_RandomPaging(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(seed, uint8(seed*4))
	}
	f.Add(uint64(132), uint8(96))
	f.Add(uint64(167), uint8(185))
	f.Add(uint64(244), uint8(232))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) {
		synctest.Test(t, func(t *testing.T) {
			fake := external.NewFake(newRandom(seed).page, int(n))
			s := newUnlimited(fake)
			defer closeService(t, s)
			req := frontline.ListRequest{Worker: "alice"}
			seen := map[string]bool{}
			for requests := 0; ; requests++ {
				if requests > 1000 {
					t.Fatal("the walk has no end")
				}
				resp, _, err := openList(t.Context(), s, req)
				if err != nil {
					time.Sleep(15 * time.Second) // the breaker may be open
					continue
				}
				for _, c := range resp.Customers {
					if seen[c.ID] {
						t.Fatalf("customer %s is repeated", c.ID)
					}
					seen[c.ID] = true
				}
				if resp.NextPageToken == "" {
					break
				}
				req.NextPageToken = resp.NextPageToken
			}
			if len(seen) != int(n) {
				t.Errorf("walk returned %d of %d customers", len(seen), n)
			}
		})
	})
}

// scripted pages by the bytes of a fuzzer, whatever is requested: each byte is a row, the
// end of a page, or a token.
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
			return resp, external.ErrStatus400
		case b == 40:
			resp.NextPageToken = strconv.Itoa(nth)
			return resp, nil
		}
		resp.Customers = append(resp.Customers, frontline.Customer{ID: strconv.Itoa(int(b)), DisplayName: "x"})
	}
	return resp, nil
}

// FuzzService_ArbitraryPages checks that a walk of arbitrary pages ends and repeats no
// customer.
func FuzzService_ArbitraryPages(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{200, 201, 16, 202, 17, 200, 16})
	f.Add([]byte{50, 51, 52, 0, 50, 51, 0, 53})
	f.Add([]byte{40, 41, 42, 40, 35, 90, 20})
	f.Fuzz(func(t *testing.T, script []byte) {
		synctest.Test(t, func(t *testing.T) {
			fake := external.NewFake(scripted{script}.page, 0)
			s := newUnlimited(fake)
			defer closeService(t, s)
			req := frontline.ListRequest{Worker: "alice"}
			var seen []string
			for errors := 0; errors < 3; {
				resp, _, err := openList(t.Context(), s, req)
				if err != nil {
					errors++
					time.Sleep(15 * time.Second)
					continue
				}
				seen = append(seen, external.IDs(resp.Customers)...)
				if resp.NextPageToken == "" {
					break
				}
				req.NextPageToken = resp.NextPageToken
			}
			slices.Sort(seen)
			if got := len(slices.Compact(slices.Clone(seen))); got != len(seen) {
				t.Errorf("walk repeated %d of %d rows", len(seen)-got, len(seen))
			}
			if n := len(fake.ListRequests()); n > 3000 {
				t.Errorf("%d calls, want at most 3,000", n)
			}
		})
	})
}
