package oidc

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/oauth2"
)

// The kinds of errors that Begin and Finish return, always wrapped in an *Error, or
// the context's own.
var (
	// ErrUnreachable: the provider does not answer, or not as a provider does.
	ErrUnreachable = errors.New("the identity provider cannot be reached")
	// ErrCancelled: the person turned back at the provider.
	ErrCancelled = errors.New("the sign-in was cancelled at the identity provider")
	// ErrExpired: the answer belongs to no sign-in that is under way.
	ErrExpired = errors.New("this sign-in is not under way any more")
	// ErrRefused: the provider refused, or its answer cannot be trusted.
	ErrRefused = errors.New("the identity provider's answer was refused")
)

// Error says what went wrong, for the log: its text holds no secret, no token, no
// code and nothing of the person.
type Error struct {
	Kind   error
	Reason string
}

func (e *Error) Error() string { return e.Kind.Error() + ": " + e.Reason }

func (e *Error) Unwrap() error { return e.Kind }

func unreachable(reason string) error { return &Error{ErrUnreachable, reason} }

func refused(reason string) error { return &Error{ErrRefused, reason} }

// statusError is an answer that is none, or an error of our own on the way.
type statusError struct{ status int }

func (e *statusError) Error() string {
	return "it answered with status " + strconv.Itoa(e.status)
}

// wayError is why something was not asked or not read to its end.
type wayError struct{ reason string }

func (e *wayError) Error() string { return e.reason }

// reached tells why what was asked for was not got; what names it.
func reached(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return ctx.Err()
	}
	return unreachable(what + ": " + plainly(err))
}

// plainly words an error without the URL, the body or whatever else is in it.
func plainly(err error) string {
	var (
		status *statusError
		way    *wayError
		at     *url.Error
		ours   interface{ Refused() bool }
	)
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.As(err, &way):
		return way.reason
	case errors.As(err, &ours):
		return "its address may not be connected to: it is not on the public internet, nor the issuer's own host"
	case errors.As(err, &at) && at.Timeout():
		return "it took too long"
	case errors.As(err, &at):
		return "the connection failed"
	}
	return "the answer could not be understood"
}

// exchangeError tells why a code could not be exchanged for tokens.
func exchangeError(ctx context.Context, err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return reached(ctx, "token endpoint", err)
	}
	reason := "token endpoint: " + (&statusError{answer.Response.StatusCode}).Error()
	if code := safeCode(answer.ErrorCode); code != "" {
		reason += " (" + code + ")"
	}
	switch {
	case answer.ErrorCode == "invalid_grant":
		return &Error{ErrExpired, reason}
	case answer.Response.StatusCode >= http.StatusInternalServerError, answer.Response.StatusCode == http.StatusTooManyRequests:
		return unreachable(reason)
	}
	return refused(reason)
}

// safeCode answers an error code of the protocol, "" when it is not like one: what
// comes over a browser may be anything.
func safeCode(code string) string {
	if len(code) > 40 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return ""
	}
	return code
}
