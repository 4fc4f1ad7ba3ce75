// Package searchindex is the search index of the customers in a database. It holds
// each owner's documents in list order, many to a block. What changes is pending
// at first, which searches read too, and goes into blocks later: compaction.
//
// Begin records the changes of a transaction, Find searches, and Compact and
// Maintain keep searches fast. The index owns the tables search_block and
// search_pending, the columns `splits` and `renew_from` of owner, and of state: generation, the
// columns sweep_*, register_from and unassigned_from. Of other tables it reads the
// sort keys (column `place`) in assignment and customer; all else it is given.
package searchindex

import (
	"time"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// Owners that are no workers.
const (
	OwnerAll        = -1 // has every customer
	OwnerUnassigned = -2 // has the customers without a worker
)

// Sizes are the limits of blocks and compaction; the zero value means the defaults.
// Tests use small ones.
type Sizes struct {
	// Docs and Bytes bound a block, whichever is reached first.
	Docs, Bytes int
	// MinDocs bounds small blocks: fewer documents go into the next block, if there
	// is one.
	MinDocs int
	// RangeBlocks is about how many blocks a range of a parallel scan has.
	RangeBlocks int
	// StepRows is how many rows a step of a compaction reads.
	StepRows int
	// BulkPending is the number of pending documents from which an owner gets a bulk
	// compaction.
	BulkPending int64
	// Transaction is about how long Compact keeps other writers waiting.
	Transaction time.Duration
}

var usualSizes = Sizes{Docs: 256, Bytes: 40 << 10, MinDocs: 64, RangeBlocks: 64, StepRows: 2048, BulkPending: 20_000, Transaction: 150 * time.Millisecond}

// DocumentFunc makes the document of a customer from its row, nil when there is no
// such row.
type DocumentFunc func(c *sqldb.Conn, pk int64) ([]byte, error)

// Index is the search index in a database. It is safe for concurrent use.
type Index struct {
	db       *sqldb.DB
	sizes    Sizes
	document DocumentFunc
	scanner  *blockScanner
}

// New returns the index in db. It must be called before the first read of db.
func New(db *sqldb.DB, sizes Sizes, document DocumentFunc) (*Index, error) {
	if sizes == (Sizes{}) {
		sizes = usualSizes
	}
	scanner, err := newBlockScanner(db)
	return &Index{db, sizes, document, scanner}, err
}
