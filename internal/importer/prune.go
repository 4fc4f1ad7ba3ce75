package importer

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/spill"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// maxFirstPruned bounds Report.FirstPruned.
	maxFirstPruned = 100
	// pruneRows bounds how many customers one transaction prunes.
	pruneRows = 500
)

// pruning finds the customers that a file no longer has.
type pruning struct {
	// worker is the only owner whose customers the file has, "" when
	// it has those of all.
	worker      string
	pruneAnyway bool
	// unusedRowIDs are the ids in skipped and rejected rows: these customers stay.
	unusedRowIDs *spill.Index
	// unread is the position of the first row that does not show which customer it is
	// about, "" for none: one that cannot be read, or that was cut off.
	unread string
}

// newPruning returns nil unless opts.Prune is set.
func newPruning(opts Options, namesOwners bool) *pruning {
	if !opts.Prune {
		return nil
	}
	p := &pruning{pruneAnyway: opts.PruneAnyway, unusedRowIDs: spill.NewIndex()}
	if !namesOwners && opts.Worker != customer.Everyone {
		p.worker = opts.Worker
	}
	return p
}

// covers reports whether the file should have a customer.
func (p *pruning) covers(c customer.Customer) bool {
	return p.worker == "" || text.ContainsIdentity(c.Workers, p.worker)
}

// without returns c without the owner whose file it is, and whether it has others.
func (p *pruning) without(c customer.Customer) (customer.Customer, bool) {
	if p.worker == "" {
		return c, false
	}
	c.Workers = slices.DeleteFunc(slices.Clone(c.Workers), func(w string) bool { return text.SameIdentity(w, p.worker) })
	return c, len(c.Workers) > 0
}

// setUnread records that the file cannot be read, or may be cut off, at a row.
func (p *pruning) setUnread(r *mappedRow) {
	if p != nil && p.unread == "" {
		p.unread = problemAt(r.Row, "", "").Where()
	}
}

// recordUnusedRow records which customers a row that is not used is about: the file has
// them.
func (w *writer) recordUnusedRow(ctx context.Context, tx customer.Tx, r *mappedRow) error {
	if w.pruning == nil {
		return nil
	}
	if r.Malformed != "" || r.reject != "" && r.id == "" && r.hashID == "" && len(r.keys) == 0 {
		w.pruning.setUnread(r)
	}
	if r.id != "" {
		w.pruning.unusedRowIDs.Set(r.id, 1)
		return nil
	}
	if r.hashID != "" {
		w.pruning.unusedRowIDs.Set(r.hashID, 1)
	}
	for _, key := range r.keys {
		ids, err := w.findByContact(ctx, tx, key)
		if err != nil {
			return err
		}
		for _, id := range ids {
			w.pruning.unusedRowIDs.Set(id, 1)
		}
	}
	return nil
}

// inFile reports whether a row was about a customer.
func (w *writer) inFile(id string) bool {
	return w.positions.Has(id) || w.pruning.unusedRowIDs.Has(id)
}

// prune deletes the customers that the file no longer has, or only counts them. All of
// the file must have been read.
func (w *writer) prune(ctx context.Context, store Store, dry bool) error {
	p, r := w.pruning, &w.report
	if p == nil {
		return nil
	}
	var absent []string
	sum := fnv.New64a()
	for c, err := range store.All(ctx) {
		if err != nil {
			return fmt.Errorf("finding customers missing from the file failed: %w", err)
		}
		if !p.covers(c) {
			continue
		}
		r.PruneScope++
		if w.inFile(c.ID) {
			continue
		}
		absent = append(absent, c.ID)
		io.WriteString(sum, c.ID+"\x00")
		if len(r.FirstPruned) < maxFirstPruned {
			_, others := p.without(c)
			r.FirstPruned = append(r.FirstPruned, Pruned{ID: c.ID, Name: c.Name, Released: others})
		}
	}
	r.Absent, r.AbsentChecksum = len(absent), sum.Sum64()
	if !dry {
		r.PruneScope -= r.Created
	}
	switch {
	case r.Absent == 0:
		return nil
	case r.Created+r.Updated+r.Unchanged == 0:
		r.PruneReason = "no row of the file could be imported"
	case p.unread != "":
		r.PruneUnread = true
		r.PruneReason = fmt.Sprintf("the file can't be read at %s, so missing customers are unknown: save it again or correct it", p.unread)
	case !p.pruneAnyway && r.Absent*100 > r.PruneScope*PrunePercent:
		r.PruneReason = fmt.Sprintf("%d of %d customers are missing from the file, more than %d%%", r.Absent, r.PruneScope, PrunePercent)
	}
	if r.PruneRefused = r.PruneReason != ""; r.PruneRefused {
		return nil
	}
	if dry {
		r.Pruned = r.Absent
		return nil
	}
	for ids := range slices.Chunk(absent, pruneRows) {
		for len(ids) > 0 {
			done, pruned, err := p.delete(ctx, store, ids)
			if err != nil {
				return fmt.Errorf("deleting customers missing from the file failed: %w", err)
			}
			ids = ids[done:]
			r.Pruned += pruned
		}
	}
	return nil
}

// delete prunes as many of ids as one transaction has time for. It returns how many
// these are, and how many of them were pruned: some may have changed meanwhile.
func (p *pruning) delete(ctx context.Context, store Store, ids []string) (done, pruned int, err error) {
	err = store.Update(ctx, func(tx customer.Tx) error {
		for start := time.Now(); done < len(ids) && time.Since(start) < maxTxTime; done++ {
			c, err := tx.Get(ctx, ids[done])
			if errors.Is(err, customer.ErrNotFound) || err == nil && !p.covers(c) {
				continue
			} else if err != nil {
				return err
			}
			if rest, others := p.without(c); others {
				err = tx.Put(ctx, rest)
			} else {
				err = tx.Delete(ctx, c.ID)
			}
			if err != nil {
				return err
			}
			pruned++
		}
		return nil
	})
	return done, pruned, err
}
