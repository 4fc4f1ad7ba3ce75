// Package source reads files: it detects a file's character set and format, and
// yields its rows.
//
// A row has a line number, its text as it stands in the file, and labeled values:
// the cells of a [Table], the keys of a JSON object or the properties of a vCard.
// What the values mean is for the caller to decide. A file is read as a stream and
// is never in memory as a whole; a row that cannot be read does not affect others.
//
// To add a format, write its reader in a file of its own and add a line to formats in
// formats.go. A format of rows and columns returns a [Table].
package source

// Row is one row of a table, record of a JSON file or vCard, as it stands in the file.
type Row struct {
	// Line is the line that the row begins on; the first line of a file is 1.
	Line int
	// Item is the row's number in a JSON array, from 1, because several may begin on
	// one line. It is 0 in any other file.
	Item int
	// Raw is the decoded text of the row without its last line end.
	Raw string
	// Malformed says why the row cannot be read, "" when it can.
	Malformed string
	// AtEOF reports whether the file ends with this row and not with a line end.
	AtEOF bool
}

// Reader reads the rows of a file. It is a *[Table], *[Objects] or *[Cards], whose
// methods return the labeled values of a row.
type Reader interface {
	// Next returns the next row. It returns false at the end and when reading failed.
	Next() (Row, bool)
	// Err returns the error that reading ended with, nil at the end of the file.
	Err() error
}

// OptionError says that an option does not fit the file.
type OptionError struct {
	// Option is "encoding", "sheet" or "header".
	Option string
	// Reason says what is wrong in plain words. What it quotes is safe to print.
	Reason string
}

func (e *OptionError) Error() string { return e.Reason }
