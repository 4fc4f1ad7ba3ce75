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

// A key that is not known is looked for at the provider. So that nobody can make us
// ask without end, that happens keyBurst times at once, and then once every keyEvery.
const (
	keyBurst = 5
	keyEvery = 30 * time.Second
)

// errSparing is answered in place of asking once more.
var errSparing = &wayError{"the keys were fetched too often just now"}

// sparing is a transport for the provider's keys that does not ask too often.
type sparing struct {
	next http.RoundTripper
	now  func() time.Time

	mu   sync.Mutex
	free time.Time // when all of keyBurst are there again
}

func (s *sparing) RoundTrip(r *http.Request) (*http.Response, error) {
	if !s.take() {
		return nil, errSparing
	}
	return s.next.RoundTrip(r)
}

func (s *sparing) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.free.Before(now) {
		s.free = now
	}
	if s.free.Sub(now) > (keyBurst-1)*keyEvery {
		return false
	}
	s.free = s.free.Add(keyEvery)
	return true
}

// keySet are the provider's keys, fetched when there is one to be found among them.
func keySet(client *http.Client, url string, now func() time.Time) oidc.KeySet {
	careful := *client
	careful.Transport = &sparing{next: client.Transport, now: now}
	return oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), &careful), url)
}

// noting keeps why a signature could not be verified, which the verifier tells in
// words alone.
type noting struct {
	oidc.KeySet
	err error
}

func (n *noting) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := n.KeySet.VerifySignature(ctx, jwt)
	n.err = err
	return payload, err
}

// down tells whether it was for want of the keys.
func (n *noting) down() bool {
	return n.err != nil && !errors.Is(n.err, errSparing) && strings.HasPrefix(n.err.Error(), "fetching keys")
}
