package activity

import (
	"context"
	"errors"
	"time"
)

// Failures counts failures by published code.
type Failures struct {
	InvalidPayload, NoCallbackURL, InvalidResponse, CallbackFailed, CallbackTimeout int64
	// Other are unknown codes.
	Other int64
}

// counter returns the counter of a code.
func (f *Failures) counter(code int) *int64 {
	switch code {
	case CodeInvalidPayload:
		return &f.InvalidPayload
	case CodeNoCallbackURL:
		return &f.NoCallbackURL
	case CodeInvalidResponse:
		return &f.InvalidResponse
	case CodeCallbackFailed:
		return &f.CallbackFailed
	case CodeCallbackTimeout:
		return &f.CallbackTimeout
	}
	return &f.Other
}

// Sum returns the number of failures.
func (f Failures) Sum() int64 {
	return f.InvalidPayload + f.NoCallbackURL + f.InvalidResponse + f.CallbackFailed + f.CallbackTimeout + f.Other
}

func (f *Failures) merge(other Failures) {
	f.InvalidPayload += other.InvalidPayload
	f.NoCallbackURL += other.NoCallbackURL
	f.InvalidResponse += other.InvalidResponse
	f.CallbackFailed += other.CallbackFailed
	f.CallbackTimeout += other.CallbackTimeout
	f.Other += other.Other
}

// Figures are counts of a period. Any two can be merged.
type Figures struct {
	Calls    int64 // including failed ones
	Hits     int64 // requests served from the cache
	Bytes    int64 // of the responses to calls
	Took     time.Duration
	Failures Failures
	// Latency counts the durations of calls, including failed ones.
	Latency Histogram
}

func (f *Figures) count(e Entry) {
	if e.Hit {
		f.Hits++
		return
	}
	f.Calls++
	f.Bytes += e.Bytes
	f.Took += e.Took
	f.Latency.Add(e.Took)
	if e.Code != 0 {
		*f.Failures.counter(e.Code)++
	}
}

// Merge adds the counts of other.
func (f *Figures) Merge(other *Figures) {
	f.Calls += other.Calls
	f.Hits += other.Hits
	f.Bytes += other.Bytes
	f.Took += other.Took
	f.Failures.merge(other.Failures)
	f.Latency.Merge(&other.Latency)
}

// Minute is the figures of one minute.
type Minute struct {
	Start time.Time // a whole minute
	Figures
}

// ErrUnavailable: the store failed.
var ErrUnavailable = errors.New("activity store unavailable")

// Store stores activity. Several processes may write to one. Its errors are ErrUnavailable
// or those of the context.
type Store interface {
	// AddActivity stores entries and adds minutes to the stored ones, in one transaction.
	AddActivity(ctx context.Context, entries []Entry, minutes []Minute) error
	// RecentActivity returns the n entries stored last, oldest first.
	RecentActivity(ctx context.Context, n int) ([]Entry, error)
	// ActivitySince returns the minutes from a time on, oldest first.
	ActivitySince(ctx context.Context, from time.Time) ([]Minute, error)
	// DeleteActivity deletes all but the last entries, and the entries and minutes before a
	// time.
	DeleteActivity(ctx context.Context, entries int, before time.Time) error
}
