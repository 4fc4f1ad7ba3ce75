package sqldb

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
)

// dsn returns a data source name with the pragmas of every connection of a pool.
// page_size only matters while the file is empty, and must come before WAL.
func dsn(abs, txlock string, wait time.Duration, cacheKiB int, more ...string) string {
	pragmas := append([]string{
		fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()),
		fmt.Sprintf("page_size(%d)", pageSize),
		"journal_mode(WAL)",
		"synchronous(NORMAL)",
		"foreign_keys(1)",
		"temp_store(MEMORY)",
		fmt.Sprintf("cache_size(-%d)", cacheKiB),
	}, more...)
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: url.Values{
		"_pragma": pragmas,
		"_txlock": {txlock},
	}.Encode()}
	return u.String()
}

func openPool(dsn string, conns int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	p := sql.OpenDB(connector)
	p.SetMaxOpenConns(conns)
	p.SetMaxIdleConns(conns)
	return p, nil
}

// prepareFile creates the file if it is new, unreadable for other users, since it
// will hold customers. It rejects files that can never work with a clear error.
func prepareFile(abs string) error {
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the directory of database %s does not exist: create it first, or name another path", abs)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("database %s cannot be read and written by this user: change its owner or permissions", abs)
	case err != nil:
		if info, serr := os.Stat(abs); serr == nil && info.IsDir() {
			return fmt.Errorf("database %s is a directory: name a file in it", abs)
		}
		return fmt.Errorf("open database: %w", err)
	}
	defer f.Close()
	head := make([]byte, 100) // the header of every SQLite file
	n, err := io.ReadFull(f, head)
	if n == 0 {
		return nil // new
	}
	if err != nil || !bytes.HasPrefix(head, []byte("SQLite format 3\x00")) {
		return fmt.Errorf("%s is not a database of Clientele: name another file, or move this one away", abs)
	}
	// Read from the header, so that another program's file is never touched. Our
	// own file has neither number when its creation was interrupted.
	schema, id := binary.BigEndian.Uint32(head[40:]), binary.BigEndian.Uint32(head[68:])
	if id != applicationID && (id != 0 || schema != 0) {
		return fmt.Errorf("database %s: %w", abs, errOtherProgram)
	}
	return nil
}
