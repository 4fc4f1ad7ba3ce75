package builtin

import (
	"container/list"
	"crypto/sha256"
	"sync"

	"github.com/clientele-project/clientele/internal/customer"
)

// served remembers where the last rows of pages stood when they were served, the
// most recent ones over all walks.
type served struct {
	mu     sync.Mutex
	max    int
	places map[servedKey]*list.Element
	order  *list.List // of servedPlace, the most recent in front
}

// servedKey is a digest of a walk and an id, either of which may be long.
type servedKey [16]byte

func keyOf(walk, id string) servedKey {
	walkSum, idSum := sha256.Sum256([]byte(walk)), sha256.Sum256([]byte(id))
	both := sha256.Sum256(append(walkSum[:], idSum[:]...))
	return servedKey(both[:16])
}

type servedPlace struct {
	key    servedKey
	cursor customer.Cursor
}

func newServed(most int) *served {
	return &served{max: most, places: map[servedKey]*list.Element{}, order: list.New()}
}

func (s *served) remember(walk, id string, c customer.Cursor) {
	key := keyOf(walk, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.places[key]; ok {
		e.Value.(*servedPlace).cursor = c
		s.order.MoveToFront(e)
		return
	}
	s.places[key] = s.order.PushFront(&servedPlace{key, c})
	if s.order.Len() > s.max {
		oldest := s.order.Back()
		s.order.Remove(oldest)
		delete(s.places, oldest.Value.(*servedPlace).key)
	}
}

func (s *served) find(walk, id string) (customer.Cursor, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.places[keyOf(walk, id)]
	if !ok {
		return customer.Cursor{}, false
	}
	return e.Value.(*servedPlace).cursor, true
}
