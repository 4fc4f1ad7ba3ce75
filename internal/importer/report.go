package importer

import "fmt"

// Report is what an import came to. Created, Updated, Unchanged, Skipped and
// Rejected add up to Rows.
type Report struct {
	// Format is CSV, JSON or vCard; Encoding is how its characters were written.
	Format   string `json:"format"`
	Encoding string `json:"encoding"`
	// DryRun: the import was into a copy that is thrown away. For the caller to set.
	DryRun bool `json:"dry_run"`

	Rows      int `json:"rows"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	// Skipped rows say nothing new: the same customer stands earlier in the file.
	Skipped int `json:"skipped"`
	// Rejected rows cannot be used as they are.
	Rejected int `json:"rejected"`
	// Unassigned is how many of the customers in the file are nobody's.
	Unassigned int `json:"unassigned"`
	// UnknownNumbers is how many telephone numbers were kept as they were written,
	// for lack of a country code or because they are none.
	UnknownNumbers int `json:"unknown_numbers"`
	// NamesOwners tells that the file says whose customers they are.
	NamesOwners bool `json:"names_owners"`
	// Unused are the columns that have no place in a customer.
	Unused []string `json:"unused_columns"`
	// Problems are the first of the rows that were skipped or rejected, in order of
	// the file; MoreProblems is how many are left out.
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
)

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
