package frontline

import (
	"errors"
	"net/textproto"
	"strings"
)

// discreetError is an error whose text was made to hold nothing of what a service
// sent. What it wraps may.
type discreetError struct {
	text string
	err  error
}

func (e *discreetError) Error() string { return e.text }
func (e *discreetError) Unwrap() error { return e.err }

// discreet answers an error of the transport that can be put in a log: about an
// answer that is no HTTP, Go's errors quote from it, and it may be customers.
func discreet(err error) error {
	text := err.Error()
	var header textproto.ProtocolError
	if errors.As(err, &header) { // these do not always put in quotes what they quote
		text = strings.ReplaceAll(text, string(header), "malformed MIME header")
	}
	first, last := strings.IndexByte(text, '"'), strings.LastIndexByte(text, '"')
	if first < last {
		text = text[:first] + "…" + text[last+1:]
	}
	if text == err.Error() {
		return err
	}
	return &discreetError{text, err}
}
