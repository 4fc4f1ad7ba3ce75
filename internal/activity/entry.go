package activity

import "time"

// The published codes of failures; see docs of package frontline.
const (
	CodeInvalidPayload  = 48000
	CodeNoCallbackURL   = 48001
	CodeInvalidResponse = 48003
	CodeCallbackFailed  = 48004
	CodeCallbackTimeout = 48005
)

// Entry is one question to the integration service, as the Activity page shows it.
type Entry struct {
	When   time.Time     // when the call began
	Took   time.Duration // how long it took, without Queued
	Queued time.Duration // how long it waited its turn before
	// Location is the kind of question, by its name in the protocol.
	Location string
	Search   bool   // a list was asked for with a query
	Worker   string // for whom, as the account stores it
	Bytes    int64  // of the answer's body, 0 when not known
	Status   int    // HTTP status, 0 when none came
	Code     int    // published code of the failure, 0 when it went well
	NotFound bool   // it went well: there is no such customer
	Hit      bool   // no call was made: the answer was held already
	Crawl    bool   // nobody waited for it
	BuiltIn  bool   // our own integration service answered
}

// Outcome is how a call went.
type Outcome string

// The outcomes.
const (
	OK       Outcome = "ok"
	NotFound Outcome = "not-found"
	Failed   Outcome = "failed"
)

// Outcome tells how the call went.
func (e Entry) Outcome() Outcome {
	switch {
	case e.Code != 0:
		return Failed
	case e.NotFound:
		return NotFound
	}
	return OK
}
