//go:build !unix

package sqlite

// lockUnused does nothing here: these systems do not let a file be renamed while a
// program has it open.
func lockUnused(string) (unlock func(), err error) { return func() {}, nil }
