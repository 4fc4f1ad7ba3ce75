package upstream

import (
	"log/slog"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// LastGoodOptions is how a LastGood is set up.
type LastGoodOptions struct {
	// Service is a digest of the callback URL, as on the shelf.
	Service string
	// Keeper and Sealer keep what shall outlive the process; Sealer makes page
	// tokens too, and must be the one of the Walk.
	Keeper Keeper
	Sealer Sealer
	// FreshFor is how old an answer may be and still count as one of now; 5 s when 0.
	FreshFor time.Duration
	// Expiry is how long an answer is kept and shown; 7 days when 0.
	Expiry time.Duration
	// Recorder is told of answers that came from the held copy; may be nil.
	Recorder Recorder
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Log hears of what no worker is told; nothing of a worker or a customer is
	// ever written to it. slog.Default when nil.
	Log *slog.Logger
}

// LastGood shows the last good answer at once while a fresh one is fetched, and
// when the service fails. Only failures with the codes 48003, 48004 and 48005 fall
// back to it. An error is never shown as an empty list.
type LastGood struct {
	lists   Pages
	opts    LastGoodOptions
	details *keptDetails
}

var _ frontline.CRM = (*LastGood)(nil)

// NewLastGood makes a LastGood around a walk.
func NewLastGood(lists Pages, opts LastGoodOptions) *LastGood {
	if opts.FreshFor <= 0 {
		opts.FreshFor = 5 * time.Second
	}
	if opts.Expiry <= 0 {
		opts.Expiry = 7 * 24 * time.Hour
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	return &LastGood{lists: lists, opts: opts, details: newKeptDetails(opts)}
}
