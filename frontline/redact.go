package frontline

import (
	"errors"
	"net/textproto"
	"strings"
)

// redactedError is an error whose text holds nothing that a service sent. The error that
// it wraps may.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// redact makes an error of the transport fit for the log. Go's errors about a response
// that is not HTTP quote it, and it may hold customers.
func redact(err error) error {
	text := err.Error()
	var header textproto.ProtocolError
	if errors.As(err, &header) { // these quote without quotation marks
		text = strings.ReplaceAll(text, string(header), "malformed MIME header")
	}
	first, last := strings.IndexByte(text, '"'), strings.LastIndexByte(text, '"')
	if first < last {
		text = text[:first] + "…" + text[last+1:]
	}
	if text == err.Error() {
		return err
	}
	return &redactedError{text, err}
}
