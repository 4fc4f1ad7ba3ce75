package avatar

import (
	"container/list"
	"time"
)

// failuresBytes bounds the memory of failures: about 4,000 of them.
const failuresBytes = 1 << 20

// entryBytes is what an entry takes beside its value, about.
const entryBytes = 250

// A shelf keeps values until they expire, within a number of bytes: what was not
// asked for the longest goes first. It is not safe for concurrent use.
type shelf[K comparable, V any] struct {
	max, bytes int
	entries    map[K]*list.Element // of *entry
	recent     *list.List          // the latest asked for first
}

type entry[K comparable, V any] struct {
	key     K
	value   V
	bytes   int
	expires time.Time
}

func newShelf[K comparable, V any](max int) *shelf[K, V] {
	return &shelf[K, V]{max: max, entries: make(map[K]*list.Element), recent: list.New()}
}

// get answers what is kept under key, unless it has expired at now.
func (s *shelf[K, V]) get(key K, now time.Time) (v V, ok bool) {
	el, ok := s.entries[key]
	if !ok {
		return v, false
	}
	e := el.Value.(*entry[K, V])
	if !now.Before(e.expires) {
		s.drop(el)
		return v, false
	}
	s.recent.MoveToFront(el)
	return e.value, true
}

// put keeps a value of size bytes, in place of what was there. One that is larger
// than the whole shelf is not kept.
func (s *shelf[K, V]) put(key K, value V, size int, expires time.Time) {
	if el, ok := s.entries[key]; ok {
		s.drop(el)
	}
	size += entryBytes
	if size > s.max {
		return
	}
	for s.bytes+size > s.max {
		s.drop(s.recent.Back())
	}
	s.entries[key] = s.recent.PushFront(&entry[K, V]{key, value, size, expires})
	s.bytes += size
}

func (s *shelf[K, V]) drop(el *list.Element) {
	e := s.recent.Remove(el).(*entry[K, V])
	delete(s.entries, e.key)
	s.bytes -= e.bytes
}

func (s *shelf[K, V]) len() int { return len(s.entries) }
