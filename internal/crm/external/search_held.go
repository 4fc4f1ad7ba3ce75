package external

import (
	"container/list"
	"sync"
)

// held keeps the last used of something within a bound of number and of bytes, in
// memory alone. It is safe for concurrent use.
type held[K comparable, V any] struct {
	entries, bytes int // at most

	mu    sync.Mutex
	of    map[K]*list.Element
	order *list.List // of *heldEntry, the last used first
	size  int
}

type heldEntry[K comparable, V any] struct {
	key   K
	value V
	size  int
}

// newHeld makes an empty one for at most so many entries, of so many bytes in all.
func newHeld[K comparable, V any](entries, bytes int) *held[K, V] {
	return &held[K, V]{entries: entries, bytes: bytes, of: make(map[K]*list.Element), order: list.New()}
}

func (h *held[K, V]) get(key K) (value V, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.of[key]
	if e == nil {
		return value, false
	}
	h.order.MoveToFront(e)
	return e.Value.(*heldEntry[K, V]).value, true
}

// put keeps a value of so many bytes, in place of what was there. What is larger
// than all may be is not kept.
func (h *held[K, V]) put(key K, value V, size int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.of[key]; e != nil {
		h.drop(e)
	}
	if size > h.bytes {
		return
	}
	h.of[key] = h.order.PushFront(&heldEntry[K, V]{key, value, size})
	h.size += size
	for h.order.Len() > h.entries || h.size > h.bytes {
		h.drop(h.order.Back())
	}
}

// remove drops one.
func (h *held[K, V]) remove(key K) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.of[key]; e != nil {
		h.drop(e)
	}
}

// removeIf drops all whose key is told to go.
func (h *held[K, V]) removeIf(gone func(K) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, e := range h.of {
		if gone(key) {
			h.drop(e)
		}
	}
}

// retain drops what belongs to workers whom keep, asked once for each, does not want.
// It may ask a database: no lock is held meanwhile.
func retain[K comparable, V any](h *held[K, V], workerOf func(K) string, keep func(worker string) bool) {
	gone := make(map[string]bool)
	for _, key := range h.keys() {
		worker := workerOf(key)
		if _, asked := gone[worker]; !asked {
			gone[worker] = !keep(worker)
		}
	}
	h.removeIf(func(key K) bool { return gone[workerOf(key)] })
}

// drop is for whoever has the lock.
func (h *held[K, V]) drop(e *list.Element) {
	entry := h.order.Remove(e).(*heldEntry[K, V])
	delete(h.of, entry.key)
	h.size -= entry.size
}
