package audit

import "time"

// What is kept one by one within a minute of what outsiders can cause at will.
const (
	repeatFor  = time.Minute
	maxFlood   = 100
	maxAddress = 20
	maxHeld    = 5_000 // things that may be held back at once
)

// repeats holds back what repeats itself.
type repeats struct {
	held map[Entry]*repeat // by what it is, without when

	// Attempts of outsiders in this minute, altogether and by address.
	minute  time.Time
	flood   int
	address map[string]int
}

// repeat is what came after the first entry of its kind.
type repeat struct {
	first, last time.Time
	more        int
}

func newRepeats() repeats {
	return repeats{held: make(map[Entry]*repeat), address: make(map[string]int)}
}

// add answers what is to be written because of e, if anything.
func (r *repeats) add(e Entry) (Entry, bool) {
	if e.Count != 0 || e.Unusual {
		return e, true // it says already of how many it is, or must be seen at once
	}
	what := e
	what.When = time.Time{}
	known := r.held[what]
	if known == nil && isFlood(e.Action) && r.overflows(e) {
		what = Entry{Via: e.Via, Action: e.Action, Detail: "further attempts, too many to keep one by one"}
		if r.flood < maxFlood {
			what.Address = e.Address
		}
		e.Actor, e.Subject, e.Name, e.Detail, e.Address = what.Actor, "", "", what.Detail, what.Address
		known = r.held[what]
	}
	if known == nil {
		if len(r.held) < maxHeld {
			r.held[what] = &repeat{first: e.When, last: e.When}
		}
		return e, true
	}
	known.more++
	known.last = e.When
	return Entry{}, false
}

// isFlood tells what somebody who has not signed in can cause at will.
func isFlood(a Action) bool { return a == SignInFailed || a == Denied }

// overflows counts an attempt, and tells that there are too many.
func (r *repeats) overflows(e Entry) bool {
	if e.When.Sub(r.minute) >= repeatFor || e.When.Before(r.minute) {
		r.minute, r.flood = e.When, 0
		clear(r.address)
	}
	if r.flood >= maxFlood || r.address[e.Address] >= maxAddress {
		return true
	}
	r.flood++
	r.address[e.Address]++
	return false
}

// due answers what came again of those things whose minute is over.
func (r *repeats) due(now time.Time) []Entry {
	return r.take(func(x *repeat) bool { return now.Sub(x.first) >= repeatFor })
}

// all answers what came again of all things.
func (r *repeats) all() []Entry {
	return r.take(func(*repeat) bool { return true })
}

func (r *repeats) take(over func(*repeat) bool) (entries []Entry) {
	for what, x := range r.held {
		if !over(x) {
			continue
		}
		delete(r.held, what)
		if x.more > 0 {
			what.When, what.Count = x.last, x.more
			entries = append(entries, what)
		}
	}
	return entries
}
