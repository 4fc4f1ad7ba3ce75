package audit

import (
	"hash/maphash"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/text"
)

// What is unusual beside what Rules say: this many attempts to sign in that failed,
// for one identity or from one address, and this many searches for whole numbers by
// one worker, within this time. The latter is what upstream.Mask allows at once:
// whoever searches so much has come to its limit.
const (
	manyFailures = 10
	manySearches = 5
	manyWithin   = 10 * time.Minute
)

// watched bounds how many people, identities and addresses are watched at once.
const watched = 10_000

// watches tell what is unusual.
type watches struct {
	views, identities, addresses, searches map[string]*run

	seed  maphash.Seed
	count uint64 // tells events apart
	swept time.Time
}

func newWatches() watches {
	return watches{
		views: make(map[string]*run), identities: make(map[string]*run),
		addresses: make(map[string]*run), searches: make(map[string]*run),
		seed: maphash.MakeSeed(),
	}
}

// view notes a view. fresh tells that it is to be written; unusual is an entry of its
// own when it is marked so.
func (w *watches) view(e Entry, rules Rules) (fresh bool, unusual Entry) {
	usual := DefaultRules()
	if rules.Views <= 0 {
		rules.Views = usual.Views
	}
	if rules.Within < repeatFor {
		rules.Within = usual.Within
	}
	r := of(w.views, text.IdentityKey(e.Actor))
	fresh, total := r.add(maphash.String(w.seed, e.Subject), e.When, rules.Views, rules.Within)
	if total == 0 {
		return fresh, Entry{}
	}
	return fresh, Entry{When: e.When, Actor: e.Actor, Via: e.Via, Action: UnusualViews, Count: total, Address: e.Address, Unusual: true,
		Detail: "different customers within " + spell(e.When.Sub(r.began))}
}

// mark marks what is unusual, and says why where that is not plain.
func (w *watches) mark(e Entry) Entry {
	switch e.Action {
	case Exported:
		e.Unusual = true
	case SignInFailed:
		if e.Subject != "" && w.often(w.identities, text.IdentityKey(e.Subject), e.When, manyFailures) {
			e.Unusual, e.Detail = true, "many failed for this identity"
		}
		if e.Address != "" && w.often(w.addresses, e.Address, e.When, manyFailures) {
			e.Unusual, e.Detail = true, "many failed from this address"
		}
	case NumberSearched:
		if w.often(w.searches, text.IdentityKey(e.Actor), e.When, manySearches) {
			e.Unusual, e.Detail = true, "many numbers were searched for"
		}
	}
	return e
}

// often counts an event, and tells whether it makes a run that is to be told.
func (w *watches) often(runs map[string]*run, key string, now time.Time, many int) bool {
	w.count++
	_, total := of(runs, key).add(w.count, now, many-1, manyWithin)
	return total > 0
}

// of answers the run of a key. Where there are too many, one of the others goes.
func of(runs map[string]*run, key string) *run {
	r := runs[key]
	if r == nil {
		if len(runs) >= watched {
			for other := range runs {
				delete(runs, other)
				break
			}
		}
		r = new(run)
		runs[key] = r
	}
	return r
}

// sweepEvery is how often what is over is forgotten, and quiet is when it is: longer
// than any time that is watched.
const (
	sweepEvery = 10 * time.Minute
	quiet      = 25 * time.Hour
)

// sweep forgets whom nothing is known of any more.
func (w *watches) sweep(now time.Time) {
	if now.Sub(w.swept) < sweepEvery {
		return
	}
	w.swept = now
	for _, runs := range []map[string]*run{w.identities, w.addresses, w.searches} {
		forget(runs, now, manyWithin)
	}
	forget(w.views, now, quiet)
}

func forget(runs map[string]*run, now time.Time, within time.Duration) {
	for key, r := range runs {
		if now.Sub(r.last()) >= within {
			delete(runs, key)
		}
	}
}

// spell writes a time in whole minutes, as time.ParseDuration reads it.
func spell(d time.Duration) string {
	return strconv.Itoa(max(int(d.Round(time.Minute)/time.Minute), 1)) + "m"
}
