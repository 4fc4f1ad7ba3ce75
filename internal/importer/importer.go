package importer

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// Options are the choices of Run.
type Options struct {
	// Worker is added to those who have a customer when the file names no owner;
	// customer.Everyone stands for all.
	Worker string
	// Map says what columns hold, in place of what their names suggest.
	Map []Mapping
	// Region is where telephone numbers without a country code are, as an ISO 3166
	// code such as "US"; "" keeps them as they are written.
	Region string
	// DryRun writes nothing and reports what would have been written.
	DryRun bool
	// Rejects, if not nil, gets the rows that were rejected or skipped, whole.
	Rejects io.Writer
	// MaxProblems bounds Report.Problems; 1000 when 0.
	MaxProblems int
	// Progress, if not nil, is called after each batch, never twice at a time.
	Progress func(Progress)
}

const (
	batchRows          = 2000
	batchBytes         = 1 << 20
	defaultMaxProblems = 1000
)

// Run imports src into store. It writes in batches, each in a transaction of its
// own: when it returns an error, or is killed, the rows up to some line are in the
// store and no others, and running it again ends as if it had run once.
//
// A *UsageError tells that the file has to be imported with other Options; nothing
// was written then. Other errors come with a Report of what was done before.
func Run(ctx context.Context, src io.Reader, store customer.Store, opts Options) (Report, error) {
	opts.Worker = strings.TrimSpace(opts.Worker)
	if opts.MaxProblems <= 0 {
		opts.MaxProblems = defaultMaxProblems
	}
	if opts.Region != "" && !isRegion(opts.Region) {
		return Report{}, &UsageError{quote(opts.Region) + " is no region: it is the two letters of a country, such as US"}
	}
	counted := &countingReader{src: src}
	file, decoded, format, err := open(counted, opts)
	if err != nil {
		return Report{}, err
	}
	w := &writer{worker: opts.Worker, maxProblems: opts.MaxProblems, claims: newClaims()}
	w.report = Report{Format: format, DryRun: opts.DryRun, Problems: []Problem{}, Unused: []string{}}

	ctx, cancel := context.WithCancel(ctx)
	feed := newFeed(ctx, file)
	err = runBatches(ctx, feed, store, w, opts, counted, file)
	cancel()
	feed.wait()
	if err == nil {
		err = feed.err
	}
	if cerr := w.rejects.close(); err == nil {
		err = cerr
	}
	w.report.Encoding = decoded.enc.String()
	w.report.NamesOwners = file.carries().has(fieldOwner)
	w.report.Unused = append(w.report.Unused, file.unused()...)
	return w.report, err
}

// runBatches writes every batch: each in a transaction, or all in one that is
// given up in the end when nothing is to be written.
func runBatches(ctx context.Context, feed *feed, store customer.Store, w *writer, opts Options, counted *countingReader, file source) error {
	each := func(update func(fn func(customer.Tx) error) error) error {
		for batch := range feed.batches {
			if w.rejects == nil {
				w.rejects = newRejectWriter(opts.Rejects, file.rejects())
			}
			select {
			case <-batch.ready:
			case <-ctx.Done():
				return ctx.Err()
			}
			var verdicts []verdict
			err := update(func(tx customer.Tx) (err error) {
				verdicts, err = w.write(ctx, tx, batch.records)
				return err
			})
			if err != nil {
				return err
			}
			w.tally(batch.records, verdicts)
			if opts.Progress != nil {
				opts.Progress(Progress{Bytes: counted.n.Load(), Rows: w.report.Rows})
			}
		}
		return ctx.Err()
	}
	if !opts.DryRun {
		return each(func(fn func(customer.Tx) error) error { return store.Update(ctx, fn) })
	}
	errDry := errors.New("nothing is to be written")
	err := store.Update(ctx, func(tx customer.Tx) error {
		if err := each(func(fn func(customer.Tx) error) error { return fn(tx) }); err != nil {
			return err
		}
		return errDry
	})
	if errors.Is(err, errDry) {
		return nil
	}
	return err
}

// isRegion tells whether national numbers of a region can be understood: some
// length of them is possible.
func isRegion(region string) bool {
	for n := 4; n <= 13; n++ {
		if _, ok := text.NormalizePhone(strings.Repeat("2", n), region); ok {
			return true
		}
	}
	return false
}

// countingReader tells how much was read.
type countingReader struct {
	src io.Reader
	n   atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n.Add(int64(n))
	return n, err
}
