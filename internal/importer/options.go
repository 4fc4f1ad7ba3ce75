package importer

import (
	"io"
	"time"
)

// Options configure an import. The zero value is right for a file that
// names owners and writes phone numbers with their country codes.
type Options struct {
	// Worker is added to the owners of each customer when the file names no owners;
	// customer.Everyone stands for all workers.
	Worker string
	// Map says what columns hold, in place of what their names suggest.
	Map []Mapping
	// Region is the country of phone numbers without a country code, as an ISO 3166
	// code such as "US"; "" keeps them as they are written.
	Region string
	// Encoding is how the characters of a text file are written, one of Encodings; ""
	// detects it. Sheet is the name of the sheet of a workbook, "" for the one that looks
	// most like customers. HeaderLine is the line of a table that names its columns, from
	// 1; 0 finds it.
	Encoding   string
	Sheet      string
	HeaderLine int
	// OwnerMatches says which person stands for an owner that the file or Worker names, by
	// text.IdentityKey of the owner: {"Alice Adams": "alice@example.com"}. Only Import and
	// DryRun read it, and not one to whom HasAccount says no.
	OwnerMatches map[string]string
	// HasAccount reports whether an identity has an account. If nil,
	// Report.OwnersWithoutAccount stays empty. Goroutines may call it concurrently.
	HasAccount func(identity string) bool
	// TransactionRows is about how many rows one transaction writes, fewer when reading
	// them is slow; DefaultTransactionRows when 0.
	TransactionRows int
	// TransactionTime bounds the time in which one transaction adds rows, so that others
	// can write; without a limit when 0.
	TransactionTime time.Duration
	// Prune deletes the customers that the file no longer has: of all customers when
	// the file names owners or Worker is customer.Everyone, else of Worker's, where
	// Worker is only removed from those with further owners. Nothing is pruned when no
	// row could be used, nor more than PrunePercent without PruneAnyway: the Report says so.
	// Import decides that at its end; DryRun reports what it would decide.
	Prune, PruneAnyway bool
	// TempDir is where DryRun may write a temporary file, which holds customers; "" is
	// the system's directory for such files. The file is gone when DryRun returns.
	TempDir string
	// MaxProblems bounds Report.Problems and Report.Remarks, each; 1000 when 0.
	MaxProblems int
	// ProblemLog, if not nil, receives all problems and remarks as a CSV, also those beyond
	// MaxProblems, and the notes about the whole file.
	ProblemLog io.Writer
	// Progress, if not nil, is called after each batch, never concurrently.
	Progress func(Progress)
}

// PrunePercent is the most that an import prunes without PruneAnyway, in percent of customers.
const PrunePercent = 20

const (
	// DefaultTransactionRows need about 10 MB until the end of their transaction.
	DefaultTransactionRows = 25_000
	defaultMaxProblems     = 1000
	// maxTxTime lets others write: it bounds a transaction that waits for rows or deletes customers.
	maxTxTime = time.Second
)

// maxNote bounds a note of a Report and the reason of a UsageError, in characters.
const maxNote = 1000
