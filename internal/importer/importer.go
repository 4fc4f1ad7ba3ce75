package importer

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/rejects"
	"github.com/clientele-project/clientele/internal/importer/source"
	"github.com/clientele-project/clientele/internal/importer/spill"
	"github.com/clientele-project/clientele/internal/text"
)

// File is a file whose columns are mapped and of which nothing is imported yet.
type File struct {
	opts   Options
	stop   context.CancelFunc // ends reading
	source *source.File
	mapper mapper
	first  []source.Row
}

// Open reads the beginning of src and maps its columns. A *UsageError says that the
// file needs other options; the File returned with it, if any, has the columns and
// cannot be imported. The caller closes the File. Nothing is read once the context has
// ended; a Read of src that blocks then may go on after Open or Import has returned.
func Open(ctx context.Context, src io.Reader, opts Options) (*File, error) {
	opts.Worker = strings.TrimSpace(opts.Worker)
	if opts.MaxProblems <= 0 {
		opts.MaxProblems = defaultMaxProblems
	}
	if opts.TransactionRows <= 0 {
		opts.TransactionRows = DefaultTransactionRows
	}
	var badRegion error
	if opts.Region != "" && !text.IsRegion(opts.Region) {
		badRegion = &UsageError{quote(opts.Region) + " isn't a country: use two letters, such as US", NeedRegion}
	}
	f := &File{opts: opts}
	v := usualNames()
	var err error
	ctx, f.stop = context.WithCancel(ctx)
	if f.source, err = source.Open(ctx, src, source.Options{
		IsColumn: func(name string) bool { return isColumn(meaningOf(name, v, opts.Map)) },
		IsLink:   func(name string) bool { return meaningOf(name, v, opts.Map).field == fieldLink },
		IsEmail:  func(name string) bool { return meaningOf(name, v, opts.Map).field == fieldEmail },
		Encoding: opts.Encoding, Sheet: opts.Sheet, HeaderLine: opts.HeaderLine, TempDir: opts.TempDir,
	}); err != nil {
		f.stop()
		return nil, cmp.Or(badRegion, asUsageError(err))
	}
	f.mapper, err = newMapper(f.source.Reader, v, opts)
	f.first = readRows(f.source)
	return f, cmp.Or(badRegion, err, f.withEncoding(f.mapper.begin(f.first)))
}

// withEncoding adds to an error about columns how their names were decoded, unless that is
// certain.
func (f *File) withEncoding(err error) error {
	encoding, _ := f.source.Encoding()
	usage, ok := err.(*UsageError)
	if ok && usage.Need == NeedName && encoding != "ASCII" && encoding != "UTF-8" {
		usage.Reason = "read as " + encoding + ", " + usage.Reason
	}
	return err
}

// asUsageError returns the *UsageError that an error of an option is, and others as they
// are.
func asUsageError(err error) error {
	if wrong := new(source.OptionError); errors.As(err, &wrong) {
		return &UsageError{sanitizeTo(wrong.Reason, maxNote), Need(wrong.Option)}
	}
	return err
}

// Close deletes the temporary files of a workbook. It is to be called once the file is not
// used any more, also when Open returned an error with it.
func (f *File) Close() error {
	f.stop()
	return f.source.Close()
}

// Format is CSV, Excel, JSON or vCard.
func (f *File) Format() string { return f.source.Format }

// Sheets returns the names of the sheets of a workbook that hold anything.
func (f *File) Sheets() []string { return f.source.Sheets }

// notes are those of the report.
func (f *File) notes() []string {
	notes := []string{}
	for _, note := range append(f.source.Notes(), f.mapper.notes()...) {
		notes = append(notes, sanitizeTo(note, maxNote))
	}
	return notes
}

// Encodings returns the names of the encodings that Options can have, the usual ones
// first.
func Encodings() []string { return source.Encodings() }

// Import brings store into line with the file; it can be called once. It writes in
// transactions of some thousands of rows: when it returns an error, or the process
// is killed, the rows up to some line are in the store and no others, and importing
// the file again has the result of one complete import. An error comes with a Report of what was
// done before.
//
// Rows that are rejected or skipped are also written to rejects, if that is not
// nil: whole, in the format of the file, so that they can be corrected and
// imported again.
func (f *File) Import(ctx context.Context, store Store, rejects io.Writer) (Report, error) {
	return f.run(ctx, store, rejects, false)
}

