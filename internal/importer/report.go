package importer

import "fmt"

// Report is what an import came to. Created, Updated, Unchanged, Skipped, Rejected
// and Removed add up to Rows.
type Report struct {
	// Format is CSV, JSON or vCard; Encoding is how its characters were written.
	Format   string `json:"format"`
	Encoding string `json:"encoding"`
	// DryRun: nothing was written; it is what an import would come to.
	DryRun bool `json:"dry_run"`

	Rows      int `json:"rows"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	// Skipped rows say nothing new: the same customer stands earlier in the file.
	Skipped int `json:"skipped"`
	// Rejected rows cannot be used as they are.
	Rejected int `json:"rejected"`
	// Removed rows are about customers that were deleted in the console, who stay
	// deleted.
	Removed int `json:"removed"`
	// Unassigned is how many of the customers in the file are nobody's.
	Unassigned int `json:"unassigned"`
	// UnknownNumbers is how many telephone numbers were kept as they were written,
	// for lack of a country code or because they are none.
	UnknownNumbers int `json:"unknown_numbers"`
	// NamesOwners tells that the file says whose customers they are.
	NamesOwners bool `json:"names_owners"`
	// Unused are the columns that have no place in a customer.
	Unused []string `json:"unused_columns"`
	// PruneScope is how many customers there were, before this import, among those of
	// whom the file could be expected to speak; Absent how many of them it no longer
	// has; Pruned how many of these were deleted, or taken from the worker whose file
	// it is. All are 0 when that was not asked for (Options.Prune).
	PruneScope int `json:"prune_scope"`
	Absent     int `json:"absent"`
	Pruned     int `json:"pruned"`
	// PruneRefused: too many were absent, none of the file's rows could be used, or it
	// could not be read whole, so that nobody was pruned. PruneReason says which in
	// plain words; PruneUnread tells that it was the last.
	PruneRefused bool   `json:"prune_refused"`
	PruneUnread  bool   `json:"prune_unread"`
	PruneReason  string `json:"prune_reason,omitempty"`
	// AbsentSum is one number for all who are absent: another one when others are.
	AbsentSum uint64 `json:"-"`
	// FirstPruned are some of those who are absent, in order of their ids.
	FirstPruned []Pruned `json:"first_pruned"`
	// Problems are the first of the rows that were skipped, rejected or removed, in
	// order of the file; MoreProblems is how many are left out.
	Problems     []Problem `json:"problems"`
	MoreProblems int       `json:"more_problems"`
	// Remarks are the first of what is to be known about rows that were used.
	Remarks     []Problem `json:"remarks"`
	MoreRemarks int       `json:"more_remarks"`
}

// The values of Problem.Outcome.
const (
	Rejected = "rejected"
	Skipped  = "skipped"
	Noted    = "noted" // used, with a remark
	// Removed: an administrator deleted the customer.
	Removed = "removed"
)

// Pruned is a customer that the file no longer has.
type Pruned struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Released: others have the customer too, so that it is not deleted.
	Released bool `json:"released"`
}

// Problem is something to know about one row.
type Problem struct {
	// Line is where the row begins in the file; the first line, where a CSV has
	// its header, is 1.
	Line int `json:"line"`
	// Item is the row's number in a JSON array, the first being 1: all of an array
	// may stand on one line. 0 in any other file.
	Item    int    `json:"item,omitempty"`
	Outcome string `json:"outcome"`
	// Reason is in plain words, and harmless on a terminal.
	Reason string `json:"reason"`
}

// Where names the place of the row: "line 7", or "line 1, item 3".
func (p Problem) Where() string {
	if p.Item == 0 {
		return fmt.Sprintf("line %d", p.Line)
	}
	return fmt.Sprintf("line %d, item %d", p.Line, p.Item)
}

// Progress is how far an import is.
type Progress struct {
	// Bytes is how much of the file was read; Rows how many rows are done with.
	Bytes int64
	Rows  int
}

// note adds p to a list of at most so many, or counts it.
func note(list *[]Problem, more *int, most int, p Problem) {
	if len(*list) < most {
		*list = append(*list, p)
	} else {
		*more++
	}
}
