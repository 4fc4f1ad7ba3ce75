//go:build unix

package sqldb

import (
	"os"
	"syscall"
)

// mapFile maps the beginning of a file into memory, for reading; nil where it cannot.
func mapFile(file *os.File, bytes int) []byte {
	mapped, err := syscall.Mmap(int(file.Fd()), 0, bytes, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	return mapped
}

func unmap(mapped []byte) { _ = syscall.Munmap(mapped) }
