package sqlite

import (
	"os"
	"sync"
	"sync/atomic"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// logHeader is the header of the index of the write-ahead log, in memory that all processes
// share. SQLite itself compares it to learn whether the pages that it has in memory are still
// those of the file; to ask SQLite costs a read transaction. See "WAL-Index Header" in
// https://www.sqlite.org/walformat.html.
type logHeader struct {
	users atomic.Int32 // the DBs; the last one closes it

	mu     sync.RWMutex
	file   *os.File // open for as long as SQLite has it open: closing it drops SQLite's locks
	mapped []byte   // nil where there is no such memory
}

func (h *logHeader) open(path string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.file, h.mapped = mapFile(path)
}

// release ends the use by a DB. SQLite must have closed the file in it.
func (h *logHeader) release() {
	if h.users.Add(-1) > 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.mapped != nil {
		unmap(h.mapped)
		h.mapped = nil
	}
	if h.file != nil {
		h.file.Close()
		h.file = nil
	}
}

// version returns the version of the database now. It is not ok while a commit is under way,
// and where it is not known.
func (h *logHeader) version() (v sqldb.Version, ok bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.mapped == nil {
		return v, false
	}
	copy(v[:], h.mapped)
	return v, string(h.mapped[len(v):2*len(v)]) == string(v[:]) // a commit writes one, then the other
}

// Version implements sqldb.Engine.
func (e *engine) Version() (v sqldb.Version, ok bool) { return e.condition.header.version() }

// Outdate implements sqldb.Engine: Version sees every commit.
func (e *engine) Outdate() {}
