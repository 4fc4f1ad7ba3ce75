package customers

import (
	"database/sql/driver"
	"math/rand/v2"

	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// blockCache keeps the search blocks that were read from a server in memory, by their ids. A
// block is never changed, and its id is random: a server that takes over without the last
// changes would count from an earlier number. It is safe for concurrent use.
type blockCache = lru.Cache[int64, cachedBlock]

type cachedBlock struct{ first, signature, docs []byte }

const (
	blockCacheBytes = 64 << 20 // of all blocks
	minBlockBytes   = 1 << 10  // what each counts as at least
)

func newBlockCache(scale func(int) int) *blockCache {
	bytes := scale(blockCacheBytes)
	return lru.New[int64, cachedBlock](bytes/minBlockBytes, bytes, nil)
}

func newBlockID() int64 { return rand.Int64() }

// blocksAtOnce is how many blocks a scan has in memory besides those in the cache.
const blocksAtOnce = 16

// scanCached is Scan over blocks in the cache, or else read.
func (t searchTables) scanCached(owner int64, from, to []byte, wanted func(signature []byte) bool, fn func(first, block []byte) (enough bool, err error)) error {
	ids, err := sqldb.Column[int64](t.c, "SELECT id FROM search_block WHERE owner = ? AND first >= ? AND first < ? ORDER BY first", owner, from, end(to))
	if err != nil {
		return err
	}
	var read map[int64]cachedBlock
	for i, id := range ids {
		block, ok := t.blocks.Get(id)
		if !ok {
			block, ok = read[id]
		}
		if !ok {
			if read, err = t.readBlocks(ids[i:]); err != nil {
				return err
			}
			block = read[id]
		}
		if !wanted(block.signature) {
			continue
		}
		if enough, err := fn(block.first, block.docs); enough || err != nil {
			return err
		}
	}
	return nil
}

// readBlocks reads the first of these blocks not in the cache, and puts them there.
func (t searchTables) readBlocks(ids []int64) (map[int64]cachedBlock, error) {
	var missing []int64
	for _, id := range ids {
		if _, ok := t.blocks.Get(id); !ok {
			missing = append(missing, id)
		}
		if len(missing) == blocksAtOnce {
			break
		}
	}
	read := make(map[int64]cachedBlock, len(missing))
	return read, sqldb.EachOf(t.c, missing, func(v []driver.Value) error {
		b := cachedBlock{sqldb.BytesOf(v[1]), sqldb.BytesOf(v[2]), sqldb.BytesOf(v[3])}
		read[v[0].(int64)] = b
		t.blocks.Put(v[0].(int64), b, max(minBlockBytes, len(b.docs)+len(b.signature)))
		return nil
	}, "SELECT b.id, first, signature, docs FROM search_block b LEFT JOIN search_signature s ON s.block = b.id WHERE b.id IN (%s)")
}
