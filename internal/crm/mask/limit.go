package mask

import (
	"context"
	"encoding/json"
	"strings"
	"time"
)

const (
	// repeatWindow is how long the same number may be searched for again without being
	// counted, for pages that are reloaded.
	repeatWindow = 10 * time.Minute
	// typingWindow is how long a search that extends the last one does not count: the
	// app searches while a worker types.
	typingWindow = 30 * time.Second
	// maxRecent is how many numbers a search history holds.
	maxRecent = 8
)

// A HistoryStore stores the search history of each worker, for all processes.
type HistoryStore interface {
	// Update stores what change makes of a worker's history, nil at first, at least until it
	// expires, before anyone else changes it. If change returns nil, it stores nothing.
	Update(ctx context.Context, worker string, change func(history []byte) (changed []byte, expires time.Time)) error
}

// numberLimit bounds how many different numbers each worker searches for.
type numberLimit struct {
	every   time.Duration
	burst   int
	now     func() time.Time
	history HistoryStore
}

// A searchHistory holds the numbers that a worker searched for.
type searchHistory struct {
	FullAt time.Time      // when the worker can search for a burst of numbers again
	Recent []numberSearch // newest last
}

type numberSearch struct {
	Number string
	At     time.Time
}

// allow reports whether a worker may search for a number now, and whether the search
// was counted. The error is the store's.
func (l *numberLimit) allow(ctx context.Context, worker, number string) (ok, counted bool, err error) {
	err = l.history.Update(ctx, worker, func(stored []byte) ([]byte, time.Time) {
		var h searchHistory
		_ = json.Unmarshal(stored, &h) // a history that cannot be read is over
		now, changed := l.now(), false
		if ok, counted, changed = l.search(&h, number, now); !changed {
			return nil, time.Time{}
		}
		encoded, _ := json.Marshal(h)
		expires := now.Add(repeatWindow)
		if h.FullAt.After(expires) {
			expires = h.FullAt
		}
		return encoded, expires
	})
	return ok && err == nil, counted && err == nil, err
}

// search adds a search for a number to a history; changed reports whether that changed it.
func (l *numberLimit) search(h *searchHistory, number string, now time.Time) (ok, counted, changed bool) {
	for i, before := range h.Recent {
		last := i == len(h.Recent)-1
		age := now.Sub(before.At)
		switch {
		case before.Number == number && age < repeatWindow:
			return true, false, false
		case last && age < typingWindow && strings.HasPrefix(number, before.Number):
			h.Recent[i] = numberSearch{number, now}
			return true, false, true
		}
	}
	used := max(0, h.FullAt.Sub(now))
	if used > time.Duration(l.burst-1)*l.every {
		return false, false, false
	}
	h.FullAt = now.Add(used + l.every)
	h.Recent = append(h.Recent, numberSearch{number, now})
	h.Recent = h.Recent[max(0, len(h.Recent)-maxRecent):]
	return true, true, true
}
