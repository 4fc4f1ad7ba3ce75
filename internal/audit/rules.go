package audit

import (
	"log/slog"
	"time"
)

// Rules are what an administrator decides about the audit.
type Rules struct {
	// KeepDays is for how many days entries are kept. 0 keeps them all: for when it
	// is not known what was decided.
	KeepDays int
	// More than Views different customers that somebody looks at Within such a time
	// is unusual.
	Views  int
	Within time.Duration
}

// DefaultRules hold until an administrator decides otherwise.
func DefaultRules() Rules { return Rules{KeepDays: 365, Views: 60, Within: 15 * time.Minute} }

// Options is how a Log is set up; the zero value is sound.
type Options struct {
	// Logger is told when the store fails; slog.Default when nil.
	Logger *slog.Logger
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Rules answers what is decided just now; DefaultRules when nil. It is asked at
	// every view, so it must be quick.
	Rules func() Rules
}
