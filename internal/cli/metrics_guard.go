package cli

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// readsMetrics tells who may read the metrics: with a token, whoever sends it as
// "Authorization: Bearer TOKEN"; without one, this machine alone.
func readsMetrics(token string) func(*http.Request) bool {
	if token == "" {
		return fromThisMachine
	}
	want := sha256.Sum256([]byte(token)) // so that lengths compare alike
	return func(r *http.Request) bool {
		scheme, sent, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(strings.TrimSpace(sent)))
		return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
	}
}
