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
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// mostPruned bounds Report.FirstPruned.
	mostPruned = 100
	// pruneRows is how many customers one transaction prunes at most.
	pruneRows = 500
)

// pruning finds the customers that a file no longer has.
type pruning struct {
	// worker is whose customers alone the file speaks of, by identity key; "" is all.
	worker string
	insist bool
	// seen are those that rows which were not used are about.
	seen *claims
	// unread is where it first cannot be told whom the file is about, "" for nowhere:
	// a row that cannot be read, or the end of a file that was cut off.
	unread string
}

// newPruning is nil, which is of no use, unless it was asked for.
func newPruning(opts Options, namesOwners bool) *pruning {
	if !opts.Prune {
		return nil
	}
	p := &pruning{insist: opts.Insist, seen: newClaims()}
	if !namesOwners && opts.Worker != customer.Everyone {
		p.worker = text.IdentityKey(opts.Worker)
	}
	return p
}

// covers tells whether the file speaks of a customer.
func (p *pruning) covers(c customer.Customer) bool {
	return p.worker == "" || hasIdentity(c.Workers, p.worker)
}

// without answers c as it is when the worker whose file it is no longer has it, and
// whether somebody else does.
func (p *pruning) without(c customer.Customer) (customer.Customer, bool) {
	if p.worker == "" {
		return c, false
	}
	c.Workers = slices.DeleteFunc(slices.Clone(c.Workers), func(w string) bool { return text.IdentityKey(w) == p.worker })
	return c, len(c.Workers) > 0
}

// sight remembers whom a row is about that is not used: they are in the file.
func (w *writer) sight(ctx context.Context, tx customer.Tx, r *record) error {
	if w.pruning == nil {
		return nil
	}
	if w.pruning.unread == "" && (r.bad != "" || r.reject != "" && r.id == "" && r.hashID == "" && len(r.keys) == 0) {
		w.pruning.unread = r.problem("", "").Where()
	}
	if r.id != "" {
		w.pruning.seen.add(r.id, 1)
		return nil
	}
	if r.hashID != "" {
		w.pruning.seen.add(r.hashID, 1)
	}
	for _, key := range r.keys {
		ids, err := w.at(ctx, tx, key)
		if err != nil {
			return err
		}
		for _, id := range ids {
			w.pruning.seen.add(id, 1)
		}
	}
	return nil
}

// met tells whether a row was about a customer.
func (w *writer) met(id string) bool {
	return w.claims.place(id) != 0 || w.pruning.seen.place(id) != 0
}

// prune deletes whom the file no longer has, or only counts them; to be called when
// all of the file was read.
func (w *writer) prune(ctx context.Context, store Store, dry bool) error {
	p, r := w.pruning, &w.report
	if p == nil {
		return nil
	}
	var absent []string
	sum := fnv.New64a()
	for c, err := range store.All(ctx) {
		if err != nil {
			return fmt.Errorf("looking for customers that the file no longer has failed: %w", err)
		}
		if !p.covers(c) {
			continue
		}
		r.PruneScope++
		if w.met(c.ID) {
			continue
		}
		absent = append(absent, c.ID)
		io.WriteString(sum, c.ID+"\x00")
		if len(r.FirstPruned) < mostPruned {
			_, others := p.without(c)
			r.FirstPruned = append(r.FirstPruned, Pruned{ID: c.ID, Name: c.Name, Released: others})
		}
	}
	r.Absent, r.AbsentSum = len(absent), sum.Sum64()
	if !dry {
		r.PruneScope -= r.Created // what was before is what counts
	}
	switch {
	case r.Absent == 0:
		return nil
	case r.Created+r.Updated+r.Unchanged == 0:
		r.PruneReason = "none of the rows of the file could be used"
	case p.unread != "":
		r.PruneUnread = true
		r.PruneReason = fmt.Sprintf("the file cannot be read at %s, so that nobody knows whom it no longer has: save it again, or correct it", p.unread)
	case !p.insist && r.Absent*100 > r.PruneScope*PrunePercent:
		r.PruneReason = fmt.Sprintf("the file no longer has %d of %d customers, which is more than %d %%", r.Absent, r.PruneScope, PrunePercent)
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
				return fmt.Errorf("deleting customers that the file no longer has failed: %w", err)
			}
			ids = ids[done:]
			r.Pruned += pruned
		}
	}
	return nil
}

// delete prunes as many of ids as one transaction has time for: done, of which some
// may have gone or changed hands meanwhile.
func (p *pruning) delete(ctx context.Context, store Store, ids []string) (done, pruned int, err error) {
	err = store.Update(ctx, func(tx customer.Tx) error {
		for began := time.Now(); done < len(ids) && time.Since(began) < txTime; done++ {
			c, err := tx.Get(ctx, ids[done])
			if errors.Is(err, customer.ErrNotFound) || err == nil && !p.covers(c) {
				continue
			} else if err != nil {
				return err
			}
			if left, others := p.without(c); others {
				err = tx.Put(ctx, left)
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
