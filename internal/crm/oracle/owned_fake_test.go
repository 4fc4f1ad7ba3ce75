package external

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/secret"
)

// newLists makes a walk around a service, that holds in memory alone.
func newLists(crm frontline.CRM) *walk {
	return newWalk(crm, newShelf(shelfOptions{}), walkOptions{Sealer: testSealer()})
}

// wholeList has a worker's whole list walked anew.
func wholeList(t *testing.T, l lists, worker string) *version {
	t.Helper()
	v, err := l.Begin(t.Context(), worker)
	if err == nil {
		err = l.Fill(t.Context(), worker, v, maxSearched)
	}
	if err != nil || !v.Done() {
		t.Fatalf("a whole list cannot be had: %v", err)
	}
	return v
}

func testSealer() Sealer { return secret.NewKey().Sealer("tests of upstream") }

// memoryKeeper is a BlobStore of maps. It is safe for concurrent use.
type memoryKeeper struct {
	mu      sync.Mutex
	copies  map[[3]string]keptCopy
	failing error
}

type keptCopy struct {
	data    []byte
	expires time.Time
}

func newMemoryKeeper() *memoryKeeper { return &memoryKeeper{copies: map[[3]string]keptCopy{}} }

func (k *memoryKeeper) Blob(_ context.Context, service, worker, name string, now time.Time) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok := k.copies[[3]string{service, worker, name}]
	if !ok || !c.expires.After(now) {
		return nil, k.failing
	}
	return c.data, k.failing
}

func (k *memoryKeeper) PutBlob(_ context.Context, service, worker, name string, data []byte, expires time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failing == nil {
		k.copies[[3]string{service, worker, name}] = keptCopy{data, expires}
	}
	return k.failing
}

func (k *memoryKeeper) DeleteBlob(_ context.Context, service, worker, name string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.copies, [3]string{service, worker, name})
	return k.failing
}

func (k *memoryKeeper) dropIf(gone func(key [3]string, c keptCopy) bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for key, c := range k.copies {
		if gone(key, c) {
			delete(k.copies, key)
		}
	}
	return k.failing
}

func (k *memoryKeeper) DeleteOtherServices(_ context.Context, service string) error {
	return k.dropIf(func(key [3]string, _ keptCopy) bool { return key[0] != service })
}

func (k *memoryKeeper) DeleteExpired(_ context.Context, now time.Time) error {
	return k.dropIf(func(_ [3]string, c keptCopy) bool { return !c.expires.After(now) })
}

// len tells how many copies there are.
func (k *memoryKeeper) len() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.copies)
}
