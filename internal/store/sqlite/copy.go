package sqlite

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

// Copy writes the database in file, as it is at one moment, to a new file, which
// only this user can read. Others read and write the database meanwhile. When it
// fails or ctx ends, what is in the new file is of no use, and the caller's to
// remove.
func Copy(ctx context.Context, file, to string) error {
	abs, err := filepath.Abs(file)
	if err != nil {
		return fmt.Errorf("find the place of database %s: %w", file, err)
	}
	if err := prepareFile(abs); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make a copy of the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("make a copy of the database: %w", err)
	}
	// Not through Open: that would bring the schema of the original up to date.
	from := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: url.Values{
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), fmt.Sprintf("cache_size(-%d)", readerCacheKiB)},
	}.Encode()}
	db, err := pool(from.String(), 1)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return explain(abs, err)
	}
	return nil
}
