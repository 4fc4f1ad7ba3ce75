package activity

import "time"

// Published failure codes; see package frontline.
const (
	CodeInvalidPayload  = 48000
	CodeNoCallbackURL   = 48001
	CodeInvalidResponse = 48003
	CodeCallbackFailed  = 48004
	CodeCallbackTimeout = 48005
)

// Entry is a request to the integration service.
type Entry struct {
	When   time.Time     // start of the call
	Took   time.Duration // duration of the call, without Queued
	Queued time.Duration // time in the queue before it
	// Location is the kind of request, by its name in the protocol.
	Location string
	Search   bool   // a list with a query
	Worker   string // as stored by the account
	Bytes    int64  // of the response body, 0 when unknown
	Status   int    // HTTP status, 0 without a response
	Code     int    // published code of the failure, 0 on success
	NotFound bool   // success: there is no such customer
	Hit      bool   // served from the cache, without a call
	Crawl    bool   // in the background
	BuiltIn  bool   // by the built-in integration service
}

// Outcome is the result of a call.
type Outcome string

// Outcomes.
const (
	OK       Outcome = "ok"
	NotFound Outcome = "not-found"
	Failed   Outcome = "failed"
)

// Outcome returns the result of the call.
func (e Entry) Outcome() Outcome {
	switch {
	case e.Code != 0:
		return Failed
	case e.NotFound:
		return NotFound
	}
	return OK
}
