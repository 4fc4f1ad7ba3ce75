package importer

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/cell"
	"github.com/clientele-project/clientele/internal/importer/spill"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// maxFirstPruned bounds Report.FirstPruned.
	maxFirstPruned = 100
	// pruneRows bounds how many customers one transaction prunes.
	pruneRows = 500
)

// pruning finds the customers that a file no longer has. A nil one finds none.
type pruning struct {
	// worker is the only owner whose customers the file has, "" when
	// it has those of all.
	worker      string
	pruneAnyway bool
	// ids and names are those of customers that rows may be about, beside the customers that
	// they were matched to: these stay.
	ids, names *spill.Index
	// refusal says at which row it shows that any customer may be in the file, "" for none.
	refusal string
}

// newPruning returns nil unless opts.Prune is set.
func newPruning(opts Options, namesOwners bool) *pruning {
	if !opts.Prune {
		return nil
	}
	p := &pruning{pruneAnyway: opts.PruneAnyway, ids: spill.NewIndex(), names: spill.NewIndex()}
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

// refuse records that nothing can be pruned because of a row.
func (p *pruning) refuse(format string, r *mappedRow) {
	if p != nil && p.refusal == "" {
		p.refusal = fmt.Sprintf(format, problemAt(r.Row, "", "").Where())
	}
}

const (
	unreadable = "the file can't be read at %s"
	untied     = "%s doesn't show which customer it is about"
)

// keep records customers that a row may be about.
func (p *pruning) keep(ids ...string) {
	for _, id := range ids {
		if p != nil && id != "" {
			p.ids.Set(id, 1)
		}
	}
}

// keepNamesakes records that a row that is known by its name alone may be about any
// customer with that name.
func (p *pruning) keepNamesakes(r *mappedRow) {
	isWhole := func(key string) bool { return isEmailKey(key) || strings.HasPrefix(key, "+") }
	if p != nil && r.id == "" && r.words != "" && !slices.ContainsFunc(r.keys, isWhole) {
		p.names.Set(r.words, 1)
	}
}

// recordUsedRow records what else a row may be about that was matched to the customer with
// an id. The same must come out when the file is imported again, although the row may
// have created that customer.
func (p *pruning) recordUsedRow(r *mappedRow, id string) {
	p.keepNamesakes(r)
	if r.mayBeCutOff {
		p.refuse(unreadable, r)
	}
	if (r.lostID || r.lostNumbers) && id == r.hashID || id == r.id && cell.IsDateWord(id) {
		p.refuse(untied, r)
	}
}

// recordUnusedRow records which customers a row that is not used may be about.
func (w *writer) recordUnusedRow(ctx context.Context, tx customer.Tx, r *mappedRow) error {
	p := w.pruning
	if p == nil {
		return nil
	}
	p.keep(r.id, r.hashID)
	p.keepNamesakes(r)
	found := false
	if r.id != "" {
		_, err := tx.Get(ctx, r.id)
		if found = err == nil || !r.wrongWidth; err != nil && !errors.Is(err, customer.ErrNotFound) {
			return err
		}
	}
	for _, key := range r.keys {
		ids, err := w.findByContact(ctx, tx, key)
		if err != nil {
			return err
		}
		p.keep(ids...)
		found = found || len(ids) > 0
	}
	switch {
	case r.Malformed != "":
		p.refuse(unreadable, r)
	case r.reject != "" && !found, r.lostID, r.lostNumbers:
		p.refuse(untied, r)
	}
	return nil
}

// mayBeInFile reports whether a row may have been about a customer that none was matched to.
func (w *writer) mayBeInFile(c customer.Customer) bool {
	saved := cell.SavedNumber(c.ID)
	return w.pruning.names.Has(nameWords(c.Name)) || saved != c.ID && w.positions.Has(saved)
}

// prune deletes the customers that the file no longer has, or only counts them. All of
// the file must have been read.
func (w *writer) prune(ctx context.Context, store Store, dry bool) error {
	p, r := w.pruning, &w.report
	if p == nil {
		return nil
	}
	absent, err := w.findAbsent(ctx, store)
	if err != nil {
		return fmt.Errorf("finding customers missing from the file failed: %w", err)
	}
	if !dry {
		r.PruneScope -= r.Created
	}
	switch {
	case r.Absent == 0:
		return nil
	case r.Created+r.Updated+r.Unchanged == 0:
		r.PruneReason = "no row of the file could be imported"
	case p.refusal != "":
		r.PruneUnread = true
		r.PruneReason = p.refusal + ", so missing customers are unknown: correct that row, or export the file again"
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
	for len(absent) > 0 {
		done, pruned, err := p.delete(ctx, store, absent[:min(len(absent), pruneRows)])
		if err != nil {
			return fmt.Errorf("deleting customers missing from the file failed: %w", err)
		}
		absent = absent[done:]
		r.Pruned += pruned
	}
	return nil
}

// findAbsent returns the ids of the customers that the file no longer has, and reports them.
func (w *writer) findAbsent(ctx context.Context, store Store) (absent []string, err error) {
	p, r, kept := w.pruning, &w.report, 0
	sum := fnv.New64a()
	for c, err := range store.All(ctx) {
		if err != nil {
			return nil, err
		}
		if !p.covers(c) {
			continue
		}
		r.PruneScope++
		if w.positions.Has(c.ID) || p.ids.Has(c.ID) {
			continue
		}
		if w.mayBeInFile(c) {
			kept++
			continue
		}
		absent = append(absent, c.ID)
		io.WriteString(sum, c.ID+"\x00")
		if len(r.FirstPruned) < maxFirstPruned {
			_, others := p.without(c)
			r.FirstPruned = append(r.FirstPruned, Pruned{ID: c.ID, Name: c.Name, Released: others})
		}
	}
	if kept > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("Customers kept that a row may be about: %d. It has their name and no complete address, or their id as a spreadsheet writes it.", kept))
	}
	r.Absent, r.AbsentChecksum = len(absent), sum.Sum64()
	return absent, nil
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
