package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
)

// writer brings the store into line with records, in the order of the file.
type writer struct {
	worker      string
	maxProblems int
	claims      *claims
	// crowded are the addresses of too many customers to tell them apart by.
	crowded map[string]bool
	// empty: the store was, at the beginning. metID: a row with an id was used.
	empty, metID bool
	pruning      *pruning // nil when it was not asked for
	rejects      *rejectWriter
	report       Report
}

// outcome is what became of a row.
type outcome uint8

const (
	outcomeNone outcome = iota
	outcomeCreated
	outcomeUpdated
	outcomeUnchanged
	outcomeSkipped
	outcomeRejected
	outcomeRemoved
)

// verdict is what became of a row and why.
type verdict struct {
	outcome    outcome
	reason     string
	unassigned bool
}

// write brings records into the transaction, and answers how many: all of them,
// unless it is later than until.
func (w *writer) write(ctx context.Context, tx customer.Tx, records []record, until time.Time) (int, error) {
	for i := range records {
		if i%64 == 0 {
			if ctx.Err() != nil {
				return i, ctx.Err()
			}
			if i > 0 && !until.IsZero() && time.Now().After(until) {
				return i, nil
			}
		}
		r := &records[i]
		v, err := w.one(ctx, tx, r)
		if err != nil {
			return i, fmt.Errorf("%s: %w", r.problem("", "").Where(), err)
		}
		w.tally(r, v)
	}
	return len(records), nil
}

func (w *writer) one(ctx context.Context, tx customer.Tx, r *record) (verdict, error) {
	switch {
	case r.blank:
		return verdict{}, nil
	case r.reject != "":
		return verdict{outcome: outcomeRejected, reason: r.reject}, w.sight(ctx, tx, r)
	case r.skip != "":
		return verdict{outcome: outcomeSkipped, reason: r.skip}, w.sight(ctx, tx, r)
	}
	if len(r.id) > customer.MaxIDBytes { // not to look it up
		return verdict{outcome: outcomeRejected, reason: fmt.Sprintf("the id is longer than %d bytes", customer.MaxIDBytes)}, nil
	}
	if place := w.metBefore(r); place != 0 {
		return verdict{outcome: outcomeSkipped, reason: fmt.Sprintf("%s with the same address or number is already %s", quote(r.name), placed(place))}, nil
	}
	old, err := w.find(ctx, tx, r)
	if err != nil {
		return verdict{}, err
	}
	if old.removed != nil {
		return verdict{outcome: outcomeRemoved, reason: fmt.Sprintf("%s was deleted in the console on %s by %s",
			quote(r.name), old.removed.At.UTC().Format("2 January 2006"), plainTo(old.removed.By, 5*maxQuoted))}, nil
	}
	now := r.apply(old.Customer, w.worker)
	unchanged := old.kept && same(old.Customer, now)
	if place := w.claims.place(old.ID); place != 0 {
		return verdict{outcome: outcomeSkipped, reason: repeated(r, place, unchanged)}, nil
	}
	v := verdict{outcome: outcomeUnchanged, unassigned: len(now.Workers) == 0}
	if !unchanged {
		var invalid *customer.InvalidError
		switch err := tx.Put(ctx, now); {
		case errors.As(err, &invalid):
			if w.pruning != nil {
				w.pruning.seen.add(old.ID, 1)
			}
			return verdict{outcome: outcomeRejected, reason: invalid.Reason}, nil
		case err != nil:
			return verdict{}, err
		case old.kept:
			v.outcome = outcomeUpdated
		default:
			v.outcome = outcomeCreated
		}
	}
	w.claims.add(old.ID, r.place())
	w.metID = w.metID || r.id != ""
	w.meet(r, r.place())
	return v, nil
}

// metBefore answers the place of an earlier row without an id that has the same
// name and shares an address, 0 when there is none.
func (w *writer) metBefore(r *record) int {
	if r.id != "" {
		return 0
	}
	for _, key := range r.keys {
		if place := w.claims.place(r.words + "\x00" + key); place != 0 {
			w.meet(r, place) // its other addresses are of the same person
			return place
		}
	}
	return 0
}

// meet remembers the name and addresses of a row without an id.
func (w *writer) meet(r *record, place int) {
	if r.id != "" {
		return
	}
	for _, key := range r.keys {
		w.claims.add(r.words+"\x00"+key, place)
	}
}

// repeated says in plain words that a row is about a customer met before.
func repeated(r *record, place int, unchanged bool) string {
	who := "customer " + quote(r.id)
	if r.id == "" {
		who = quote(r.name)
	}
	if unchanged {
		return fmt.Sprintf("%s is already %s and says the same", who, placed(place))
	}
	return fmt.Sprintf("%s is already %s with other content, which was kept", who, placed(place))
}

// tally counts what became of a row, and keeps it when it was not used.
func (w *writer) tally(r *record, v verdict) {
	if v.outcome == outcomeNone {
		return
	}
	w.report.Rows++
	switch v.outcome {
	case outcomeCreated:
		w.report.Created++
	case outcomeUpdated:
		w.report.Updated++
	case outcomeUnchanged:
		w.report.Unchanged++
	case outcomeSkipped:
		w.report.Skipped++
		w.refuse(r.item, Skipped, v.reason)
		return
	case outcomeRejected:
		w.report.Rejected++
		w.refuse(r.item, Rejected, v.reason)
		return
	case outcomeRemoved:
		w.report.Removed++
		w.refuse(r.item, Removed, v.reason)
		return
	}
	if v.unassigned {
		w.report.Unassigned++
	}
	w.report.UnknownNumbers += r.unknownNumbers
	for _, remark := range r.remarks {
		note(&w.report.Remarks, &w.report.MoreRemarks, w.maxProblems, r.problem(Noted, remark))
	}
}

func (w *writer) refuse(it item, what, reason string) {
	note(&w.report.Problems, &w.report.MoreProblems, w.maxProblems, it.problem(what, reason))
	w.rejects.keep(it, reason)
}
