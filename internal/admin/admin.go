// Package office is what administrators do with the customers of the built-in
// integration service: bring them in by upload, give them to others, edit, merge,
// delete and export them. It knows nothing of pages: the console shows it.
//
// Whatever is done is kept in the audit before the office answers that it is done.
//
// What an upload came to, and how far a job is, is held in memory: a restart forgets
// it, and removes the files. Nothing is lost by that: an import, or a job, that was
// broken off is completed by starting it again.
package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// Options is what an Office works with.
type Options struct {
	// Store is where the customers are, and Register the same for administrators.
	Store  customer.Store
	Reader Reader
	// Bulk opens the store for one import, beside the one that serves workers: finish
	// makes searches fast again after very many changes, close gives it up.
	Bulk func(ctx context.Context) (store customer.Store, finish func(ctx context.Context) error, close func() error, err error)
	// Dir is where uploads are kept: a directory of this office alone, made when it is
	// missing. Files of uploads that are in it at the beginning are removed.
	Dir string
	// Audit is told all that is done.
	Audit Audit
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Logger is told what an administrator cannot be; slog.Default when nil.
	Logger *slog.Logger
}

// Audit keeps what was done. Keep has written it when it answers nil.
type Audit interface {
	Write(ctx context.Context, e audit.Entry) error
}

// State is how far an import or a job is.
type State string

const (
	// Checking: it is being found out what the import would come to.
	Checking State = "checking"
	// Choosing: the file cannot be understood without a choice: Import.Need says which.
	Choosing State = "choosing"
	// Ready: Import.Preview says what Run would do.
	Ready     State = "ready"
	Importing State = "importing" // and of a job: it is under way
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// ImportOptions are how a file is to be understood.
type ImportOptions struct {
	// Map, Worker and Region are as in importer.Options.
	Map            []importer.Mapping
	Worker, Region string
	// Prune deletes the customers that the file no longer has, and Insist does so
	// also when these are very many.
	Prune, Insist bool
}

// Import is an uploaded file and what becomes of it, as of one moment.
type Import struct {
	ID string
	// File is how the administrator's machine calls it, By who uploaded it.
	File, By string
	Size     int64 // bytes
	Uploaded time.Time
	State    State
	Choices  ImportOptions
	// Format is CSV, JSON or vCard; a vCard's columns cannot be mapped.
	Format  string
	Columns []importer.Column
	// Need is what must be chosen while State is Choosing, or "": Problem says it in
	// words.
	Need     importer.Need
	Progress importer.Progress // of the check or import that goes on
	// Preview is what the check came to, Report what the import did; nil before. A
	// Report is there also when the import failed or was cancelled: it tells what was
	// written until then.
	Preview, Report *importer.Report
	// Problem is why State is Choosing, Failed or Cancelled, in plain English.
	Problem string
	// HasRejects: the rows that were not used can be had from Rejects.
	HasRejects bool
	// Kept: the file is still there, so that Choose and Run have something to work on.
	Kept  bool
	Ended time.Time // zero while it is not over
}

// Job is a reassignment of very many customers, as of one moment.
type Job struct {
	ID, By string
	// From and To are identities; "" are those who are nobody's.
	From, To string
	// Total is how many there were at the beginning, Done how many are moved.
	Total, Done    int
	State          State
	Problem        string
	Started, Ended time.Time
}

// The kinds of errors that an Office returns, possibly wrapped; besides these
// customer.ErrNotFound, customer.ErrUnavailable, *importer.UsageError and
// *customer.InvalidError.
var (
	ErrNoImport = errors.New("there is no such import; a restart of the program forgets them")
	ErrNoJob    = errors.New("there is no such job; a restart of the program forgets them")
	// ErrBusy is a *BusyError, which tells whom to wait for.
	ErrBusy = errors.New("an import or a reassignment is under way: wait for its end, or cancel it")
	// ErrConflict: somebody else changed the customer meanwhile.
	ErrConflict = errors.New("somebody else has changed this customer meanwhile: look at it again")
	// ErrNotReady: the import is not in a state in which this can be done to it.
	ErrNotReady = errors.New("this cannot be done with the import as it stands")
	ErrTooBig   = errors.New("the file is larger than 512 MiB: import it in parts")
	// ErrTooMany: too many uploaded files wait.
	ErrTooMany   = errors.New("too many uploaded files wait to be imported: import or cancel one of them first")
	ErrDiskFull  = errors.New("the disk is full: make room on it and try again")
	ErrUpload    = errors.New("the upload was broken off: try again")
	ErrSameOwner = errors.New("these customers are there already: choose somebody else")
	// ErrAuditFailed: it was done, but the audit could not be written.
	ErrAuditFailed = errors.New("it was done, but it could not be written down in the audit")
	ErrClosed      = errors.New("the program is ending")
)

// BusyError is ErrBusy with what goes on.
type BusyError struct {
	// By is who began it; What is an import's file, or "" of a job.
	By, What string
}

func (e *BusyError) Error() string        { return ErrBusy.Error() }
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// ErrTooManyRemoved refuses an import that would delete very many customers: Removed
// of Total. Choices.Insist overrules it. Nothing was written.
type ErrTooManyRemoved struct{ Removed, Total int }

func (e *ErrTooManyRemoved) Error() string {
	return fmt.Sprintf("the file no longer has %d of %d customers, which is more than %d %%: nothing was imported",
		e.Removed, e.Total, importer.PrunePercent)
}

// A FieldError is a *customer.InvalidError of which it is known what it is about.
type FieldError struct {
	// Field is id, name, company, job, notes, avatar, channel, link or worker; Index
	// which of several, from 0.
	Field string
	Index int
	Err   *customer.InvalidError
}

func (e *FieldError) Error() string { return e.Err.Error() }
func (e *FieldError) Unwrap() error { return e.Err }

// The formats of Export.
const (
	CSV  = "csv"
	JSON = "json" // one customer a line
)
