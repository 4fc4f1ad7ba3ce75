package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/clientele-project/clientele/internal/atomicfile"
	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store/sqlite/migrations"
)

// Restore puts a copy of the backup in the place of a database that no program has open.
// The database that was there, if any, stays as aside.
func Restore(ctx context.Context, backup, database string, now time.Time) (aside string, err error) {
	if backup, err = absolute(backup); err != nil {
		return "", err
	}
	if database, err = absolute(database); err != nil {
		return "", err
	}
	if err := checkBackup(ctx, backup); err != nil {
		return "", err
	}
	if err := checkPlace(database); err != nil {
		return "", err
	}
	unlock, err := lockUnused(database)
	if err != nil {
		return "", err
	}
	defer unlock()
	aside = fmt.Sprintf("%s.before-restore-%s", database, now.UTC().Format("20060102T150405.000"))
	err = atomicfile.Replace(database, func(copy *os.File) error {
		if err := copyFile(copy, backup); err != nil {
			return err
		}
		if err := verifyFile(ctx, copy.Name()); err != nil {
			return explainBackup(backup, err)
		}
		return moveAside(database, aside)
	})
	if _, serr := os.Stat(aside); errors.Is(serr, fs.ErrNotExist) {
		aside = ""
	}
	switch {
	case err != nil && aside != "":
		return "", fmt.Errorf("restore database %s: %w; the database that was there is now %s", database, err, aside)
	case err != nil:
		return "", fmt.Errorf("restore database %s: %w", database, err)
	}
	return aside, nil
}

// checkBackup rejects what is no whole database that this program can open.
func checkBackup(ctx context.Context, backup string) error {
	f, err := os.Open(backup)
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	if info.IsDir() {
		return fmt.Errorf("backup %s is a directory: name a file in it", backup)
	}
	if info.Size() == 0 {
		return fmt.Errorf("backup %s is empty: name another file", backup)
	}
	if err := errors.Join(checkHeader(backup, f), checkUnused(backup)); err != nil {
		return err
	}
	p, err := openPool(readOnlyNoLog.dsn(backup, "deferred", busyTimeout, generalCacheKiB), 1, &condition{})
	if err != nil {
		return err
	}
	defer p.Close()
	version, err := schemaVersion(ctx, p)
	if err != nil {
		return explainBackup(backup, err)
	}
	all, err := readMigrations(migrations.Files)
	if err != nil {
		return err
	}
	if err := checkVersion(version, len(all)); err != nil {
		return explainFile(backup, err)
	}
	return nil
}

// explainBackup is explainFile for a backup: a damaged one cannot be restored from itself.
func explainBackup(backup string, err error) error {
	if isDamage(err) || errors.Is(err, storage.ErrDamaged) {
		return fmt.Errorf("backup %s is damaged: name another one", backup)
	}
	return explainFile(backup, err)
}

func copyFile(to *os.File, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if _, err := io.Copy(to, in); err != nil {
		return err
	}
	return to.Sync()
}

// moveAside renames a database together with its write-ahead log, which is part of it.
// Its -shm file is not.
func moveAside(database, aside string) error {
	for _, suffix := range []string{"-wal", ""} {
		if err := os.Rename(database+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Remove(database + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(database))
}
