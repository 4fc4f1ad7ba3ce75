package auth

import (
	"context"
	"errors"
	"net/http"
)

const maxFormBytes = 16 << 10

// Form parses a posted form of at most 16 KiB, or returns ErrForm.
func Form(w http.ResponseWriter, r *http.Request) error { return LargeForm(w, r, maxFormBytes) }

// LargeForm is Form for at most maxBytes.
func LargeForm(w http.ResponseWriter, r *http.Request, maxBytes int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxBytes)
	if err := r.ParseForm(); err != nil {
		return ErrForm
	}
	return nil
}

// fragmentHeader names the part of a page that a script requests.
const fragmentHeader = "Clientele-Part"

// Fragment returns the name of the part of a page that a script requests, "" for
// the whole page.
func Fragment(r *http.Request) string { return r.Header.Get(fragmentHeader) }

// SetPrivate marks a response as for this person only: nothing may store it, so that
// customers stay neither in a proxy nor on the device's disk. Back requests the page again.
// Vary is for browsers that store pages nevertheless.
func SetPrivate(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Cookie, Accept-Language, "+fragmentHeader)
}

// ClientGone reports whether err is due to the client closing the connection, so
// that a response would not be read.
func ClientGone(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && r.Context().Err() != nil
}
