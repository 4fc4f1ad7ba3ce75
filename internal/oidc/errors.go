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

// Kinds of errors of Begin and Finish, wrapped in an *Error. They also return errors of the
// context.
var (
	// ErrUnreachable: the provider does not respond, or its response is invalid.
	ErrUnreachable = errors.New("the identity provider is unreachable")
	// ErrCanceled: the person canceled at the provider.
	ErrCanceled = errors.New("the sign-in was canceled at the identity provider")
	// ErrExpired: the response belongs to no sign-in in progress.
	ErrExpired = errors.New("the sign-in expired")
	// ErrRefused: the provider refused, or its response cannot be trusted.
	ErrRefused = errors.New("the identity provider's response was rejected")
)

// Error describes a failure for the log: its text has no secrets, tokens, codes or personal
// data.
type Error struct {
	Kind   error
	Reason string
}

func (e *Error) Error() string { return e.Kind.Error() + ": " + e.Reason }

func (e *Error) Unwrap() error { return e.Kind }

func unreachable(reason string) error { return &Error{ErrUnreachable, reason} }

func refused(reason string) error { return &Error{ErrRefused, reason} }

// statusError is a response with an unexpected status.
type statusError struct{ status int }

func (e *statusError) Error() string {
	return "status " + strconv.Itoa(e.status)
}

// transportError is the reason why a request was not sent, or a response not read.
type transportError struct{ reason string }

func (e *transportError) Error() string { return e.reason }

// fetchError wraps the error of a fetch; what names its object.
func fetchError(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return ctx.Err()
	}
	return unreachable(what + ": " + safeMessage(err))
}

// safeMessage describes an error without URLs and response bodies.
func safeMessage(err error) string {
	var (
		status    *statusError
		transport *transportError
		at        *url.Error
		ours      interface{ Refused() bool }
	)
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.As(err, &transport):
		return transport.reason
	case errors.As(err, &ours):
		return "its address may not be connected to: it is neither on the public internet nor the issuer's own host"
	case errors.As(err, &at) && at.Timeout():
		return "the request timed out"
	case errors.As(err, &at):
		return "the connection failed"
	}
	return "the response is invalid"
}

// exchangeError describes why a code could not be exchanged for tokens.
func exchangeError(ctx context.Context, err error) error {
	var response *oauth2.RetrieveError
	if !errors.As(err, &response) {
		return fetchError(ctx, "token endpoint", err)
	}
	reason := "token endpoint: " + (&statusError{response.Response.StatusCode}).Error()
	if code := safeCode(response.ErrorCode); code != "" {
		reason += " (" + code + ")"
	}
	switch {
	case response.ErrorCode == "invalid_grant":
		return &Error{ErrExpired, reason}
	case response.Response.StatusCode >= http.StatusInternalServerError, response.Response.StatusCode == http.StatusTooManyRequests:
		return unreachable(reason)
	}
	return refused(reason)
}

// safeCode returns an error code of the protocol, or "" when it does not look like one: it
// comes through the browser.
func safeCode(code string) string {
	if len(code) > 40 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return ""
	}
	return code
}
