//go:build unix

package sqlite

import (
	"os"
	"syscall"
)

// mapFile maps the first page of a file into memory, for reading; nil where it cannot.
func mapFile(path string) (file *os.File, mapped []byte) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil
	}
	mapped, err = syscall.Mmap(int(file.Fd()), 0, os.Getpagesize(), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return file, nil // not closed: see logHeader
	}
	return file, mapped
}

func unmap(mapped []byte) { _ = syscall.Munmap(mapped) }
