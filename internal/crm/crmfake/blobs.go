package crmfake

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// Blobs is a crm.BlobStore in memory. It is safe for concurrent use.
type Blobs struct {
	mu    sync.Mutex
	blobs map[Key]blob
	err   error
}

// Key names a blob.
type Key struct{ Service, Worker, Name string }

type blob struct {
	data    []byte
	expires time.Time
}

// NewBlobs returns an empty Blobs.
func NewBlobs() *Blobs { return &Blobs{blobs: map[Key]blob{}} }

// Fail makes every operation fail with err, until it is nil.
func (b *Blobs) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

// All returns the stored blobs.
func (b *Blobs) All() map[Key][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[Key][]byte{}
	for key, v := range b.blobs {
		all[key] = v.data
	}
	return all
}

// Blob implements crm.BlobStore.
func (b *Blobs) Blob(_ context.Context, service, worker, name string, now time.Time) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, ok := b.blobs[Key{service, worker, name}]
	if !ok || !v.expires.After(now) || b.err != nil {
		return nil, b.err
	}
	return v.data, nil
}

// PutBlob implements crm.BlobStore.
func (b *Blobs) PutBlob(_ context.Context, service, worker, name string, data []byte, expires time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.blobs[Key{service, worker, name}] = blob{bytes.Clone(data), expires}
	}
	return b.err
}

// DeleteBlobs implements crm.BlobStore.
func (b *Blobs) DeleteBlobs(_ context.Context, service, worker, prefix string, keep int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	keys := slices.Collect(maps.Keys(b.blobs))
	keys = slices.DeleteFunc(keys, func(k Key) bool {
		return k.Service != service || k.Worker != worker || !strings.HasPrefix(k.Name, prefix)
	})
	slices.SortFunc(keys, func(x, y Key) int { return b.blobs[y].expires.Compare(b.blobs[x].expires) })
	for _, key := range keys[min(keep, len(keys)):] {
		delete(b.blobs, key)
	}
	return nil
}

// Pending reports whether err says that the response is being fetched, and when to ask
// again.
func Pending(err error) (pending bool, after time.Duration) {
	var unavailable *frontline.UnavailableError
	if !errors.As(err, &unavailable) {
		return false, 0
	}
	return unavailable.Pending, unavailable.RetryAfter
}
