package oidc

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Fetches of the provider's keys for an unknown key are limited, so that forged tokens
// cannot cause any number of them: a burst of keyBurst, then one every keyInterval.
const (
	keyBurst    = 5
	keyInterval = 30 * time.Second
)

// errKeysRateLimited is returned in place of a fetch.
var errKeysRateLimited = &transportError{"its keys were fetched too often"}

// rateLimitedTransport limits the rate of requests.
type rateLimitedTransport struct {
	next http.RoundTripper
	now  func() time.Time

	mu   sync.Mutex
	free time.Time // when the whole burst is available again
}

func (s *rateLimitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !s.take() {
		return nil, errKeysRateLimited
	}
	return s.next.RoundTrip(r)
}

func (s *rateLimitedTransport) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.free.Before(now) {
		s.free = now
	}
	if s.free.Sub(now) > (keyBurst-1)*keyInterval {
		return false
	}
	s.free = s.free.Add(keyInterval)
	return true
}

// keySet returns the provider's keys, fetched when an unknown key is needed.
func keySet(client *http.Client, url string, now func() time.Time) oidc.KeySet {
	limited := *client
	limited.Transport = &rateLimitedTransport{next: client.Transport, now: now}
	return oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), &limited), url)
}

// recordingKeySet records the error of a verification, which the verifier returns only as
// text.
type recordingKeySet struct {
	oidc.KeySet
	err error
}

func (r *recordingKeySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := r.KeySet.VerifySignature(ctx, jwt)
	r.err = err
	return payload, err
}

// unavailable reports whether verification failed because the keys could not be fetched.
func (r *recordingKeySet) unavailable() bool {
	return r.err != nil && !errors.Is(r.err, errKeysRateLimited) && strings.HasPrefix(r.err.Error(), "fetching keys")
}
