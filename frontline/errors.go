package frontline

import (
	"errors"
	"fmt"
	"time"
)

// ErrNotFound is returned for a customer who is unknown or not this worker's.
var ErrNotFound = errors.New("customer not found")

// ErrForbidden is returned if a worker may not write to a customer.
var ErrForbidden = errors.New("the worker may not write to this customer")

// Code is a published error code of the callback.
type Code int

// The published codes.
const (
	CodeInvalidPayload  Code = 48000 // the request payload is invalid
	CodeNoCallbackURL   Code = 48001 // the callback URL is not set
	CodeInvalidResponse Code = 48003 // the response is not JSON, lacks a required field, or is over 64 KiB
	CodeCallbackFailed  Code = 48004 // an error status, a redirect, or no connection
	CodeCallbackTimeout Code = 48005 // no response within 6 s
)

// InvalidRequestError is returned for an invalid request.
type InvalidRequestError struct {
	// Reason says in plain words what is wrong. It can be sent to the caller: it never
	// repeats a value of the request.
	Reason string
}

func (e *InvalidRequestError) Error() string { return "invalid request: " + e.Reason }

// UnavailableError is returned if there is no response now.
type UnavailableError struct {
	// RetryAfter is how long to wait before the next try; 0 if unknown.
	RetryAfter time.Duration
	// Pending is set if nothing failed: the response is being fetched, or waits in a
	// queue. Repeat the request later.
	Pending bool
	// Err is the reason, for the log only; may be nil.
	Err error
}

func (e *UnavailableError) Error() string {
	if e.Pending {
		return "response pending"
	}
	if e.Err == nil {
		return "unavailable"
	}
	return "unavailable: " + e.Err.Error()
}

func (e *UnavailableError) Unwrap() error { return e.Err }

// CallbackError is returned if a call to an integration service failed.
type CallbackError struct {
	Code Code
	// Status is the HTTP status of the response, 0 without one.
	Status int
	// RetryAfter is how long the service wants no calls by its response, 0 if that is
	// unknown.
	RetryAfter time.Duration
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
