package web

import (
	"log/slog"
	"sync"
	"time"
)

const (
	// repeatWindow is how long the repetitions of a failure are counted instead of logged.
	repeatWindow = 10 * time.Second
	// maxRepeats bounds the failures that are counted at the same time.
	maxRepeats = 100
)

// failureLog logs failed requests. When the same failure repeats, as when a service is
// down, it logs the first one, and after repeatWindow how many others there were.
type failureLog struct {
	logger *slog.Logger
	mu     sync.Mutex
	seen   map[failure]int // how often each was repeated
}

// failure is what makes two failed requests the same.
type failure struct{ route, code, text string }

func newFailureLog(logger *slog.Logger) *failureLog {
	return &failureLog{logger: logger, seen: make(map[failure]int)}
}

// first reports whether f is to be logged. Otherwise it is counted.
func (l *failureLog) first(f failure) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if more, known := l.seen[f]; known {
		l.seen[f] = more + 1
		return false
	}
	if len(l.seen) < maxRepeats {
		l.seen[f] = 0
		time.AfterFunc(repeatWindow, func() { l.end(f) })
	}
	return true
}

// end logs how often f was repeated.
func (l *failureLog) end(f failure) {
	l.mu.Lock()
	more := l.seen[f]
	delete(l.seen, f)
	l.mu.Unlock()
	if more > 0 {
		l.logger.Error("request failed again", "route", f.route, "code", f.code, "times", more, "within", repeatWindow, "error", f.text)
	}
}
