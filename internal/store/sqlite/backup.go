package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/clientele-project/clientele/internal/atomicfile"
	"github.com/clientele-project/clientele/internal/storage"
)

// Backup replaces file by a copy of the database as it is at one moment; others can read
// and write meanwhile. The copy was checked and is on the disk, or file is as it was. Only
// its owner can read it.
func (d *DB) Backup(ctx context.Context, file string) error {
	file, err := absolute(file)
	if err != nil {
		return err
	}
	if err := checkUnused(file); err != nil {
		return err
	}
	if err := checkPlace(file); err != nil {
		return err
	}
	err = atomicfile.Replace(file, func(copy *os.File) error {
		p, err := openPool(d.access.dsn(d.File(), "deferred", busyTimeout, generalCacheKiB), 1, d.condition)
		if err != nil {
			return err
		}
		defer p.Close()
		// Free pages, and deleted customers in them, are left out.
		if _, err := p.ExecContext(ctx, "VACUUM INTO ?", copy.Name()); err != nil {
			d.condition.note(err)
			return explainFile(d.File(), err)
		}
		if err := verifyFile(ctx, copy.Name()); err != nil {
			return explainFile(d.File(), err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write the backup %s: %w", file, err)
	}
	return nil
}

// checkUnused rejects the name of a database that a program has open, or that was not
// closed: its log would be taken for that of the file which replaces it.
func checkUnused(file string) error {
	if info, err := os.Stat(file + "-wal"); err == nil && info.Size() > 0 {
		return fmt.Errorf("%s is a database in use: name another file", file)
	}
	return nil
}

// checkPlace rejects a path at which no file can be put.
func checkPlace(file string) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory: name a file in it", file)
	}
	if _, err := os.Stat(filepath.Dir(file)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the directory of %s does not exist: create it first, or name another path", file)
	}
	return nil
}

// verifyFile returns storage.ErrDamaged if a file that no one writes is damaged.
func verifyFile(ctx context.Context, file string) error {
	p, err := openPool(readOnlyNoLog.dsn(file, "deferred", busyTimeout, generalCacheKiB), 1, &condition{})
	if err != nil {
		return err
	}
	defer p.Close()
	problems, err := verify(ctx, p, "quick_check", maxProblems)
	if len(problems) > 0 {
		return storage.ErrDamaged
	}
	return err
}
