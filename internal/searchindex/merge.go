package searchindex

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/search"
)

// Merge puts the journals of owners into blocks: of those with more than so many entries,
// and more than so many for each block, since a block is rewritten even for one. Searches are
// right before, during and after it, and other processes can write during it.
func (x *Index) Merge(ctx context.Context, entries, perBlock int64) error {
	owners, err := x.store.Journals(ctx, entries, perBlock)
	from := []byte{}
	var damaged error
	for err == nil && len(owners) > 0 {
		rest, next := owners, from
		err = x.store.Update(ctx, func(w Writer) (err error) {
			until := time.Now().Add(x.sizes.Transaction)
			for {
				m := merger{x: x, w: w, owner: rest[0], from: next}
				if next, err = m.run(ctx, until); err != nil || next != nil {
					return err
				}
				rest, next = rest[1:], []byte{}
				if len(rest) == 0 || time.Now().After(until) {
					return nil
				}
			}
		})
		switch {
		case err == nil:
			owners, from = rest, next
		case errors.Is(err, errCorruptRun):
			// The journals of the others must not grow for ever: those before this one in the
			// transaction, which was undone, are merged again.
			damaged, err = err, nil
			corrupt := len(owners) - len(rest)
			if corrupt == 0 {
				from = []byte{}
			}
			owners = slices.Delete(owners, corrupt, corrupt+1)
		}
	}
	return errors.Join(damaged, err)
}

// A merger rewrites blocks of an owner in one transaction.
type merger struct {
	x     *Index
	w     Writer
	owner int64
	from  []byte // where it began
	runs  []takenRun

	// The documents that wait for their block.
	first []byte // the sort key of the first
	rows  []int64
	docs  [][]byte
	size  int

	block, signature []byte // buffers
}

// run rewrites blocks until the time is up. It returns the key to continue from, nil at the
// end.
func (m *merger) run(ctx context.Context, until time.Time) (from []byte, err error) {
	from = m.from
	if err := m.takeRuns(from); err != nil {
		return nil, err
	}
	for steps := 0; from != nil && (steps == 0 || time.Now().Before(until)); steps++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		begin, next, err := m.part(from)
		from = nil
		if err == nil && begin != nil {
			from, err = m.rewrite(begin, next)
		}
		if err != nil {
			return nil, err
		}
	}
	return from, errors.Join(m.flush(), m.putRunsBack())
}

// part returns the part of the list to rewrite from a sort key on: it begins at begin, nil
// when there is nothing to do, and ends before next, nil at the end of the list.
func (m *merger) part(from []byte) (begin, next []byte, err error) {
	if len(m.docs) > 0 { // they go into one block with what follows
		_, next, err = m.w.Bounds(m.owner, from)
		return from, next, err
	}
	if from, err = m.nextEntry(from); err != nil || from == nil {
		return nil, nil, err
	}
	begin, next, err = m.w.Bounds(m.owner, from)
	if begin == nil {
		begin = []byte{}
	}
	return begin, next, err
}

// rewrite makes the blocks of a part of the list from its old block and the journal. It
// returns where it ended: before next if the part has too many rows for one step.
func (m *merger) rewrite(begin, next []byte) (end []byte, err error) {
	old, err := m.take(begin)
	if err != nil {
		return nil, err
	}
	type listed struct {
		row int64
		key []byte
	}
	var list []listed
	end = next
	err = m.w.List(m.owner, begin, next, m.x.sizes.StepRows+1, func(row int64, key []byte) error {
		if len(list) == m.x.sizes.StepRows {
			end = key
			return nil
		}
		list = append(list, listed{row, key})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := m.takeRuns(end); err != nil {
		return nil, err
	}
	changed := map[int64][]byte{}
	m.eachEntry(end, func(e Entry) {
		if e.Doc != nil {
			changed[e.Row] = e.Doc
		} else {
			delete(old.docs, e.Row)
		}
	})
	for _, l := range list {
		doc := changed[l.row]
		if doc == nil {
			doc = old.docs[l.row]
		}
		delete(old.docs, l.row)
		if err := m.add(l.key, l.row, doc); err != nil {
			return nil, err
		}
	}
	if string(end) != string(next) { // what is left of the old block is behind end
		err = m.putRest(end, old)
	} else if len(m.docs) >= m.x.sizes.MinDocs {
		err = m.flush()
	}
	return end, err
}

// oldBlock is the content of a block, with the rows in list order.
type oldBlock struct {
	rows []int64
	docs map[int64][]byte
}

// take deletes a block and returns its content.
func (m *merger) take(first []byte) (oldBlock, error) {
	old := oldBlock{docs: map[int64][]byte{}}
	block, err := m.w.TakeBlock(m.owner, first)
	if err != nil || block == nil {
		return old, err
	}
	rows, docs, err := search.ReadBlock(block)
	if err != nil {
		return old, nil // damaged: its documents are made from the customers again
	}
	old.rows = rows
	for i, row := range rows {
		old.docs[row] = docs[i]
	}
	return old, nil
}

// putRest writes the rest of a block as one of its own, even if it is empty: what the journal
// has for that part of the list says nothing about the block before.
func (m *merger) putRest(first []byte, old oldBlock) error {
	rest := merger{x: m.x, w: m.w, owner: m.owner, first: first}
	for _, row := range old.rows {
		if doc, ok := old.docs[row]; ok {
			if err := rest.put(row, doc); err != nil {
				return err
			}
		}
	}
	return rest.write()
}

// add adds a customer to the blocks.
func (m *merger) add(key []byte, row int64, doc []byte) error {
	if len(m.docs) > 0 && (len(m.docs) >= m.x.sizes.Docs || m.size+len(doc) > m.x.sizes.Bytes) {
		if err := m.flush(); err != nil {
			return err
		}
	}
	if len(m.docs) == 0 {
		m.first = key
	}
	return m.put(row, doc)
}

// put adds a customer to the documents that wait; an empty one is made from the customer.
func (m *merger) put(row int64, doc []byte) (err error) {
	if len(doc) == 0 {
		if doc, err = m.w.Document(row); err != nil || doc == nil {
			return err
		}
	}
	m.rows, m.docs = append(m.rows, row), append(m.docs, doc)
	m.size += len(doc)
	return nil
}

// flush writes the documents that wait as a block.
func (m *merger) flush() error {
	if len(m.docs) == 0 {
		return nil
	}
	return m.write()
}

func (m *merger) write() error {
	m.block = search.AppendBlock(m.block[:0], m.rows, m.docs)
	clear(m.docs)
	m.rows, m.docs, m.size = m.rows[:0], m.docs[:0], 0
	if len(m.block) < m.x.sizes.SignedBytes {
		return m.w.PutBlock(m.owner, m.first, m.block, nil)
	}
	var err error
	if m.signature, err = search.AppendSignature(m.signature[:0], m.block); err != nil {
		return err
	}
	return m.w.PutBlock(m.owner, m.first, m.block, m.signature)
}
