// Package lru provides a cache that drops what was used least recently.
package lru

import (
	"container/list"
	"maps"
	"slices"
	"sync"
	"time"
)

// Cache holds values within a number of entries and a total weight. It is safe for
// concurrent use.
type Cache[K comparable, V any] struct {
	maxEntries, maxWeight int
	now                   func() time.Time

	mu       sync.Mutex
	elements map[K]*list.Element // of *entry
	recent   list.List           // the most recently used first
	weight   int
}

type entry[K comparable, V any] struct {
	key     K
	value   V
	weight  int
	expires time.Time // zero: never
}

// New returns an empty Cache of at most so many entries that together weigh at most
// maxWeight. The clock matters for PutUntil only; nil is time.Now.
func New[K comparable, V any](maxEntries, maxWeight int, now func() time.Time) *Cache[K, V] {
	if now == nil {
		now = time.Now
	}
	return &Cache[K, V]{maxEntries: maxEntries, maxWeight: maxWeight, now: now, elements: make(map[K]*list.Element)}
}

// Get returns the value under key and marks it as used.
func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el := c.elements[key]
	if el == nil {
		return value, false
	}
	e := el.Value.(*entry[K, V])
	if !e.expires.IsZero() && !c.now().Before(e.expires) {
		c.remove(el)
		return value, false
	}
	c.recent.MoveToFront(el)
	return e.value, true
}

// Put stores a value in place of the one under key. A value heavier than the whole
// cache is not stored.
func (c *Cache[K, V]) Put(key K, value V, weight int) { c.PutUntil(key, value, weight, time.Time{}) }

// PutUntil is Put for a value that Get no longer returns from expires on.
func (c *Cache[K, V]) PutUntil(key K, value V, weight int, expires time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el := c.elements[key]
	if weight > c.maxWeight {
		if el != nil {
			c.remove(el)
		}
		return
	}
	e := entry[K, V]{key, value, weight, expires}
	if el != nil {
		old := el.Value.(*entry[K, V])
		c.weight -= old.weight
		*old = e
		c.recent.MoveToFront(el)
	} else {
		c.elements[key] = c.recent.PushFront(&e)
	}
	c.weight += weight
	for len(c.elements) > c.maxEntries || c.weight > c.maxWeight {
		c.remove(c.recent.Back())
	}
}

// Remove drops the value under key, if there is one.
func (c *Cache[K, V]) Remove(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.elements[key]; el != nil {
		c.remove(el)
	}
}

// RemoveFunc drops the values whose key del reports true for. The cache is locked
// meanwhile: del must not use it.
func (c *Cache[K, V]) RemoveFunc(del func(K) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, el := range c.elements {
		if del(key) {
			c.remove(el)
		}
	}
}

// Keys returns the keys in no particular order.
func (c *Cache[K, V]) Keys() []K {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.elements))
}

// Size returns the number of entries and their total weight, expired ones included.
func (c *Cache[K, V]) Size() (entries, weight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.elements), c.weight
}

// remove must be called with mu held.
func (c *Cache[K, V]) remove(el *list.Element) {
	e := c.recent.Remove(el).(*entry[K, V])
	delete(c.elements, e.key)
	c.weight -= e.weight
}
