package importer

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// Options are the choices of an import; the zero value is right for a file that
// names owners and writes numbers with their country codes.
type Options struct {
	// Worker is added to those who have a customer when the file names no owner;
	// customer.Everyone stands for all.
	Worker string
	// Map says what columns hold, in place of what their names suggest.
	Map []Mapping
	// Region is where telephone numbers without a country code are, as an ISO 3166
	// code such as "US"; "" keeps them as they are written.
	Region string
	// TransactionRows is how many rows one transaction writes, give or take some
	// thousands, or fewer when they come slowly; 50,000 when 0.
	TransactionRows int
	// TransactionTime is for how long one transaction goes on taking rows: others may
	// want to write. As long as TransactionRows says when 0, save for waiting.
	TransactionTime time.Duration
	// Prune deletes the customers that the file no longer has: of all, when the file
	// names owners or Worker is customer.Everyone, else of Worker's, where those who
	// are others' too are only taken from Worker. More than PrunePercent of them are
	// spared unless Insist is set, and all of them when no row could be used: then the
	// Report says so. Import decides that at its end; Check tells it before.
	Prune, Insist bool
	// ScratchDir is where Check may write files, which hold customers; "" is the
	// system's place for temporary files. They are gone when it returns.
	ScratchDir string
	// MaxProblems bounds Report.Problems and Report.Remarks, each; 1000 when 0.
	MaxProblems int
	// Progress, if not nil, is called after each batch, never twice at a time.
	Progress func(Progress)
}

// PrunePercent is how many of a hundred customers an import prunes without Insist.
const PrunePercent = 20

const (
	defaultMaxProblems     = 1000
	defaultTransactionRows = 50_000
	// txTime bounds how long a transaction waits for further rows: others may want
	// to write.
	txTime = time.Second
)

// Run opens src and imports it into store.
func Run(ctx context.Context, src io.Reader, store Store, opts Options) (Report, error) {
	file, err := Open(src, opts)
	if err != nil {
		return Report{}, err
	}
	return file.Import(ctx, store, nil)
}

// File is a file whose content is understood and of which nothing is imported yet.
type File struct {
	opts    Options
	kind    kind
	decoded *decoder
	read    *countingReader
	source  source
	first   []item
}

// Open reads the beginning of src and tells what everything in it means. A
// *UsageError tells that the file has to be imported with other options; the File
// beside it, if there is one, tells what columns there are, and cannot be imported.
func Open(src io.Reader, opts Options) (*File, error) {
	opts.Worker = strings.TrimSpace(opts.Worker)
	if opts.MaxProblems <= 0 {
		opts.MaxProblems = defaultMaxProblems
	}
	if opts.TransactionRows <= 0 {
		opts.TransactionRows = defaultTransactionRows
	}
	var wrong error
	if opts.Region != "" && !isRegion(opts.Region) {
		wrong = &UsageError{quote(opts.Region) + " is no region: it is the two letters of a country, such as US", NeedRegion}
	}
	f := &File{opts: opts, read: &countingReader{src: src}}
	f.decoded = newDecoder(f.read)
	var err error
	f.source, f.kind, err = newSource(f.decoded, opts)
	if f.source == nil {
		return nil, cmp.Or(wrong, err)
	}
	f.first = readItems(f.source)
	return f, cmp.Or(wrong, err, f.source.begin(f.first))
}

// Import brings store into line with the file; it can be called once. It writes in
// transactions of some thousands of rows: when it returns an error, or is
// killed, the rows up to some line are in the store and no others, and importing
// the file again ends as if it had been imported once. An error comes with a
// Report of what was done before.
//
// Rows that are rejected or skipped are also written to rejects, if that is not
// nil: whole, in the format of the file, so that they can be corrected and
// imported again.
func (f *File) Import(ctx context.Context, store Store, rejects io.Writer) (Report, error) {
	return f.run(ctx, store, rejects, false)
}

// Check tells what Import would come to, and writes nothing but rejects. It reads
// the customers as they are from base, from which nobody is kept meanwhile. Check or
// Import can be called, once.
func (f *File) Check(ctx context.Context, base Base, rejects io.Writer) (Report, error) {
	kept := newScratch(f.opts.ScratchDir)
	report, err := f.run(ctx, &overlay{base: base, kept: kept}, rejects, true)
	report.DryRun = true
	return report, errors.Join(err, kept.close())
}

func (f *File) run(ctx context.Context, store Store, rejects io.Writer, dry bool) (Report, error) {
	w := &writer{
		worker: f.opts.Worker, maxProblems: f.opts.MaxProblems, claims: newClaims(), crowded: map[string]bool{},
		rejects: newRejectWriter(rejects, f.source.rejects()),
		pruning: newPruning(f.opts, f.source.carries().has(fieldOwner)),
		report:  Report{Format: f.kind.String(), Problems: []Problem{}, Remarks: []Problem{}, Unused: []string{}, FirstPruned: []Pruned{}},
	}
	var err error
	if w.empty, err = isEmpty(ctx, store); err != nil {
		return w.report, err
	}
	feedCtx, stop := context.WithCancel(ctx)
	feed := newFeed(feedCtx, f.source, f.first)
	err = f.eachBatch(ctx, feed, store, w)
	stop()
	feed.wait()
	if err == nil {
		err = feed.err
	}
	if err == nil {
		err = w.prune(ctx, store, dry)
	}
	if cerr := w.rejects.close(); err == nil {
		err = cerr
	}
	w.report.Encoding = f.decoded.enc.String()
	w.report.NamesOwners = f.source.carries().has(fieldOwner)
	w.report.Unused = append(w.report.Unused, f.source.unused()...)
	return w.report, err
}

// eachBatch has the batches written, several in a transaction: the more rows it
// takes in, the fewer pages of the store have to be written again and again. When
// time is short, a transaction ends in the middle of one.
func (f *File) eachBatch(ctx context.Context, feed *feed, store Store, w *writer) error {
	var left []record // of the batch that was taken last
	for more := true; more; {
		if len(left) == 0 {
			if left, more = feed.next(ctx, nil); len(left) == 0 {
				continue
			}
		}
		before := w.report
		err := store.Update(ctx, func(tx customer.Tx) error {
			began, enough := time.Now(), time.After(txTime)
			for rows := 0; ; {
				until := time.Time{}
				if f.opts.TransactionTime > 0 {
					until = began.Add(f.opts.TransactionTime)
				}
				n, err := w.write(ctx, tx, left, until)
				if err != nil {
					return err
				}
				left, rows = left[n:], rows+n
				if f.opts.Progress != nil {
					f.opts.Progress(Progress{Bytes: f.read.n.Load(), Rows: w.report.Rows})
				}
				if len(left) > 0 || rows >= f.opts.TransactionRows {
					return nil
				}
				if left, more = feed.next(ctx, enough); len(left) == 0 {
					return ctx.Err()
				}
			}
		})
		if err != nil {
			w.report = before
			return err
		}
	}
	return ctx.Err()
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
