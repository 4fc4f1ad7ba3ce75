package view

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// MaxSuggestions is how many identities a form suggests for a field. Any other can be
// typed.
const MaxSuggestions = 500

// Option is an option of a select field.
type Option struct {
	Value, Text string
	Selected    bool
}

// Field returns the text of a form field without surrounding space.
func Field(r *http.Request, name string) string {
	return strings.TrimSpace(r.PostForm.Get(name))
}

// Digest returns a short hash of the value that a form was rendered with. It is posted
// back, so that a value changed by someone else meanwhile is not overwritten.
func Digest(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:8])
}
