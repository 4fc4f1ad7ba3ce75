//go:build !unix

package sqlite

import "os"

// mapFile maps nothing here: a Cache then reads the database each time.
func mapFile(string) (file *os.File, mapped []byte) { return nil, nil }

func unmap([]byte) {}
