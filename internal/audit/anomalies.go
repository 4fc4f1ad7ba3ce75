package audit

import (
	"hash/maphash"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/text"
)

// Limits within failureWindow, in addition to Rules: failed sign-ins for one identity or
// from one address, and searches for complete phone numbers by one worker. The latter is the
// burst that masking allows.
const (
	maxFailures   = 10
	maxSearches   = 5
	failureWindow = 10 * time.Minute
)

// maxWatched limits the people, identities and addresses watched at the same time.
const maxWatched = 10_000

// anomalies detects unusual events.
type anomalies struct {
	views, identities, addresses, searches map[string]*slidingCount

	seed  maphash.Seed
	count uint64 // makes events distinct
	swept time.Time
}

func newAnomalies() anomalies {
	return anomalies{
		views: make(map[string]*slidingCount), identities: make(map[string]*slidingCount),
		addresses: make(map[string]*slidingCount), searches: make(map[string]*slidingCount),
		seed: maphash.MakeSeed(),
	}
}

// observeView counts a view. isNew reports whether it is to be written; unusual is an
// additional entry when marked so.
func (a *anomalies) observeView(e Entry, rules Rules) (isNew bool, unusual Entry) {
	counter := counterOf(a.views, text.IdentityKey(e.Actor))
	isNew, total := counter.add(maphash.String(a.seed, e.Subject), e.When, rules.Views, rules.Within)
	if total == 0 {
		return isNew, Entry{}
	}
	return isNew, Entry{When: e.When, Actor: e.Actor, Via: e.Via, Action: UnusualViews, Count: total, Address: e.Address, Unusual: true,
		Params: Params("").With("minutes", strconv.Itoa(minutes(e.When.Sub(counter.began))))}
}

// mark marks an unusual entry and says why where that is not obvious.
func (a *anomalies) mark(e Entry) Entry {
	switch e.Action {
	case Exported:
		e.Unusual = true
	case SignInFailed:
		if e.Subject != "" && a.exceeds(a.identities, text.IdentityKey(e.Subject), e.When, maxFailures) {
			e.Unusual, e.Params = true, ManyForIdentity
		}
		if e.Address != "" && a.exceeds(a.addresses, e.Address, e.When, maxFailures) {
			e.Unusual, e.Params = true, ManyForAddress
		}
	case NumberSearched:
		if a.exceeds(a.searches, text.IdentityKey(e.Actor), e.When, maxSearches) {
			e.Unusual, e.Params = true, ManySearches
		}
	}
	return e
}

// exceeds counts an event and reports whether it makes a run to report.
func (a *anomalies) exceeds(counters map[string]*slidingCount, key string, now time.Time, limit int) bool {
	a.count++
	_, total := counterOf(counters, key).add(a.count, now, limit-1, failureWindow)
	return total > 0
}

// counterOf returns the counter of a key. When there are too many, another is dropped.
func counterOf(counters map[string]*slidingCount, key string) *slidingCount {
	counter := counters[key]
	if counter == nil {
		if len(counters) >= maxWatched {
			for other := range counters {
				delete(counters, other)
				break
			}
		}
		counter = new(slidingCount)
		counters[key] = counter
	}
	return counter
}

// cleanupInterval is the time between cleanups, viewRetention the age of dropped view
// counters: longer than any time in Rules.
const (
	cleanupInterval = 10 * time.Minute
	viewRetention   = 25 * time.Hour
)

// cleanup drops idle counters.
func (a *anomalies) cleanup(now time.Time) {
	if now.Sub(a.swept) < cleanupInterval {
		return
	}
	a.swept = now
	for _, counters := range []map[string]*slidingCount{a.identities, a.addresses, a.searches} {
		dropIdle(counters, now, failureWindow)
	}
	dropIdle(a.views, now, viewRetention)
}

func dropIdle(counters map[string]*slidingCount, now time.Time, within time.Duration) {
	for key, counter := range counters {
		if now.Sub(counter.last()) >= within {
			delete(counters, key)
		}
	}
}

// minutes returns a duration in whole minutes, at least one.
func minutes(d time.Duration) int { return max(int(d.Round(time.Minute)/time.Minute), 1) }
