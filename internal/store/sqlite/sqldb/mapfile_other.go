//go:build !unix

package sqldb

import "os"

// mapFile maps nothing here: a Cache then reads the database each time.
func mapFile(*os.File, int) []byte { return nil }

func unmap([]byte) {}
