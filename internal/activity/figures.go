package activity

import (
	"context"
	"errors"
	"time"
)

// Failures counts failures by published code.
type Failures struct {
	InvalidPayload, NoCallbackURL, InvalidResponse, CallbackFailed, CallbackTimeout int64
	// Other are codes that this program does not know.
	Other int64
}

// of answers the count for a code.
func (f *Failures) of(code int) *int64 {
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

// Sum is how many failures there were.
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

// Figures are what is counted of some stretch of time. Any two can be added.
type Figures struct {
	Calls    int64 // really made, those that failed included
	Hits     int64 // questions that were answered without a call
	Bytes    int64 // of the answers to calls
	Took     time.Duration
	Failures Failures
	// Latency counts how long the calls took, those that failed included.
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
		*f.Failures.of(e.Code)++
	}
}

// Merge adds what others counted.
func (f *Figures) Merge(other *Figures) {
	f.Calls += other.Calls
	f.Hits += other.Hits
	f.Bytes += other.Bytes
	f.Took += other.Took
	f.Failures.merge(other.Failures)
	f.Latency.Merge(&other.Latency)
}

// Minute is what was counted of one minute.
type Minute struct {
	Start time.Time // a whole minute
	Figures
}

// ErrUnavailable: the store cannot answer just now.
var ErrUnavailable = errors.New("the activity cannot be reached just now")

// Store keeps activity where it outlives the process. Several processes may write
// to one. Its errors are ErrUnavailable or those of the context.
type Store interface {
	// AddActivity keeps entries, and adds minutes to what is kept of them already:
	// all of it, or on an error nothing.
	AddActivity(ctx context.Context, entries []Entry, minutes []Minute) error
	// RecentActivity answers the n entries that were kept last, oldest first.
	RecentActivity(ctx context.Context, n int) ([]Entry, error)
	// ActivitySince answers the minutes from a time on, oldest first.
	ActivitySince(ctx context.Context, from time.Time) ([]Minute, error)
	// PruneActivity forgets all entries but the last so many, and the entries and
	// minutes before a time.
	PruneActivity(ctx context.Context, entries int, before time.Time) error
}
