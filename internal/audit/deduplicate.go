package audit

import "time"

// Limits of the entries that people who have not signed in can cause.
const (
	repeatWindow          = time.Minute
	maxAttempts           = 100
	maxAttemptsPerAddress = 20
	maxRepetitions        = 5_000 // held back at the same time
)

// deduplicator holds back repetitions of entries.
type deduplicator struct {
	pending map[Entry]*repetition // by the entry without its time

	// Unauthenticated attempts in this minute, in all and by address.
	minute    time.Time
	attempts  int
	byAddress map[string]int
}

// repetition counts what came after the first entry of its kind.
type repetition struct {
	first, last time.Time
	more        int
}

func newDeduplicator() deduplicator {
	return deduplicator{pending: make(map[Entry]*repetition), byAddress: make(map[string]int)}
}

// add returns the entry to write because of e, if any.
func (d *deduplicator) add(e Entry) (Entry, bool) {
	if e.Count != 0 || e.Unusual {
		return e, true // has a count already, or must be seen immediately
	}
	key := e
	key.When = time.Time{}
	known := d.pending[key]
	if known == nil && isUnauthenticated(e.Action) && d.overflows(e) {
		key = Entry{Via: e.Via, Action: e.Action, Params: MoreAttempts}
		if d.attempts < maxAttempts {
			key.Address = e.Address
		}
		e.Actor, e.Subject, e.Name, e.Detail, e.Address = key.Actor, "", "", "", key.Address
		e.Params = key.Params
		known = d.pending[key]
	}
	if known == nil {
		if len(d.pending) < maxRepetitions {
			d.pending[key] = &repetition{first: e.When, last: e.When}
		}
		return e, true
	}
	known.more++
	known.last = e.When
	return Entry{}, false
}

// isUnauthenticated reports whether an action needs no sign-in.
func isUnauthenticated(a Action) bool { return a == SignInFailed || a == Denied }

// overflows counts an attempt and reports whether there are too many.
func (d *deduplicator) overflows(e Entry) bool {
	if e.When.Sub(d.minute) >= repeatWindow || e.When.Before(d.minute) {
		d.minute, d.attempts = e.When, 0
		clear(d.byAddress)
	}
	if d.attempts >= maxAttempts || d.byAddress[e.Address] >= maxAttemptsPerAddress {
		return true
	}
	d.attempts++
	d.byAddress[e.Address]++
	return false
}

// due returns the repetitions whose minute is over.
func (d *deduplicator) due(now time.Time) []Entry {
	return d.take(func(x *repetition) bool { return now.Sub(x.first) >= repeatWindow })
}

// all returns all repetitions.
func (d *deduplicator) all() []Entry {
	return d.take(func(*repetition) bool { return true })
}

func (d *deduplicator) take(over func(*repetition) bool) (entries []Entry) {
	for key, x := range d.pending {
		if !over(x) {
			continue
		}
		delete(d.pending, key)
		if x.more > 0 {
			key.When, key.Count = x.last, x.more
			entries = append(entries, key)
		}
	}
	return entries
}
