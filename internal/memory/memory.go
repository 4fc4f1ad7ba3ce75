// Package memory finds how much memory the process may use, and sizes caches and work so
// that they fit.
package memory

import (
	"io/fs"
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// Budget is how much memory Go may use in this process. The zero value has no limit.
type Budget struct {
	limit, enough int64 // bytes
}

// Find returns the budget of this process: GOMEMLIMIT, or four fifths of the limit of its
// control group, whichever is less. The rest is for SQLite's caches and the program itself.
// enough is how many bytes there must be for everything to have its full size.
func Find(enough int64) Budget {
	limit := int64(math.MaxInt64)
	if group := groupLimit(os.DirFS("/")); group < limit {
		limit = group / 5 * 4
	}
	if isSet() {
		limit = min(limit, debug.SetMemoryLimit(-1))
	}
	if limit == math.MaxInt64 {
		return Budget{}
	}
	return Budget{limit, enough}
}

// Scale returns the size of what has size n with enough memory: in proportion to the budget.
func (b Budget) Scale(n int) int {
	if b.limit >= b.enough {
		return n
	}
	return int(int64(n) * b.limit / b.enough)
}

// LimitGo lets the garbage collector run more often when Go uses more than want bytes, or
// more than the budget. GOMEMLIMIT is kept as it is.
func (b Budget) LimitGo(want int64) {
	if isSet() {
		return
	}
	if b.limit > 0 {
		want = min(want, b.limit)
	}
	debug.SetMemoryLimit(want)
}

// isSet reports whether GOMEMLIMIT is set, which the Go runtime has read.
func isSet() bool { return os.Getenv("GOMEMLIMIT") != "" }

// groupLimit returns the lowest memory limit of the process's control group and those
// around it, or math.MaxInt64. root is the root of the file system.
func groupLimit(root fs.FS) int64 {
	limit := int64(math.MaxInt64)
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return limit // not Linux
	}
	for line := range strings.Lines(string(groups)) { // ID:CONTROLLERS:PATH, without controllers in version 2
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		top, files := "sys/fs/cgroup", []string{"memory.max", "memory.high"}
		if parts[1] == "memory" {
			top, files = "sys/fs/cgroup/memory", []string{"memory.limit_in_bytes"}
		} else if parts[1] != "" {
			continue
		}
		// In a container, the path may be the host's, while top is the container's group.
		for dir := path.Join(top, parts[2]); ; dir = path.Dir(dir) {
			for _, name := range files {
				if n, ok := readLimit(root, path.Join(dir, name)); ok {
					limit = min(limit, n)
				}
			}
			if len(dir) <= len(top) {
				break
			}
		}
	}
	return limit
}

// readLimit reads a limit in bytes. Version 2 writes "max" for none, and version 1 a number
// near 1<<63.
func readLimit(root fs.FS, name string) (int64, bool) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil && n > 0 && n < 1<<60
}
