package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store/sqldb"

	lib "modernc.org/sqlite/lib"
)

// condition is what is known about the database file: whether it takes writes. All DBs that
// a process has of one file share it.
type condition struct {
	path   string
	real   string      // path without symbolic links: SQLite keeps the other two files there
	opened fs.FileInfo // the file, as it was opened
	// log and index are its write-ahead log and the -shm file with the log's index and
	// locks, nil without one.
	log, index fs.FileInfo
	header     logHeader // of index
	shared     bool
	readOnly   bool
	damaged    atomic.Bool
	// full is whether a write found the disk full, until Ping finds room. It refuses no
	// write: small ones may still have room.
	full    atomic.Bool
	written atomic.Bool // whether anything was written
}

func newCondition(path string, access access) *condition {
	return &condition{path: path, shared: access == shared, readOnly: access.isReadOnly()}
}

// remember notes which files are open, the first time.
func (c *condition) remember() (err error) {
	if c.opened != nil {
		return nil
	}
	if c.opened, err = os.Stat(c.path); err != nil {
		return err
	}
	if c.real, err = filepath.EvalSymlinks(c.path); err != nil {
		return err
	}
	for suffix, info := range map[string]*fs.FileInfo{"-wal": &c.log, "-shm": &c.index} {
		// A database that is only read may have none.
		if *info, err = os.Stat(c.real + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if c.shared && c.index != nil && c.index.Size() >= int64(os.Getpagesize()) {
		c.header.open(c.real + "-shm")
	}
	return nil
}

// replaced returns storage.ErrReplaced if the files that are open have lost their names
// to others: what is written to them would be lost, and a connection made now would mix
// the two. Without its -shm file, another process would not heed our locks.
func (c *condition) replaced() error {
	if isReplaced(c.path, c.opened) || isReplaced(c.real+"-wal", c.log) || isReplaced(c.real+"-shm", c.index) {
		return storage.ErrReplaced
	}
	return nil
}

// isUnlocked reports whether another process may have had the file open without our locks:
// the -shm file that holds them was replaced, or lost its name as the log did, since the
// last process to close the file removes both. Then not even the log may be moved into the
// file, over what the other wrote.
func (c *condition) isUnlocked() bool {
	if !isReplaced(c.real+"-shm", c.index) || isReplaced(c.path, c.opened) {
		return false
	}
	_, err := os.Stat(c.real + "-shm")
	return err == nil || isReplaced(c.real+"-wal", c.log)
}

func isReplaced(path string, opened fs.FileInfo) bool {
	if opened == nil {
		return false
	}
	now, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(opened, now)
}

// refusal returns why no write may begin.
func (c *condition) refusal() error {
	switch err := c.replaced(); {
	case err != nil:
		return err
	case c.damaged.Load():
		return storage.ErrDamaged
	case c.readOnly:
		return storage.ErrReadOnly
	}
	return nil
}

// Begin implements sqldb.Engine. Every write transaction begins here.
func (e *engine) Begin(ctx context.Context, begin func() error) error {
	if err := e.condition.refusal(); err != nil {
		return err
	}
	return retryBusy(ctx, begin)
}

// Commit implements sqldb.Engine. It does not commit when the file was replaced since the
// transaction began: that might destroy what others wrote, or no one would find it.
func (e *engine) Commit(commit func() error) error {
	if err := e.condition.replaced(); err != nil {
		return err
	}
	if err := commit(); err != nil {
		return err
	}
	e.condition.written.Store(true)
	return e.condition.replaced()
}

// note learns from a driver error.
func (c *condition) note(err error) {
	switch {
	case isDamage(err):
		c.damaged.Store(true)
	case isFull(err):
		c.full.Store(true)
	}
}

func isDamage(err error) bool {
	c := code(err)
	return c == lib.SQLITE_CORRUPT || c == lib.SQLITE_NOTADB || extendedCode(err) == lib.SQLITE_IOERR_SHORT_READ
}

// isFull reports whether the disk had no room, also for the -shm file that SQLite shares
// between processes.
func isFull(err error) bool {
	return code(err) == lib.SQLITE_FULL || extendedCode(err) == lib.SQLITE_IOERR_SHMSIZE
}

// Condition returns why the database takes no writes now, as an error of package
// storage, or nil.
func (d *DB) Condition() error {
	if err := d.condition.refusal(); err != nil {
		return err
	}
	if d.condition.full.Load() {
		return storage.ErrFull
	}
	return nil
}

// Ping reports whether the database can be read and written now. It looks whether a disk
// that was full has room again.
func (d *DB) Ping(ctx context.Context) error {
	if d.condition.full.Load() && hasSpace(filepath.Dir(d.File())) {
		d.condition.full.Store(false)
	}
	err := d.Condition()
	if errors.Is(err, storage.ErrReplaced) && !d.condition.isUnlocked() {
		return errors.Join(err, d.emptyLog(ctx))
	}
	if err != nil {
		return err
	}
	return d.checkReadable(ctx)
}

// minSpace is what a disk must have to count as not full, in bytes: enough for some changes.
const minSpace = 256 << 10

// hasSpace reports whether the disk has room for some changes.
func hasSpace(dir string) bool {
	f, err := os.CreateTemp(dir, ".clientele-space-*")
	if err == nil {
		_, err = f.Write(make([]byte, minSpace))
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT)
}

// emptyLog moves the write-ahead log of a file that was replaced into that file, wherever
// it is now. Otherwise SQLite would take the log for that of the file which has the name
// now, and mix the two.
func (d *DB) emptyLog(ctx context.Context) error {
	return d.WithWriter(ctx, func(c *sqldb.Conn) error {
		_, err := c.One("PRAGMA wal_checkpoint(TRUNCATE)")
		return err
	})
}

// checkReadable reports whether the database can be read.
func (d *DB) checkReadable(ctx context.Context) error {
	var n int
	err := d.Readers.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'customer'").Scan(&n)
	if err != nil {
		d.condition.note(err)
		return explainFile(d.File(), err)
	}
	if n != 1 {
		return fmt.Errorf("database %s has lost its tables: restore it from a backup", d.File())
	}
	return nil
}
