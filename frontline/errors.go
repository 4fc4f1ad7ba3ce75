package frontline

import (
	"errors"
	"fmt"
	"time"
)

// ErrNotFound is the answer to a question about a customer that is unknown or is
// not this worker's.
var ErrNotFound = errors.New("customer not found")

// Code is a published error code of the callback.
type Code int

// The published codes.
const (
	CodeInvalidPayload  Code = 48000 // the request payload is invalid
	CodeNoCallbackURL   Code = 48001 // the callback URL is not set
	CodeInvalidResponse Code = 48003 // the answer is not JSON, lacks a required field, or is over 64 KiB
	CodeCallbackFailed  Code = 48004 // an error status, a redirect, or no connection
	CodeCallbackTimeout Code = 48005 // no answer within 6 s
)

// InvalidRequestError tells that a request cannot be answered as it stands.
type InvalidRequestError struct {
	// Reason says in plain words what is wrong, fit to be sent to the caller:
	// it never repeats a value of the request.
	Reason string
}

func (e *InvalidRequestError) Error() string { return "invalid request: " + e.Reason }

// UnavailableError tells that the answer cannot be had just now.
type UnavailableError struct {
	// RetryAfter is how long to wait before asking again; 0 when not known.
	RetryAfter time.Duration
	// Pending tells that nothing failed: the answer is being fetched, or waits its
	// turn, and will be there when asked for again.
	Pending bool
	// Err is the reason, for the log only; may be nil.
	Err error
}

func (e *UnavailableError) Error() string {
	if e.Pending {
		return "not there yet"
	}
	if e.Err == nil {
		return "unavailable"
	}
	return "unavailable: " + e.Err.Error()
}

func (e *UnavailableError) Unwrap() error { return e.Err }

// CallbackError tells how a call to an integration service failed.
type CallbackError struct {
	Code Code
	// Status is the HTTP status that came, 0 when none did.
	Status int
	// Err is the reason, for the log only; may be nil.
	Err error
}

func (e *CallbackError) Error() string {
	s := fmt.Sprintf("callback error %d", e.Code)
	if e.Status != 0 {
		s += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *CallbackError) Unwrap() error { return e.Err }
