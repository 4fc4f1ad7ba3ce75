package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// access is how the file is opened, as parameters of a data source name.
type access string

const (
	// shared is the usual one: other processes can open the file too.
	shared access = "mode=rw"
	// exclusive needs no -shm file, for which a full disk has no room. Until it is closed,
	// other processes find the database busy.
	exclusive access = "mode=rw&vfs=unix-excl"
	// On a read-only file system SQLite reads the write-ahead log if there is one, and
	// otherwise must be told that it needs none.
	readOnlyLog   access = "mode=ro"
	readOnlyNoLog access = "immutable=1"
)

func (a access) isReadOnly() bool { return a == readOnlyLog || a == readOnlyNoLog }

// dsn returns a data source name with the pragmas of every connection of a pool.
// page_size only matters while the file is empty, and must come before WAL: the driver runs
// the pragmas in the order of the alphabet, and _journal_mode after them.
func (a access) dsn(abs, txlock string, wait time.Duration, cacheKiB int, more ...string) string {
	pragmas := []string{fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds())}
	query := url.Values{"_txlock": {txlock}}
	if !a.isReadOnly() {
		pragmas = append(pragmas, fmt.Sprintf("page_size(%d)", pageSize))
		query.Set("_journal_mode", "WAL")
	}
	pragmas = append(pragmas,
		"foreign_keys(1)",
		"temp_store(MEMORY)",
		fmt.Sprintf("cache_size(-%d)", cacheKiB),
	)
	query["_pragma"] = append(pragmas, more...)
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: string(a) + "&" + query.Encode()}
	return u.String()
}

// absolute returns the absolute path of a file, which a data source name needs.
func absolute(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("find the path of %s: %w", file, err)
	}
	return abs, nil
}

// prepareFile creates the file if it is new, unreadable for other users, since it
// will hold customers, and returns how to open it. It rejects files that can never work
// with a clear error.
func prepareFile(abs string) (access, error) {
	how := shared
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, syscall.EROFS) {
		how = readOnlyNoLog
		if info, serr := os.Stat(abs + "-wal"); serr == nil && info.Size() > 0 {
			how = readOnlyLog
		}
		if f, err = os.Open(abs); err != nil {
			return "", fmt.Errorf("database %s cannot be created or opened, and its file system is read-only: make it writable", abs)
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the directory of database %s does not exist: create it first, or name another path", abs)
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("database %s cannot be read and written by this user: change its owner or permissions", abs)
	case err != nil:
		if info, serr := os.Stat(abs); serr == nil && info.IsDir() {
			return "", fmt.Errorf("database %s is a directory: name a file in it", abs)
		}
		return "", fmt.Errorf("open database: %w", err)
	}
	defer f.Close()
	return how, checkHeader(abs, f)
}

// checkHeader rejects what is neither empty nor a database of ours.
func checkHeader(file string, r io.Reader) error {
	head := make([]byte, 100) // the header of every SQLite file
	n, err := io.ReadFull(r, head)
	if n == 0 {
		return nil // new
	}
	if err != nil || !bytes.HasPrefix(head, []byte("SQLite format 3\x00")) {
		return fmt.Errorf("%s is not a database of Clientele: name another file, or move this one away", file)
	}
	// Read from the header, so that another program's file is never touched. Our
	// own file has neither number when its creation was interrupted.
	schema, id := binary.BigEndian.Uint32(head[40:]), binary.BigEndian.Uint32(head[68:])
	if id != applicationID && (id != 0 || schema != 0) {
		return fmt.Errorf("database %s: %w", file, errOtherProgram)
	}
	return nil
}
