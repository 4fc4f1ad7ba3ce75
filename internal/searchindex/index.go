// Package searchindex is the search index of customers, for every database. It has each
// owner's search documents in list order, a few hundred to a block. What changes goes into
// the owner's journal first, which searches read too, and into the blocks later: Merge.
//
// A block covers a part of an owner's list: from the sort key at which it begins to that
// of the next block. Searches rely on this alone: the documents of a block, changed by what
// the journal has for its part of the list, are those of that part of the list.
//
// A journal consists of runs. A transaction packs its entries for an owner into runs of up to
// Sizes.Docs entries, one row of the database each.
//
// The database keeps blocks and journals, and lists to make them from: Reader, Writer.
package searchindex

import (
	"context"
	"time"
)

// Owners that are no workers.
const (
	OwnerAll        = -1 // has every customer
	OwnerUnassigned = -2 // has the customers without a worker
)

// Reader reads an index in one snapshot of the database.
type Reader interface {
	// Journal calls fn with the runs of an owner's journal, in the order of the sort keys at
	// which they begin. A newer run has a larger ID.
	Journal(owner int64, fn func(id int64, run []byte) error) error
	// Scan calls fn with an owner's blocks in order, those that begin at from or later but
	// before to (nil: all), until fn has enough. It leaves out those for whose signature (nil:
	// it has none) wanted returns false. The functions must not keep bytes, nor use the Reader.
	Scan(owner int64, from, to []byte, wanted func(signature []byte) bool, fn func(first, block []byte) (enough bool, err error)) error
	// Bounds returns where the block that covers a key begins and where the next one does,
	// nil when there is none.
	Bounds(owner int64, key []byte) (begin, next []byte, err error)
	// List calls fn with the first limit customers (0: all) of an owner's list from one sort
	// key to before another (nil: to the end).
	List(owner int64, from, to []byte, limit int, fn func(row int64, key []byte) error) error
	// Document makes the document of a customer from its row, nil when there is none.
	Document(row int64) ([]byte, error)
	// Half returns where the second half begins of an owner's blocks from a key on, and another
	// Reader of the same snapshot to use at the same time, until end. There is none, nil, when
	// there are few blocks, or no other Reader now.
	Half(owner int64, from []byte, few int) (middle []byte, second Reader, end func(), err error)
}

// Writer writes an index, in one transaction.
type Writer interface {
	Reader
	// PutRun adds a run of n entries, the first of them at a sort key, to an owner's journal:
	// with the ID of one that was taken in this transaction, or as the newest when that is 0.
	PutRun(owner, id int64, first []byte, n int, run []byte) error
	// TakeRuns deletes the runs that begin before a sort key (nil: all) and calls fn with
	// them.
	TakeRuns(owner int64, before []byte, fn func(id int64, run []byte) error) error
	// NextRun returns where the first run begins of those that begin at a key or later, nil
	// when there is none.
	NextRun(owner int64, from []byte) ([]byte, error)
	// TakeBlock deletes the block that begins at a key and returns it, nil when there is none.
	TakeBlock(owner int64, first []byte) ([]byte, error)
	// PutBlock adds a block with its signature, nil when it has none.
	PutBlock(owner int64, first, block, signature []byte) error
}

// Store is the database of an index.
type Store interface {
	// Update runs fn in a transaction, which is committed when fn returns nil. Other
	// processes can write before the next.
	Update(ctx context.Context, fn func(Writer) error) error
	// Journals returns the owners with more than so many entries in their journals, and more
	// than so many for each of their blocks.
	Journals(ctx context.Context, entries, perBlock int64) (owners []int64, err error)
}

// Sizes are the limits of blocks and merging; the zero value means the defaults. Tests
// use small ones.
type Sizes struct {
	// Docs and Bytes bound a block, whichever is reached first.
	Docs, Bytes int
	// MinDocs bounds small blocks: fewer documents go into the next block, if there is one.
	MinDocs int
	// SignedBytes is how long a block must be to get a signature.
	SignedBytes int
	// FewBlocks are searched by one Reader, and up to so many of more; the others by a second.
	FewBlocks int
	// StepRows is how many rows of a list a step of merging reads; more than Docs.
	StepRows int
	// Transaction is about how long merging keeps other writers waiting.
	Transaction time.Duration
}

var usualSizes = Sizes{Docs: 256, Bytes: 40 << 10, MinDocs: 64, SignedBytes: 8 << 10, FewBlocks: 64, StepRows: 2048, Transaction: 150 * time.Millisecond}

// Index is the search index in a database. It is safe for concurrent use.
type Index struct {
	store Store
	sizes Sizes
}

// New returns the index in store.
func New(store Store, sizes Sizes) *Index {
	if sizes == (Sizes{}) {
		sizes = usualSizes
	}
	return &Index{store, sizes}
}
