package audit

import "time"

// What is kept one by one within a minute of what outsiders can cause at will.
const (
	repeatWindow          = time.Minute
	maxAttempts           = 100
	maxAttemptsPerAddress = 20
	maxRepetitions        = 5_000 // things that may be held back at once
)

// deduplicator holds back what repeats itself.
type deduplicator struct {
	pending map[Entry]*repetition // by what it is, without when

	// Attempts of outsiders in this minute, altogether and by address.
	minute    time.Time
	attempts  int
	byAddress map[string]int
}

// repetition is what came after the first entry of its kind.
type repetition struct {
	first, last time.Time
	more        int
}

func newDeduplicator() deduplicator {
	return deduplicator{pending: make(map[Entry]*repetition), byAddress: make(map[string]int)}
}

// add answers what is to be written because of e, if anything.
func (r *deduplicator) add(e Entry) (Entry, bool) {
	if e.Count != 0 || e.Unusual {
		return e, true // it says already of how many it is, or must be seen at once
	}
	what := e
	what.When = time.Time{}
	known := r.pending[what]
	if known == nil && isUnauthenticated(e.Action) && r.overflows(e) {
		what = Entry{Via: e.Via, Action: e.Action, Detail: "further attempts, too many to keep one by one"}
		if r.attempts < maxAttempts {
			what.Address = e.Address
		}
		e.Actor, e.Subject, e.Name, e.Detail, e.Address = what.Actor, "", "", what.Detail, what.Address
		known = r.pending[what]
	}
	if known == nil {
		if len(r.pending) < maxRepetitions {
			r.pending[what] = &repetition{first: e.When, last: e.When}
		}
		return e, true
	}
	known.more++
	known.last = e.When
	return Entry{}, false
}

// isUnauthenticated tells what somebody who has not signed in can cause at will.
func isUnauthenticated(a Action) bool { return a == SignInFailed || a == Denied }

// overflows counts an attempt, and tells that there are too many.
func (r *deduplicator) overflows(e Entry) bool {
	if e.When.Sub(r.minute) >= repeatWindow || e.When.Before(r.minute) {
		r.minute, r.attempts = e.When, 0
		clear(r.byAddress)
	}
	if r.attempts >= maxAttempts || r.byAddress[e.Address] >= maxAttemptsPerAddress {
		return true
	}
	r.attempts++
	r.byAddress[e.Address]++
	return false
}

// due answers what came again of those things whose minute is over.
func (r *deduplicator) due(now time.Time) []Entry {
	return r.take(func(x *repetition) bool { return now.Sub(x.first) >= repeatWindow })
}

// all answers what came again of all things.
func (r *deduplicator) all() []Entry {
	return r.take(func(*repetition) bool { return true })
}

func (r *deduplicator) take(over func(*repetition) bool) (entries []Entry) {
	for what, x := range r.pending {
		if !over(x) {
			continue
		}
		delete(r.pending, what)
		if x.more > 0 {
			what.When, what.Count = x.last, x.more
			entries = append(entries, what)
		}
	}
	return entries
}
