package audit

import (
	"log/slog"
	"time"
)

// Rules are the administrators' settings for the audit.
type Rules struct {
	// KeepDays is the number of days that entries are kept; 0 keeps all, as when the
	// setting is unreadable.
	KeepDays int
	// More than Views different customers viewed by one person Within this time are
	// unusual.
	Views  int
	Within time.Duration
}

// DefaultRules returns the rules that apply until an administrator changes them.
func DefaultRules() Rules { return Rules{KeepDays: 365, Views: 60, Within: 15 * time.Minute} }

// Options configures a Log; the zero value is valid.
type Options struct {
	// Logger receives store failures; slog.Default when nil.
	Logger *slog.Logger
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Rules returns the current rules; DefaultRules when nil. It is called at every view,
	// so it must be fast.
	Rules func() Rules
}
