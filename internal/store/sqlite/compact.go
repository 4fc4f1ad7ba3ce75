package sqlite

import (
	"context"
	"database/sql/driver"
	"sort"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
)

// blockSizes are the measures of search blocks; tests have smaller ones.
type blockSizes struct {
	// docs and bytes bound a block: whichever is reached first.
	docs, bytes int
	// few documents are too few for a block of their own beside a neighbour.
	few int
	// perArc is about how many blocks of a large owner are searched in one go.
	perArc int
}

var usualBlocks = blockSizes{docs: 256, bytes: 40 << 10, few: 64, perArc: 64}

const (
	// pendingFew is never worth a compaction, pendingMost always.
	pendingFew  = 64
	pendingMost = 2048
	// compactFor is about how long Compact keeps other writers waiting.
	compactFor = 200 * time.Millisecond
)

// Compact makes searches fast after very many changes: it writes anew what they
// read, and moves the write-ahead log into the file. Searches answer rightly
// before, meanwhile and after.
//
// It does not run ANALYZE. Each of our statements has one plan that is right
// whatever the tables hold; and once there are statistics, SQLite plans a
// statement anew whenever its parameters change, which costs more than running it.
func (s *Customers) Compact(ctx context.Context) error {
	if err := s.compactAll(ctx, 0); err != nil {
		return err
	}
	return s.withWriter(ctx, func(c *conn) error {
		_, err := c.one("PRAGMA wal_checkpoint(PASSIVE)")
		return err
	})
}

// Maintain does what keeps a long-running process fast and its file small:
// compacts what an interrupted import left behind, and purges. It is cheap when
// there is nothing to do. Meant for the start of a process and every hour.
func (s *Customers) Maintain(ctx context.Context) error {
	if err := s.compactAll(ctx, pendingFew); err != nil {
		return err
	}
	_, err := s.Purge(ctx)
	return err
}

