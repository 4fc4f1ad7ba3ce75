package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

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
// own), keeping the cause for the log. Errors of the domain and of the context
// pass as they are. Every error of the driver counts: none of them is about the
// question that was asked, as long as our SQL is right.
func kind(err, unavailable error) error {
	switch {
	case err == nil, errors.Is(err, unavailable):
		return err
	case code(err) == lib.SQLITE_INTERRUPT:
		return context.Canceled
	case code(err) != 0, errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return fmt.Errorf("%w: %w", unavailable, err)
	}
	return err
}

// explain puts an error about the file itself in plain words.
func explain(file string, err error) error {
	switch code(err) {
	case lib.SQLITE_NOTADB:
		return fmt.Errorf("%s is not a database of Clientele: name another file, or move this one away", file)
	case lib.SQLITE_CORRUPT:
		return fmt.Errorf("database %s is damaged: restore it from a backup: %w", file, err)
	case lib.SQLITE_READONLY:
		return fmt.Errorf("database %s, or its directory, cannot be written: change its owner or permissions", file)
	case lib.SQLITE_CANTOPEN:
		return fmt.Errorf("database %s cannot be opened: its directory must be writable too: %w", file, err)
	case lib.SQLITE_FULL:
		return fmt.Errorf("database %s cannot grow: the disk is full", file)
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return fmt.Errorf("database %s is in use by another process for longer than %s: try again", file, busyTimeout)
	}
	return fmt.Errorf("database %s: %w", file, err)
}
