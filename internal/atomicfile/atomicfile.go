// Package atomicfile replaces a file completely or not at all.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// Replace replaces file by what fn writes to the empty file that it is given, or to its
// name. Only the owner can read it. It is on the disk when Replace returns nil; after an
// error, file is as it was, or replaced completely.
func Replace(file string, fn func(f *os.File) error) error {
	dir := filepath.Dir(file)
	f, err := os.CreateTemp(dir, ".clientele-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing once it is renamed
	defer f.Close()
	if err := fn(f); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return err
	}
	return SyncDir(dir)
}

// SyncDir makes the names in a directory durable: a power failure may otherwise undo a
// rename.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" { // cannot sync a directory
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