// compactAll compacts every owner with more than few documents pending.
func (s *Customers) compactAll(ctx context.Context, few int64) error {
	var owners []int64
	err := s.view(ctx, func(c *conn) error {
		return c.each(func(v []driver.Value) error {
			owners = append(owners, v[0].(int64))
			return nil
		}, "SELECT owner FROM search_pending GROUP BY owner HAVING count(*) > ?", few)
	})
	if err != nil {
		return err
	}
	for len(owners) > 0 {
		err := s.writing(ctx, func(c *conn) error {
			for start := time.Now(); len(owners) > 0 && time.Since(start) < compactFor; owners = owners[1:] {
				if err := s.compact(ctx, c, owners[0]); err != nil {
					return err
				}
			}
			return c.exec("UPDATE state SET generation = generation + 1 WHERE id = 1")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// compactIfDue compacts an owner that has many documents pending for its size.
func (s *Customers) compactIfDue(ctx context.Context, c *conn, owner int64) error {
	pending, err := count(c, "SELECT count(*) FROM (SELECT 1 FROM search_pending WHERE owner = ? LIMIT ? + 0)", owner, int64(pendingMost+1))
	if err != nil || pending <= pendingFew {
		return err
	}
	if pending <= pendingMost {
		// A quarter of what is in blocks, which hold about that many each.
		enough := 4 * pending / int64(s.blocks.docs)
		blocks, err := count(c, "SELECT count(*) FROM (SELECT 1 FROM search_block WHERE owner = ? LIMIT ? + 0)", owner, enough+1)
		if err != nil || blocks > enough {
			return err
		}
	}
	return s.compact(ctx, c, owner)
}

func count(c *conn, sql string, args ...driver.Value) (int64, error) {
	row, err := c.one(sql, args...)
	if err != nil {
		return 0, err
	}
	return row[0].(int64), nil
}

// compact brings an owner's blocks up to date: it rewrites those that pending
// documents are in or belong in, and leaves the others.
func (s *Customers) compact(ctx context.Context, c *conn, owner int64) error {
	var bounds [][]byte // bounds[i] begins segment i; the first one begins before all
	err := c.each(func(v []driver.Value) error {
		bounds = append(bounds, v[0].([]byte))
		return nil
	}, "SELECT first FROM search_block WHERE owner = ? ORDER BY first", owner)
	if err != nil {
		return err
	}
	segments := max(len(bounds), 1)
	stale := make([]bool, segments)
	mark := func(place driver.Value) {
		if p, ok := place.([]byte); ok {
			i := sort.Search(len(bounds), func(i int) bool { return string(bounds[i]) > string(p) })
			stale[max(i-1, 0)] = true
		}
	}
	if len(bounds) == 0 {
		stale[0] = true
	} else if err := c.each(func(v []driver.Value) error {
		mark(v[0])
		mark(v[1])
		return nil
	}, "SELECT was, now FROM search_pending WHERE owner = ?", owner); err != nil {
		return err
	}
	b := builder{c: c, owner: owner, sizes: s.blocks}
	for i := range segments {
		// What is left over of the segments before goes on into the next one, if it
		// is too little for a block.
		if !stale[i] && (len(b.docs) == 0 || len(b.docs) >= s.blocks.few) {
			if err := b.flush(); err != nil {
				return err
			}
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		from, to := []byte{}, []byte(nil)
		if i > 0 {
			from = bounds[i]
		}
		if i+1 < len(bounds) {
			to = bounds[i+1]
		}
		var at []byte
		if i < len(bounds) {
			at = bounds[i]
		}
		if err := b.rebuild(at, from, to); err != nil {
			return err
		}
	}
	if err := b.flush(); err != nil {
		return err
	}
	if max(segments, b.written) >= 2*s.blocks.perArc {
		if err := split(c, owner, s.blocks.perArc); err != nil {
			return err
		}
	}
	return c.exec("DELETE FROM search_pending WHERE owner = ?", owner)
}

// builder writes blocks anew, in list order.
type builder struct {
	c     *conn
	owner int64
	sizes blockSizes

	first []byte // the place of the first document that waits
	rows  []int64
	docs  [][]byte
	size  int
	block []byte

	written int // blocks
}

// rebuild takes the documents of the segment between two places, whose block
// begins at the place at (nil when there is none yet).
func (b *builder) rebuild(at, from, to []byte) error {
	old := map[int64][]byte{}
	if at != nil {
		row, err := b.c.one("DELETE FROM search_block WHERE owner = ? AND first = ? RETURNING docs", b.owner, at)
		if err != nil {
			return err
		}
		rows, docs, err := customer.ReadBlock(row[0].([]byte))
		if err != nil {
			rows, docs = nil, nil // made anew from the customers
		}
		for i, pk := range rows {
			old[pk] = docs[i]
		}
	}
	take := func(v []driver.Value) error {
		pk := v[0].(int64)
		doc, _ := v[3].([]byte)
		if v[2] == nil { // not pending
			kept, ok := old[pk]
			if !ok {
				var err error
				if kept, err = redocument(b.c, pk); err != nil {
					return err
				}
			}
			doc = kept
		}
		return b.add(v[1].([]byte), pk, doc)
	}
	const rows = `SELECT a.pk, a.place, p.pk, p.doc FROM assignment a
		LEFT JOIN search_pending p ON p.owner = a.owner AND p.pk = a.pk
		WHERE a.owner = ? AND a.place >= ? `
	if to == nil {
		return b.c.each(take, rows+"ORDER BY a.place", b.owner, from)
	}
	return b.c.each(take, rows+"AND a.place < ? ORDER BY a.place", b.owner, from, to)
}

// redocument makes the document of a customer from what is kept: only for a
// block that cannot be read.
func redocument(c *conn, pk int64) ([]byte, error) {
	row, err := c.one("SELECT place, avatar, body FROM customer WHERE pk = ?", pk)
	if err != nil || row == nil {
		return nil, err
	}
	found, err := decodeCustomer(row[0].([]byte), row[1].(string), row[2].(string))
	if err != nil {
		return nil, err
	}
	return customer.Document(found), nil
}

func (b *builder) add(place []byte, pk int64, doc []byte) error {
	if len(b.docs) > 0 && (len(b.docs) >= b.sizes.docs || b.size+len(doc) > b.sizes.bytes) {
		if err := b.flush(); err != nil {
			return err
		}
	}
	if len(b.docs) == 0 {
		b.first = place
	}
	b.rows, b.docs = append(b.rows, pk), append(b.docs, doc)
	b.size += len(doc)
	return nil
}

// flush writes what waits as a block.
func (b *builder) flush() error {
	if len(b.docs) == 0 {
		return nil
	}
	b.written++
	b.block = customer.AppendBlock(b.block[:0], b.rows, b.docs)
	err := b.c.exec("INSERT INTO search_block (owner, first, docs) VALUES (?, ?, ?)", b.owner, b.first, b.block)
	clear(b.docs)
	b.rows, b.docs, b.size = b.rows[:0], b.docs[:0], 0
	return err
}
