package external

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// lastGoodOptions is how a lastGood is set up.
type lastGoodOptions struct {
	// Service is a digest of the callback URL, as on the shelf.
	Service string
	// Blobs and Sealer keep what shall outlive the process; Sealer makes page
	// tokens too, and must be the one of the walk.
	Blobs  BlobStore
	Sealer Sealer
	// FreshFor is how old an answer may be and still do for who asks for a newer one
	// than they have; 5 s when 0.
	FreshFor time.Duration
	// Expiry is how long an answer is kept and shown; 7 days when 0. That of lists is
	// the shelf's.
	Expiry time.Duration
	// Memory bounds the details in memory, in bytes; 16 MiB when 0.
	Memory int
	// Recorder is told of answers that came from the held copy; may be nil.
	Recorder Recorder
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Log hears of what no worker is told; nothing of a worker or a customer is
	// ever written to it. slog.Default when nil.
	Log *slog.Logger
}

// lastGood shows the last good answer at once while a fresh one is fetched, and
// when the service fails. Only failures with the codes 48003, 48004 and 48005 fall
// back to it. An error is never shown as an empty list. It is safe for concurrent
// use.
type lastGood struct {
	lists     pages
	opts      lastGoodOptions
	tokens    pageTokens
	refreshes refreshes
	details   *keptDetails
}

var _ frontline.CRM = (*lastGood)(nil)

// newLastGood makes a lastGood around a walk.
func newLastGood(lists pages, opts lastGoodOptions) *lastGood {
	opts.FreshFor = orElse(opts.FreshFor, 5*time.Second)
	opts.Expiry = orElse(opts.Expiry, 7*24*time.Hour)
	opts.Memory = orElse(opts.Memory, 16<<20)
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	g := &lastGood{lists: lists, opts: opts, tokens: pageTokens{opts.Sealer, opts.Service}, details: newKeptDetails(opts)}
	g.refreshes.init()
	return g
}

// Forget drops what is held of a worker, list and details, in memory and in the
// BlobStore; what is on its way for the worker is not kept any more.
func (g *lastGood) Forget(ctx context.Context, worker string) error {
	key := text.IdentityKey(worker)
	g.refreshes.forget(key)
	return errors.Join(g.details.forget(ctx, key), g.lists.Forget(ctx, worker))
}

// Close gives up what is under way, and waits until it has ended, or ctx has.
func (g *lastGood) Close(ctx context.Context) error {
	return errors.Join(g.refreshes.close(ctx), g.details.close(ctx))
}

// hit notes a list that came from the held copy.
func (g *lastGood) hit(worker string) {
	if g.opts.Recorder != nil {
		g.opts.Recorder.Record(Call{When: g.opts.Now(), Location: frontline.LocationCustomersList, Worker: worker, Hit: true})
	}
}
