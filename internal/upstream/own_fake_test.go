package upstream

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/text"
)

// plainLists are Lists in their plainest form, for tests of what stands around
// them: pages by token as a good service makes them, nothing kept.
type plainLists struct {
	*fakeService
	told frontline.Searchable // of Searchable

	mu    sync.Mutex
	books map[string]*Book
	next  map[*Version]string
	made  atomic.Int64
}

func newPlainLists(f *fakeService) *plainLists {
	return &plainLists{fakeService: f, books: map[string]*Book{}, next: map[*Version]string{}}
}

func (l *plainLists) Searchable() frontline.Searchable { return l.told }

func (l *plainLists) Book(_ context.Context, worker string) *Book {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := text.IdentityKey(worker)
	if l.books[key] == nil {
		l.books[key] = newBook(worker)
	}
	return l.books[key]
}

func (l *plainLists) Begin(ctx context.Context, worker string) (*Version, error) {
	v := newVersion(strconv.FormatInt(l.made.Add(1), 10), time.Now())
	if err := l.page(ctx, worker, v, ""); err != nil {
		return nil, err
	}
	l.Book(ctx, worker).begin(v)
	return v, nil
}

func (l *plainLists) Fill(ctx context.Context, worker string, v *Version, n int) error {
	for v.Len() < n && !v.Done() {
		l.mu.Lock()
		token := l.next[v]
		l.mu.Unlock()
		if err := l.page(ctx, worker, v, token); err != nil {
			return err
		}
	}
	return nil
}

func (l *plainLists) page(ctx context.Context, worker string, v *Version, token string) error {
	resp, err := l.fakeService.CustomersList(ctx, frontline.ListRequest{Worker: worker, PageSize: 30, NextPageToken: token})
	if err != nil {
		return err
	}
	var rows []Row
	for _, c := range resp.Customers {
		rows = append(rows, Row{ID: c.ID, Name: c.DisplayName, Avatar: c.Avatar})
	}
	v.add(rows)
	if resp.NextPageToken == "" {
		v.end()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next[v] = resp.NextPageToken
	return nil
}

func (l *plainLists) Forget(_ context.Context, worker string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.books, text.IdentityKey(worker))
	return nil
}

// whole gives the worker a whole list at once.
func (l *plainLists) whole(t *testing.T, worker string) *Version {
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

// named makes customers of these names, with ids prefix1, prefix2, ….
func named(prefix string, names ...string) []frontline.Customer {
	all := make([]frontline.Customer, len(names))
	for i, name := range names {
		all[i] = frontline.Customer{ID: prefix + strconv.Itoa(i+1), DisplayName: name}
	}
	return all
}

// memoryKeeper is a Keeper of maps. It is safe for concurrent use.
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

func (k *memoryKeeper) Copy(_ context.Context, service, worker, name string, now time.Time) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok := k.copies[[3]string{service, worker, name}]
	if !ok || !c.expires.After(now) {
		return nil, k.failing
	}
	return c.data, k.failing
}

func (k *memoryKeeper) KeepCopy(_ context.Context, service, worker, name string, data []byte, expires time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failing == nil {
		k.copies[[3]string{service, worker, name}] = keptCopy{data, expires}
	}
	return k.failing
}

func (k *memoryKeeper) DropCopy(_ context.Context, service, worker, name string) error {
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

func (k *memoryKeeper) DropWorker(_ context.Context, worker string) error {
	return k.dropIf(func(key [3]string, _ keptCopy) bool { return key[1] == worker })
}

func (k *memoryKeeper) DropServicesExcept(_ context.Context, service string) error {
	return k.dropIf(func(key [3]string, _ keptCopy) bool { return key[0] != service })
}

func (k *memoryKeeper) DropExpired(_ context.Context, now time.Time) error {
	return k.dropIf(func(_ [3]string, c keptCopy) bool { return !c.expires.After(now) })
}

// len tells how many copies there are.
func (k *memoryKeeper) len() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.copies)
}
