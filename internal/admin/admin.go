// Package admin provides what administrators do with the customers of the built-in
// integration service: import uploaded files, reassign, edit, merge, delete and export.
// It has no HTTP; the console is its user interface.
//
// Every operation is written to the audit before it reports success.
//
// The state of uploads and reassignments is kept in memory. A restart loses it and removes the
// uploaded files; starting an interrupted import or reassignment again completes it.
package admin

import (
	"errors"
	"fmt"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// State is the progress of an import or reassignment. A reassignment is only Running,
// Done, Failed or Canceled.
type State string

const (
	// Checking: a dry run computes Import.Preview.
	Checking State = "checking"
	// NeedsInput: the file cannot be read without the option in Import.Need.
	NeedsInput State = "needs_input"
	// Ready: Import.Preview holds what Run would do.
	Ready    State = "ready"
	Running  State = "running"
	Done     State = "done"
	Failed   State = "failed"
	Canceled State = "canceled"
)

// ImportOptions are an administrator's options for reading a file.
type ImportOptions struct {
	// These are as in importer.Options.
	Map             []importer.Mapping
	Worker, Region  string
	Encoding, Sheet string
	HeaderLine      int
	// Prune deletes the customers that are missing from the file; PruneAnyway does so even
	// when they are more than importer.PrunePercent.
	Prune, PruneAnyway bool
}

// Import is the state of an uploaded file at one moment.
type Import struct {
	ID string
	// File is the name on the administrator's machine, By the uploader.
	File, By string
	Size     int64 // bytes
	Uploaded time.Time
	State    State
	Options  ImportOptions
	// Format is CSV, Excel, JSON or vCard; a vCard's columns cannot be mapped. Columns and
	// the rows of Beginning are empty while the file cannot be read without the option in
	// Need.
	Format    string
	Columns   []importer.Column
	Beginning importer.Preview
	// Need is the missing option while State is NeedsInput, else "". Problem describes it.
	Need     importer.Need
	Progress importer.Progress // of the running check or import
	// Preview is the result of the check, Report that of the import; nil before. A
	// failed or canceled import has a Report of what was written.
	Preview, Report *importer.Report
	// Problem explains the states NeedsInput, Failed and Canceled, in plain English.
	Problem string
	// HasRejects reports whether Rejects has the rows that were not used, and HasProblems
	// whether Problems has anything to say.
	HasRejects, HasProblems bool
	// HasFile reports whether the file still exists, as SetOptions and Run require.
	HasFile bool
	Ended   time.Time // zero until it is over
}

// Reassignment is the state of a reassignment at one moment.
type Reassignment struct {
	ID, By string
	// From and To are identities; "" stands for unassigned customers.
	From, To string
	// Total counts the customers of From at the start, Done those already moved.
	Total, Done    int
	State          State
	Problem        string
	Started, Ended time.Time
}

// The errors of a Service, possibly wrapped. It also returns customer.ErrNotFound,
// customer.ErrUnavailable, *importer.UsageError and *customer.InvalidError.
var (
	ErrNoImport       = errors.New("this import no longer exists: imports are lost when the server restarts")
	ErrNoReassignment = errors.New("this reassignment no longer exists: reassignments are lost when the server restarts")
	// ErrBusy is reported as a *BusyError, which names who to wait for.
	ErrBusy = errors.New("another import or reassignment is running: wait until it finishes, or cancel it")
	// ErrConflict: the customer was changed since it was read.
	ErrConflict = errors.New("someone else changed this customer first: reload it")
	// ErrNotReady: the import's state does not allow the operation.
	ErrNotReady  = errors.New("the import isn't ready for this")
	ErrTooBig    = errors.New("the file is larger than 512 MiB: import it in parts")
	ErrTooMany   = errors.New("too many uploads are waiting: import or cancel one of them first")
	ErrDiskFull  = errors.New("the disk is full: free up space and try again")
	ErrUpload    = errors.New("the upload was interrupted: try again")
	ErrSameOwner = errors.New("these customers already have this owner: choose someone else")
	// ErrNoAccount: no person has this identity. ErrHasAccount: this owner is a person.
	ErrNoAccount  = errors.New("this person has no account: add the person first")
	ErrHasAccount = errors.New("this owner has an account: reassign the customers instead")
	ErrClosed     = errors.New("the program is shutting down")
)

// BusyError is ErrBusy with the task that runs.
type BusyError struct {
	// By is who started it; What is an import's file, "" for a reassignment.
	By, What string
	// Checking reports whether the file is only checked. Uploads and changed options then
	// wait for it, and are not refused.
	Checking bool
}

func (e *BusyError) Error() string        { return ErrBusy.Error() }
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// TooManyPrunedError refuses an import that would delete Absent of Total customers.
// ImportOptions.PruneAnyway overrides it. Nothing was written.
type TooManyPrunedError struct{ Absent, Total int }

func (e *TooManyPrunedError) Error() string {
	return fmt.Sprintf("nothing imported: %d of %d customers are missing from the file, more than %d%%",
		e.Absent, e.Total, importer.PrunePercent)
}

// FieldError is a *customer.InvalidError about one field.
type FieldError struct {
	// Field is id, name, company, job, notes, avatar, channel, link or worker; Index is
	// the position among several, from 0.
	Field string
	Index int
	Err   *customer.InvalidError
}

func (e *FieldError) Error() string { return e.Err.Error() }
func (e *FieldError) Unwrap() error { return e.Err }

// Formats of Export.
const (
	CSV  = "csv"
	JSON = "json" // one customer a line
)
