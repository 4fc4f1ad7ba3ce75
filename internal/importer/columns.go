package importer

// Column is a column of a CSV, a key of a JSON file or a property of a vCard, as it
// is understood.
type Column struct {
	// Name is as the file has it.
	Name string
	// Field is one of Targets, or "" when the column is not used.
	Field string
	// Samples are some of its values, from the first rows: different ones, none
	// blank, shortened, and harmless on a terminal.
	Samples []string
}
