// Package storage names the conditions in which the database takes no changes. The store
// wraps them in its errors; the console, /readyz and the log say them.
package storage

import (
	"errors"
	"syscall"
)

var (
	// ErrFull ends by itself when there is room again. It is syscall.ENOSPC too.
	ErrFull error = fullError{}
	// ErrReadOnly: the file system, or the file, cannot be written.
	ErrReadOnly = errors.New("the database cannot be written: make its file system writable, then restart the program")
	// ErrReplaced: changes would go into a file that nobody can find again.
	ErrReplaced = errors.New("the database file, or its -wal or -shm file, was replaced or deleted while the program ran: restart the program")
	// ErrUnreachable ends by itself when the server is back.
	ErrUnreachable = errors.New("the database server cannot be reached: check that it runs, and the network")
	// ErrNoConnection ends by itself when the server has a connection for this program again.
	ErrNoConnection = errors.New("the database server has no connection left: raise max_connections or the connection limit of the user, or use PgBouncer")
	// ErrTimeout ends by itself when the server responds in time again.
	ErrTimeout = errors.New("the database server ended a statement that took too long: raise statement_timeout, or look what it waits for")
	// ErrStandby ends by itself when the server becomes the leader, or another one is found.
	ErrStandby = errors.New("the database server is a standby, which takes no changes")
	// ErrDamaged: changes could make the damage worse. What can be read still is.
	ErrDamaged = errors.New("the database is damaged: restore it from a backup")
)

type fullError struct{}

func (fullError) Error() string { return "the disk is full: free up space" }
func (fullError) Unwrap() error { return syscall.ENOSPC }

// Reason returns the error of this package that err wraps, or nil.
func Reason(err error) error {
	for _, reason := range []error{ErrReplaced, ErrDamaged, ErrReadOnly, ErrUnreachable, ErrNoConnection, ErrTimeout, ErrStandby, ErrFull} {
		if errors.Is(err, reason) {
			return reason
		}
	}
	return nil
}
