package importer

import (
	"fmt"
	"strings"

	"github.com/clientele-project/clientele/internal/importer/source"
	"github.com/clientele-project/clientele/internal/text"
)

// Report is the result of an import. Created, Updated, Unchanged, Skipped, Rejected
// and PreviouslyDeleted add up to Rows.
type Report struct {
	// Format is CSV, Excel, JSON or vCard; Encoding is how its characters were written.
	Format   string `json:"format"`
	Encoding string `json:"encoding"`
	// EncodingAssumed is set if another encoding may be right.
	EncodingAssumed bool `json:"encoding_assumed"`
	// Sheet is the sheet of a workbook that was read, HeaderLine the line of a table that
	// names its columns; "" and 0 for other files.
	Sheet      string `json:"sheet,omitempty"`
	HeaderLine int    `json:"header_line,omitempty"`
	// Notes are things to know about the file as a whole, in plain words and harmless on a
	// terminal: which encoding was assumed, what was skipped above the header.
	Notes []string `json:"notes"`
	// DryRun is set if nothing was written: the report is what an import would have.
	DryRun bool `json:"dry_run"`

	Rows      int `json:"rows"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	// Skipped rows are about a customer of an earlier row of the file.
	Skipped int `json:"skipped"`
	// Rejected rows cannot be used as they are.
	Rejected int `json:"rejected"`
	// PreviouslyDeleted rows are about customers that were deleted in the console. They stay
	// deleted.
	PreviouslyDeleted int `json:"removed"`
	// Unassigned is how many of the customers in the file have no owner.
	Unassigned int `json:"unassigned"`
	// OwnersWithoutAccount are owners that the file names and that have no account, those
	// with most customers first, at most maxOwners; MoreOwners is how many are left out.
	// WithoutAccount is how many customers have such an owner.
	OwnersWithoutAccount []OwnerCount `json:"owners_without_account"`
	MoreOwners           int          `json:"more_owners"`
	WithoutAccount       int          `json:"without_account"`
	// UnknownNumbers is how many phone numbers were kept as they are written, because
	// they have no country code or are not valid.
	UnknownNumbers int `json:"unknown_numbers"`
	// NamesOwners reports whether the file names owners.
	NamesOwners bool `json:"names_owners"`
	// UnusedColumns are the columns that no field of a customer holds.
	UnusedColumns []string `json:"unused_columns"`
	// PruneScope is how many customers there were before this import that the file should
	// have, Absent how many of them it no longer has, and Pruned how many of these were
	// deleted, or taken from Options.Worker. All are 0 without Options.Prune.
	PruneScope int `json:"prune_scope"`
	Absent     int `json:"absent"`
	Pruned     int `json:"pruned"`
	// PruneRefused is set if nothing was pruned: too many customers were absent, none
	// of the file's rows could be used, or it could not be read whole. PruneReason says
	// which in plain words; PruneUnread is set if it was the last.
	PruneRefused bool   `json:"prune_refused"`
	PruneUnread  bool   `json:"prune_unread"`
	PruneReason  string `json:"prune_reason,omitempty"`
	// AbsentChecksum is a checksum of the ids of all absent customers.
	AbsentChecksum uint64 `json:"-"`
	// FirstPruned are the first absent customers, in order of their ids.
	FirstPruned []Pruned `json:"first_pruned"`
	// Problems are the first of the rows that were skipped, rejected or previously deleted, in
	// order of the file; MoreProblems is how many are left out.
	Problems     []Problem `json:"problems"`
	MoreProblems int       `json:"more_problems"`
	// Remarks are the first things to know about rows that were used.
	Remarks     []Problem `json:"remarks"`
	MoreRemarks int       `json:"more_remarks"`
}

// Summary returns the counts as the audit stores them.
func (r Report) Summary() string {
	text := fmt.Sprintf("%d created, %d updated, %d unchanged, %d skipped, %d rejected", r.Created, r.Updated, r.Unchanged, r.Skipped, r.Rejected)
	if r.PreviouslyDeleted > 0 {
		text += fmt.Sprintf(", %d deleted before", r.PreviouslyDeleted)
	}
	if r.Pruned > 0 {
		text += fmt.Sprintf(", %d pruned", r.Pruned)
	}
	return text
}

// The values of Problem.Outcome.
const (
	Rejected = "rejected"
	Skipped  = "skipped"
	Noted    = "noted" // used, with a remark
	// PreviouslyDeleted: an administrator has deleted the customer.
	PreviouslyDeleted = "removed"
)

// OwnerCount is an owner, and how many customers of the file are theirs.
type OwnerCount struct {
	Owner     string `json:"owner"`
	Customers int    `json:"customers"`
}

// Pruned is a customer that the file no longer has.
type Pruned struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Released reports whether the customer has further owners and is not deleted.
	Released bool `json:"released"`
}

// Problem is something to know about one row.
type Problem struct {
	// Line is where the row begins in the file; the first line, where a CSV has
	// its header, is 1.
	Line int `json:"line"`
	// Item is the row's number in a JSON array, from 1, because a whole array may be on
	// one line. It is 0 in any other file.
	Item    int    `json:"item,omitempty"`
	Outcome string `json:"outcome"`
	// Reason is in plain words, and harmless on a terminal.
	Reason string `json:"reason"`
}

// Where returns the position of the row: "line 7", or "line 1, item 3".
func (p Problem) Where() string {
	if p.Item == 0 {
		return fmt.Sprintf("line %d", p.Line)
	}
	return fmt.Sprintf("line %d, item %d", p.Line, p.Item)
}

// Progress is the progress of an import.
type Progress struct {
	// Bytes is how much of the file was read, Rows how many rows were handled.
	Bytes int64
	Rows  int
}

// problemAt is something to know about a row.
func problemAt(row source.Row, outcome, reason string) Problem {
	return Problem{Line: row.Line, Item: row.Item, Outcome: outcome, Reason: reason}
}

// position returns the row's line, or in a JSON array its number, negated.
func position(row source.Row) int {
	if row.Item > 0 {
		return -row.Item
	}
	return row.Line
}

// describePosition says where the row with a position is.
func describePosition(pos int) string {
	if pos < 0 {
		return fmt.Sprintf("item %d", -pos)
	}
	return fmt.Sprintf("on line %d", pos)
}

// maxQuoted bounds a text of the file in a message, in characters.
const maxQuoted = 60

// quote returns a text of the file for a message.
func quote(s string) string { return `"` + sanitizeTo(s, maxQuoted) + `"` }

// sanitizeTo returns a text of the file that is safe to print, of at most so many characters.
func sanitizeTo(s string, limit int) string { return text.Printable(s, limit) }

// quoteAll quotes the names of columns, as many as fit on a screen.
func quoteAll(names []string) string {
	const limit = 40
	var quoted []string
	for _, name := range names[:min(len(names), limit)] {
		quoted = append(quoted, quote(name))
	}
	if len(names) > limit {
		quoted = append(quoted, "and more")
	}
	return strings.Join(quoted, ", ")
}
