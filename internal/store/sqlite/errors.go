package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/clientele-project/clientele/internal/storage"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// code returns the primary result code of a driver error, or 0.
func code(err error) int { return extendedCode(err) & 0xff }

func extendedCode(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// isBusy reports whether another process or connection has locked the database.
func isBusy(err error) bool {
	c := code(err)
	return c == lib.SQLITE_BUSY || c == lib.SQLITE_LOCKED
}

// IsDuplicate implements sqldb.Engine.
func (e *engine) IsDuplicate(err error) bool {
	c := extendedCode(err)
	return c == lib.SQLITE_CONSTRAINT_UNIQUE || c == lib.SQLITE_CONSTRAINT_PRIMARYKEY
}

// Explain implements sqldb.Engine. Signs of damage and of a full disk change what Condition
// returns.
func (e *engine) Explain(err error) (plain error, ours bool) {
	e.condition.note(err)
	switch code(err) {
	case 0:
		return err, false
	case lib.SQLITE_INTERRUPT:
		return context.Canceled, true
	}
	return explain("the database", err), true
}

// explainFile puts an error about the file itself in plain words.
func explainFile(file string, err error) error {
	subject := "database " + file
	if code(err) == lib.SQLITE_NOTADB {
		subject = file
	}
	if plain := explain(subject, err); plain != err {
		return plain
	}
	return fmt.Errorf("%s: %w", subject, err)
}

// plainError says what a driver error means, and what to do.
type plainError struct {
	text   string
	causes []error
}

func (e *plainError) Error() string   { return e.text }
func (e *plainError) Unwrap() []error { return e.causes }

func explain(subject string, err error) error {
	var text string
	causes := []error{err}
	switch code(err) {
	case lib.SQLITE_NOTADB:
		text, causes = " is not a database of Clientele: name another file, or move this one away", append(causes, storage.ErrDamaged)
	case lib.SQLITE_READONLY:
		text, causes = ", or its directory, cannot be written: change its owner or permissions", append(causes, storage.ErrReadOnly)
	case lib.SQLITE_CANTOPEN:
		text = " cannot be opened: its directory must be writable too"
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		text = fmt.Sprintf(" is in use by another process for longer than %s: try again", busyTimeout)
	default:
		switch {
		case isDamage(err):
			text, causes = " is damaged: restore it from a backup", append(causes, storage.ErrDamaged)
		case isFull(err):
			text, causes = " cannot grow: the disk is full", append(causes, storage.ErrFull)
		default:
			return err
		}
	}
	return &plainError{subject + text, causes}
}
