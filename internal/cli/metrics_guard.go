package cli

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// readsMetrics tells who may read the metrics: with a token, whoever sends it as
// "Authorization: Bearer TOKEN"; without one, this machine alone, and nobody where a
// public URL says that there is a proxy: it may pass on what it does not tell of.
func readsMetrics(token, publicURL string) func(*http.Request) bool {
	switch {
	case token == "" && publicURL != "":
		return func(*http.Request) bool { return false }
	case token == "":
		return fromThisMachine
	}
	want := sha256.Sum256([]byte(token)) // so that lengths compare alike
	return func(r *http.Request) bool {
		scheme, sent, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(strings.TrimSpace(sent)))
		return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
	}
}