// DryRun returns the Report that Import would return, and writes only rejects. It
// reads the customers from base and blocks no writer. Either DryRun or Import can be
// called, once.
func (f *File) DryRun(ctx context.Context, base CustomerReader, rejects io.Writer) (Report, error) {
	before, err := base.Totals(ctx)
	if err != nil {
		return Report{}, err
	}
	written := spill.New(f.opts.TempDir)
	report, err := f.run(ctx, &dryRunStore{base, before, written}, rejects, true)
	report.DryRun = true
	return report, errors.Join(err, written.Close())
}

func (f *File) run(ctx context.Context, store Store, rejectedRows io.Writer, dry bool) (Report, error) {
	f.opts.Worker = f.opts.person(f.opts.Worker)
	w := &writer{
		worker: f.opts.Worker, maxProblems: f.opts.MaxProblems, positions: spill.NewIndex(), tooCommon: map[string]bool{},
		owners:  ownerCounter{opts: &f.opts, byKey: map[string]*OwnerCount{}},
		rejects: rejects.New(rejectedRows, f.source.Reader),
		pruning: newPruning(f.opts, f.mapper.fields().has(fieldOwner)),
		report:  Report{Format: f.Format(), Notes: []string{}, OwnersWithoutAccount: []OwnerCount{}, Problems: []Problem{}, Remarks: []Problem{}, UnusedColumns: []string{}, FirstPruned: []Pruned{}},
	}
	var err error
	if w.problems, err = newProblemWriter(f.opts.ProblemLog); err != nil {
		return w.report, err
	}
	if w.wasEmpty, err = isEmpty(ctx, store); err != nil {
		return w.report, err
	}
	defer context.AfterFunc(ctx, f.stop)()
	batcherCtx, stop := context.WithCancel(ctx)
	batches := newBatcher(batcherCtx, f)
	err = f.writeBatches(ctx, batches, store, w)
	stop()
	batches.running.Wait()
	if err == nil {
		err = batches.err
	}
	if err == nil {
		err = w.prune(ctx, store, dry)
	}
	w.report.Encoding, w.report.EncodingAssumed = f.source.Encoding()
	w.report.Sheet, w.report.HeaderLine, w.report.Notes = f.source.Sheet, f.source.HeaderLine(), append(f.notes(), w.report.Notes...)
	w.owners.writeTo(&w.report)
	w.report.NamesOwners = f.mapper.fields().has(fieldOwner)
	w.report.UnusedColumns = append(w.report.UnusedColumns, f.mapper.unusedColumns()...)
	if cerr := cmp.Or(w.rejects.Close(), w.problems.close(w.report.Notes)); err == nil {
		err = cerr
	}
	return w.report, err
}

// writeBatches writes several batches in a transaction: the more rows it has, the
// fewer pages of the store are written repeatedly. When time is short, a transaction
// ends in the middle of a batch.
func (f *File) writeBatches(ctx context.Context, batches *batcher, store Store, w *writer) error {
	var rest []mappedRow // of the last batch
	for more := true; more; {
		if len(rest) == 0 {
			if rest, more = batches.next(ctx, nil); len(rest) == 0 {
				continue
			}
		}
		before := w.report
		err := store.Update(ctx, func(tx customer.Tx) error {
			start, timeout := time.Now(), time.After(maxTxTime)
			for rows := 0; ; {
				deadline := time.Time{}
				if f.opts.TransactionTime > 0 {
					deadline = start.Add(f.opts.TransactionTime)
				}
				n, err := w.write(ctx, tx, rest, deadline)
				if err != nil {
					return err
				}
				rest, rows = rest[n:], rows+n
				if f.opts.Progress != nil {
					f.opts.Progress(Progress{Bytes: f.source.Read(), Rows: w.report.Rows})
				}
				if len(rest) > 0 || rows >= f.opts.TransactionRows {
					return nil
				}
				if rest, more = batches.next(ctx, timeout); len(rest) == 0 {
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
