package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// code is the primary result code of a driver error, or 0.
func code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// busy tells that another process or connection is in the way for too long.
func busy(err error) bool {
	c := code(err)
	return c == lib.SQLITE_BUSY || c == lib.SQLITE_LOCKED
}

// duplicate tells that a unique key or a primary key exists already.
func duplicate(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) &&
		(e.Code() == lib.SQLITE_CONSTRAINT_UNIQUE || e.Code() == lib.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// kind turns a driver error into the domain's "unavailable" (each domain has its
// own), with the reason in plain words where there are any, keeping the cause.
// Errors of the domain and of the context pass as they are. Every error of the
// driver counts: none of them is about the question that was asked, as long as our
// SQL is right.
func kind(err, unavailable error) error {
	switch {
	case err == nil, errors.Is(err, unavailable):
		return err
	case code(err) == lib.SQLITE_INTERRUPT:
		return context.Canceled
	case code(err) != 0:
		return fmt.Errorf("%w: %w", unavailable, inWords("the database", err))
	case errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return fmt.Errorf("%w: %w", unavailable, err)
	}
	return err
}

// explain puts an error about the file itself in plain words.
func explain(file string, err error) error {
	what := "database " + file
	if code(err) == lib.SQLITE_NOTADB {
		what = file
	}
	if told := inWords(what, err); told != err {
		return told
	}
	return fmt.Errorf("%s: %w", what, err)
}

// plainError says what an error of the driver means for people, and what to do.
type plainError struct {
	text  string
	cause error
}

func (e *plainError) Error() string { return e.text }
func (e *plainError) Unwrap() error { return e.cause }

// inWords says what an error of the driver means for what it names; an error that
// there are no words for it answers as it is.
func inWords(what string, err error) error {
	var text string
	switch code(err) {
	case lib.SQLITE_NOTADB:
		text = " is not a database of Clientele: name another file, or move this one away"
	case lib.SQLITE_CORRUPT:
		text = " is damaged: restore it from a backup"
	case lib.SQLITE_READONLY:
		text = ", or its directory, cannot be written: change its owner or permissions"
	case lib.SQLITE_CANTOPEN:
		text = " cannot be opened: its directory must be writable too"
	case lib.SQLITE_FULL:
		text, err = " cannot grow: the disk is full", errors.Join(err, syscall.ENOSPC)
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		text = fmt.Sprintf(" is in use by another process for longer than %s: try again", busyTimeout)
	default:
		return err
	}
	return &plainError{what + text, err}
}
