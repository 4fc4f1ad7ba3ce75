package external

import (
	"container/list"
	"time"
)

// A metID is a customer that a search brought, and when it last did.
type metID struct {
	id string
	at time.Time
}

// recentIDs remembers the last so many of them.
type recentIDs struct {
	most   int
	known  map[string]*list.Element
	order  *list.List // of metID, the last brought last
	oldest time.Time  // none is older
	bytes  int
}

func newRecentIDs(most int) *recentIDs {
	return &recentIDs{most: most, known: make(map[string]*list.Element), order: list.New()}
}

func (r *recentIDs) has(id string) bool { return r.known[id] != nil }

func (r *recentIDs) add(id string, at time.Time) {
	if id == "" {
		return
	}
	if e := r.known[id]; e != nil {
		if at.After(e.Value.(metID).at) {
			e.Value = metID{id, at}
			r.order.MoveToBack(e)
		}
		return
	}
	if r.order.Len() >= r.most {
		r.drop(r.order.Front())
	}
	if r.order.Len() == 0 || at.Before(r.oldest) {
		r.oldest = at
	}
	r.known[id] = r.order.PushBack(metID{id, at})
	r.bytes += metBytes(id)
}

// expire drops those that were last brought before since.
func (r *recentIDs) expire(since time.Time) {
	if r.order.Len() == 0 || !r.oldest.Before(since) {
		return
	}
	var oldest time.Time
	for e := r.order.Front(); e != nil; {
		at, next := e.Value.(metID).at, e.Next()
		if at.Before(since) {
			r.drop(e)
		} else if oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
		e = next
	}
	r.oldest = oldest
}

// all answers them, the last brought last.
func (r *recentIDs) all() []metID {
	all := make([]metID, 0, r.order.Len())
	for e := r.order.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(metID))
	}
	return all
}

func (r *recentIDs) drop(e *list.Element) {
	m := r.order.Remove(e).(metID)
	delete(r.known, m.id)
	r.bytes -= metBytes(m.id)
}

// metBytes is about what one takes in memory.
func metBytes(id string) int { return len(id) + 160 }
