package activity

import (
	"slices"
	"time"
)

// Cause is the likely reason why a signature was refused.
type Cause string

// Causes.
const (
	Unsigned      Cause = "unsigned" // there was none
	OtherURL      Cause = "url"      // another URL was signed
	PreviousToken Cause = "previous" // signed with the token before, which has expired
	OtherToken    Cause = "token"    // none of the above, so most likely another token
)

// Refusal is a request to a callback of this program that was refused because its signature
// was missing or wrong.
type Refusal struct {
	When     time.Time
	Callback string // path
	Cause    Cause
	// Signed is the URL that was signed, and Expected the right one. They are without their
	// queries, and "" for all causes but OtherURL.
	Signed, Expected string
}

// RecordRefusal records a refusal. Only the last one of each callback and cause is kept, in
// memory: anyone can send such requests, and many of them must displace nothing else.
func (l *Log) RecordRefusal(r Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals = slices.DeleteFunc(l.refusals, func(old Refusal) bool {
		return old.Callback == r.Callback && old.Cause == r.Cause
	})
	l.refusals = append(l.refusals, r)
}

// Refusals returns the refusals of the last week, newest first.
func (l *Log) Refusals() []Refusal {
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest := l.now().Add(-retention)
	var all []Refusal
	for _, r := range slices.Backward(l.refusals) {
		if !r.When.Before(oldest) {
			all = append(all, r)
		}
	}
	return all
}
