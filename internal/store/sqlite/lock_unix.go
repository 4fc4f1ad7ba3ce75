//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// The bytes of a database file that SQLite locks: see os.h of SQLite.
const (
	lockFirst = 1 << 30
	lockBytes = 512
)

// lockUnused locks a database, if there is one, until unlock, so that no other process
// opens it. It returns an error if one has it open. SQLite itself could not tell so of a
// file that is damaged.
func lockUnused(file string) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	err = syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: lockFirst, Len: lockBytes})
	if err != nil {
		f.Close()
		if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
			return nil, fmt.Errorf("database %s is in use: stop the programs that have it open, such as clientele serve, then try again", file)
		}
		return nil, fmt.Errorf("lock database %s: %w", file, err)
	}
	return func() { f.Close() }, nil
}
