package mask

import (
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/lru"

	"golang.org/x/time/rate"
)

const (
	// maxWorkers is how many workers have a search history.
	maxWorkers = 10_000
	// repeatWindow is how long the same number may be searched for again without being
	// counted, for pages that are reloaded.
	repeatWindow = 10 * time.Minute
	// typingWindow is how long a search that extends the last one does not count: the
	// app searches while a worker types.
	typingWindow = 30 * time.Second
	// maxRecent is how many numbers a search history holds.
	maxRecent = 8
)

// numberLimit bounds how many different numbers each worker searches for.
type numberLimit struct {
	every time.Duration
	burst int
	now   func() time.Time

	mu        sync.Mutex
	histories *lru.Cache[string, *searchHistory]
}

// A searchHistory holds the numbers that a worker searched for.
type searchHistory struct {
	bucket *rate.Limiter
	recent []numberSearch // newest last
}

type numberSearch struct {
	number string
	at     time.Time
}

func newNumberLimit(every time.Duration, burst int, now func() time.Time) *numberLimit {
	return &numberLimit{every: every, burst: burst, now: now, histories: lru.New[string, *searchHistory](maxWorkers, maxWorkers, nil)}
}

// allow reports whether a worker may search for a number now, and whether the search
// was counted.
func (l *numberLimit) allow(worker, number string) (ok, counted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	history, known := l.histories.Get(worker)
	if !known {
		history = &searchHistory{bucket: rate.NewLimiter(rate.Every(l.every), l.burst)}
	}
	l.histories.Put(worker, history, 1)
	for i, before := range history.recent {
		last := i == len(history.recent)-1
		age := now.Sub(before.at)
		switch {
		case before.number == number && age < repeatWindow:
			return true, false
		case last && age < typingWindow && strings.HasPrefix(number, before.number):
			history.recent[i] = numberSearch{number, now}
			return true, false
		}
	}
	if !history.bucket.AllowN(now, 1) {
		return false, false
	}
	if len(history.recent) == maxRecent {
		history.recent = append(history.recent[:0], history.recent[1:]...)
	}
	history.recent = append(history.recent, numberSearch{number, now})
	return true, true
}
