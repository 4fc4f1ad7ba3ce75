package customers

import (
	"bytes"
	"database/sql/driver"
	"math/rand/v2"
	"slices"

	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// blockCache keeps the search blocks that were read from a server in memory, by their ids. A
// block is never changed, and its id is random: a server that takes over without the last
// changes would count from an earlier number. It is safe for concurrent use.
type blockCache = lru.Cache[int64, cachedBlock]

type cachedBlock struct{ signature, docs []byte }

const (
	blockCacheBytes = 96 << 20 // of all blocks
	minBlockBytes   = 1 << 10  // what each counts as at least
)

func newBlockCache(scale func(int) int) *blockCache {
	bytes := scale(blockCacheBytes)
	return lru.New[int64, cachedBlock](bytes/minBlockBytes, bytes, nil)
}

func newBlockID() int64 { return rand.Int64() }

// blocksAtOnce is how many blocks a scan has in memory besides those in the cache.
const blocksAtOnce = 16

// indexContents says what the indexes of some owners consist of, in one snapshot.
type indexContents map[int64]*ownerContents

type ownerContents struct {
	blocks  []listedBlock // in list order
	journal bool          // there are entries in the journal
}

type listedBlock struct {
	id    int64
	first []byte
}

// load returns the generation of the customers. On a server, it reads with it what the indexes of
// two owners, or twice the same, consist of.
func (t searchTables) load(owner, other int64) (generation int64, err error) {
	if t.blocks == nil {
		return t.c.Count(generationSQL)
	}
	t.contents[owner], t.contents[other] = &ownerContents{}, &ownerContents{}
	err = t.c.Each(func(v []driver.Value) error {
		switch first := sqldb.BytesOf(v[2]); {
		case v[0] == nil:
			generation = v[1].(int64)
		case first == nil:
			t.contents[v[0].(int64)].journal = true
		default:
			of := t.contents[v[0].(int64)]
			of.blocks = append(of.blocks, listedBlock{v[1].(int64), first})
		}
		return nil
	}, `SELECT owner, id, first FROM search_block WHERE owner IN (?, ?)
		UNION ALL SELECT DISTINCT owner, 0, NULL::bytea FROM search_journal WHERE owner IN (?, ?)
		UNION ALL SELECT NULL, generation, NULL FROM state WHERE id = 1`, owner, other, owner, other)
	for _, of := range t.contents {
		slices.SortFunc(of.blocks, func(a, b listedBlock) int { return bytes.Compare(a.first, b.first) })
	}
	return generation, err
}

// listBlocks returns the blocks that begin at from or later but before to (nil: all).
func (t searchTables) listBlocks(owner int64, from, to []byte) ([]listedBlock, error) {
	if t.contents[owner] == nil {
		if _, err := t.load(owner, owner); err != nil {
			return nil, err
		}
	}
	of := t.contents[owner]
	return of.blocks[of.at(from):of.at(end(to))], nil
}

// at returns the index of the first block that begins at key or later.
func (o *ownerContents) at(key []byte) int {
	i, _ := slices.BinarySearchFunc(o.blocks, key, func(b listedBlock, key []byte) int { return bytes.Compare(b.first, key) })
	return i
}

// bounds returns where the block that covers a key begins and where the next one does.
func (o *ownerContents) bounds(key []byte) (begin, next []byte) {
	i := o.at(append(bytes.Clone(key), 0))
	if i > 0 {
		begin = o.blocks[i-1].first
	}
	if i < len(o.blocks) {
		next = o.blocks[i].first
	}
	return begin, next
}

// cachedHalf returns where the second half begins of the blocks from a sort key on, nil when
// they are few.
func (t searchTables) cachedHalf(owner int64, from []byte, few int) ([]byte, error) {
	blocks, err := t.listBlocks(owner, from, nil)
	if half := max(len(blocks)/2, few); half < len(blocks) {
		return blocks[half].first, err
	}
	return nil, err
}

// scanCached is Scan over blocks in the cache, or else read.
func (t searchTables) scanCached(owner int64, from, to []byte, wanted func(signature []byte) bool, fn func(first, block []byte) (enough bool, err error)) error {
	list, err := t.listBlocks(owner, from, to)
	if err != nil {
		return err
	}
	var read map[int64]cachedBlock
	for i, l := range list {
		block, ok := t.blocks.Get(l.id)
		if !ok {
			block, ok = read[l.id]
		}
		if !ok {
			if read, err = t.readBlocks(list[i:]); err != nil {
				return err
			}
			block = read[l.id]
		}
		if !wanted(block.signature) {
			continue
		}
		if enough, err := fn(l.first, block.docs); enough || err != nil {
			return err
		}
	}
	return nil
}

// readBlocks reads the first of these blocks and some that follow and are not in the cache, and
// puts them there.
func (t searchTables) readBlocks(list []listedBlock) (map[int64]cachedBlock, error) {
	var missing []int64
	for i, l := range list {
		if _, ok := t.blocks.Get(l.id); !ok || i == 0 {
			missing = append(missing, l.id)
		}
		if len(missing) == blocksAtOnce {
			break
		}
	}
	read := make(map[int64]cachedBlock, len(missing))
	return read, sqldb.EachOf(t.c, missing, func(v []driver.Value) error {
		b := cachedBlock{sqldb.BytesOf(v[1]), sqldb.BytesOf(v[2])}
		read[v[0].(int64)] = b
		t.blocks.Put(v[0].(int64), b, max(minBlockBytes, len(b.docs)+len(b.signature)))
		return nil
	}, "SELECT b.id, signature, docs FROM search_block b LEFT JOIN search_signature s ON s.block = b.id WHERE b.id IN (%s)")
}
