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
	maxFailures   = 10
	maxSearches   = 5
	failureWindow = 10 * time.Minute
)

// maxWatched bounds how many people, identities and addresses are watched at once.
const maxWatched = 10_000

// anomalies tell what is unusual.
type anomalies struct {
	views, identities, addresses, searches map[string]*slidingCount

	seed  maphash.Seed
	count uint64 // tells events apart
	swept time.Time
}

func newAnomalies() anomalies {
	return anomalies{
		views: make(map[string]*slidingCount), identities: make(map[string]*slidingCount),
		addresses: make(map[string]*slidingCount), searches: make(map[string]*slidingCount),
		seed: maphash.MakeSeed(),
	}
}

// observeView notes a view. fresh tells that it is to be written; unusual is an entry of its
// own when it is marked so.
func (w *anomalies) observeView(e Entry, rules Rules) (fresh bool, unusual Entry) {
	usual := DefaultRules()
	if rules.Views <= 0 {
		rules.Views = usual.Views
	}
	if rules.Within < repeatWindow {
		rules.Within = usual.Within
	}
	r := counterOf(w.views, text.IdentityKey(e.Actor))
	fresh, total := r.add(maphash.String(w.seed, e.Subject), e.When, rules.Views, rules.Within)
	if total == 0 {
		return fresh, Entry{}
	}
	return fresh, Entry{When: e.When, Actor: e.Actor, Via: e.Via, Action: UnusualViews, Count: total, Address: e.Address, Unusual: true,
		Detail: "different customers within " + formatMinutes(e.When.Sub(r.began))}
}

// mark marks what is unusual, and says why where that is not plain.
func (w *anomalies) mark(e Entry) Entry {
	switch e.Action {
	case Exported:
		e.Unusual = true
	case SignInFailed:
		if e.Subject != "" && w.exceeds(w.identities, text.IdentityKey(e.Subject), e.When, maxFailures) {
			e.Unusual, e.Detail = true, "many failed for this identity"
		}
		if e.Address != "" && w.exceeds(w.addresses, e.Address, e.When, maxFailures) {
			e.Unusual, e.Detail = true, "many failed from this address"
		}
	case NumberSearched:
		if w.exceeds(w.searches, text.IdentityKey(e.Actor), e.When, maxSearches) {
			e.Unusual, e.Detail = true, "many numbers were searched for"
		}
	}
	return e
}

// exceeds counts an event, and tells whether it makes a run that is to be told.
func (w *anomalies) exceeds(runs map[string]*slidingCount, key string, now time.Time, many int) bool {
	w.count++
	_, total := counterOf(runs, key).add(w.count, now, many-1, failureWindow)
	return total > 0
}

// counterOf answers the run of a key. Where there are too many, one of the others goes.
func counterOf(runs map[string]*slidingCount, key string) *slidingCount {
	r := runs[key]
	if r == nil {
		if len(runs) >= maxWatched {
			for other := range runs {
				delete(runs, other)
				break
			}
		}
		r = new(slidingCount)
		runs[key] = r
	}
	return r
}

// cleanupInterval is how often what is over is forgotten, and quiet is when it is: longer
// than any time that is watched.
const (
	cleanupInterval = 10 * time.Minute
	viewRetention   = 25 * time.Hour
)

// cleanup forgets whom nothing is known of any more.
func (w *anomalies) cleanup(now time.Time) {
	if now.Sub(w.swept) < cleanupInterval {
		return
	}
	w.swept = now
	for _, runs := range []map[string]*slidingCount{w.identities, w.addresses, w.searches} {
		dropIdle(runs, now, failureWindow)
	}
	dropIdle(w.views, now, viewRetention)
}

func dropIdle(runs map[string]*slidingCount, now time.Time, within time.Duration) {
	for key, r := range runs {
		if now.Sub(r.last()) >= within {
			delete(runs, key)
		}
	}
}

// formatMinutes writes a time in whole minutes, as time.ParseDuration reads it.
func formatMinutes(d time.Duration) string {
	return strconv.Itoa(max(int(d.Round(time.Minute)/time.Minute), 1)) + "m"
}
