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

func (t *rateLimitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.take() {
		return nil, errKeysRateLimited
	}
	return t.next.RoundTrip(r)
}

func (t *rateLimitedTransport) take() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.free.Before(now) {
		t.free = now
	}
	if t.free.Sub(now) > (keyBurst-1)*keyInterval {
		return false
	}
	t.free = t.free.Add(keyInterval)
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
