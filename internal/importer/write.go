package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/rejects"
	"github.com/clientele-project/clientele/internal/importer/spill"
)

// writer writes mapped rows to the store, in the order of the file.
type writer struct {
	worker      string
	maxProblems int
	// positions are where in the file each customer was, by id, and each name with an
	// address: see nameContactKey.
	positions *spill.Index
	// tooCommon are the addresses that too many customers share.
	tooCommon map[string]bool
	// wasEmpty reports whether the store had no customers before; usedID, whether a row
	// with an id was used.
	wasEmpty, usedID bool
	pruning          *pruning // nil unless Options.Prune is set
	owners           ownerCounter
	rejects          *rejects.Writer
	problems         *problemWriter
	report           Report
}

// result is what was done with a row: a Problem's Outcome and why, or one of the
// outcomes of a row that was used. A blank row has none.
type result struct {
	outcome, reason string
	unassigned      bool
}

const (
	created   = "created"
	updated   = "updated"
	unchanged = "unchanged"
)

// write writes rows in the transaction until the deadline, if there is one, and
// returns how many.
func (w *writer) write(ctx context.Context, tx customer.Tx, rows []mappedRow, deadline time.Time) (int, error) {
	for i := range rows {
		if i%64 == 0 {
			if ctx.Err() != nil {
				return i, ctx.Err()
			}
			if i > 0 && !deadline.IsZero() && time.Now().After(deadline) {
				return i, nil
			}
			var ids []string
			for _, r := range rows[i:min(i+64, len(rows))] {
				ids = append(ids, cmp.Or(r.id, r.hashID))
			}
			if err := tx.Prefetch(ctx, ids); err != nil {
				return i, err
			}
		}
		r := &rows[i]
		res, err := w.writeRow(ctx, tx, r)
		if err != nil {
			return i, fmt.Errorf("%s: %w", problemAt(r.Row, "", "").Where(), err)
		}
		w.count(r, res)
	}
	return len(rows), nil
}

func (w *writer) writeRow(ctx context.Context, tx customer.Tx, r *mappedRow) (result, error) {
	switch {
	case r.blank:
		return result{}, nil
	case r.reject != "":
		return result{outcome: Rejected, reason: r.reject}, w.recordUnusedRow(ctx, tx, r)
	case r.skip != "":
		return result{outcome: Skipped, reason: r.skip}, w.recordUnusedRow(ctx, tx, r)
	}
	if len(r.id) > customer.MaxIDBytes {
		return result{outcome: Rejected, reason: fmt.Sprintf("the id is longer than %d bytes", customer.MaxIDBytes)}, nil
	}
	if pos := w.earlierRow(r); pos != 0 {
		return result{outcome: Skipped, reason: fmt.Sprintf("duplicate: %s with the same email or number is already %s", quote(r.name), describePosition(pos))},
			w.recordUnusedRow(ctx, tx, r)
	}
	old, err := w.match(ctx, tx, r)
	if err != nil {
		return result{}, err
	}
	if old.deleted != nil {
		return result{outcome: PreviouslyDeleted, reason: fmt.Sprintf("%s was deleted in the console on %s by %s",
			quote(r.name), old.deleted.At.UTC().Format("2 January 2006"), sanitizeTo(old.deleted.By, 5*maxQuoted))}, nil
	}
	if r.exported && r.lostID && !old.exists { // its customers are known by their ids elsewhere
		return result{outcome: Rejected, reason: r.remarks[0]}, w.recordUnusedRow(ctx, tx, r)
	}
	now := r.apply(old.Customer, w.worker)
	changed := !old.exists || !same(old.Customer, now)
	if pos := w.positions.Get(old.ID); pos != 0 {
		return result{outcome: Skipped, reason: duplicateReason(r, pos, changed)}, w.recordUnusedRow(ctx, tx, r)
	}
	res := result{outcome: unchanged, unassigned: len(now.Workers) == 0}
	if changed {
		var invalid *customer.InvalidError
		switch err := tx.Put(ctx, now); {
		case errors.As(err, &invalid):
			w.pruning.keep(old.ID)
			return result{outcome: Rejected, reason: invalid.Reason}, w.recordUnusedRow(ctx, tx, r)
		case err != nil:
			return result{}, err
		case old.exists:
			res.outcome = updated
		default:
			res.outcome = created
		}
	}
	w.pruning.recordUsedRow(r, old.ID)
	w.positions.Set(old.ID, position(r.Row))
	w.usedID = w.usedID || r.id != ""
	w.addPositions(r, position(r.Row))
	return res, nil
}

// earlierRow returns the position of an earlier row without an id that has the same
// name and shares an address, 0 when there is none.
func (w *writer) earlierRow(r *mappedRow) int {
	if r.id != "" {
		return 0
	}
	for _, key := range r.keys {
		if pos := w.positions.Get(nameContactKey(r, key)); pos != 0 {
			w.addPositions(r, pos) // its other addresses are of the same customer
			return pos
		}
	}
	return 0
}

// addPositions adds the name and addresses of a row without an id.
func (w *writer) addPositions(r *mappedRow, pos int) {
	if r.id != "" {
		return
	}
	for _, key := range r.keys {
		w.positions.Set(nameContactKey(r, key), pos)
	}
}

func nameContactKey(r *mappedRow, key string) string { return r.words + "\x00" + key }

// duplicateReason says that an earlier row was about the same customer.
func duplicateReason(r *mappedRow, pos int, changed bool) string {
	name := "customer " + quote(r.id)
	if r.id == "" {
		name = quote(r.name)
	}
	if changed {
		return fmt.Sprintf("duplicate: %s is already %s with other content, which was kept", name, describePosition(pos))
	}
	return fmt.Sprintf("duplicate: %s is already %s with the same content", name, describePosition(pos))
}

// count counts the result of a row, and writes the row to the rejects when it was not
// used.
func (w *writer) count(r *mappedRow, res result) {
	report := &w.report
	switch res.outcome {
	case created:
		report.Created++
	case updated:
		report.Updated++
	case unchanged:
		report.Unchanged++
	case Skipped:
		report.Skipped++
	case Rejected:
		report.Rejected++
	case PreviouslyDeleted:
		report.PreviouslyDeleted++
	default:
		return
	}
	report.Rows++
	if res.reason != "" {
		w.tell(&report.Problems, &report.MoreProblems, problemAt(r.Row, res.outcome, res.reason))
		w.rejects.Write(r.Row, res.reason)
		return
	}
	if res.unassigned {
		report.Unassigned++
	}
	if r.fields.has(fieldOwner) {
		w.owners.add(r.workers)
	} else if w.worker != "" {
		w.owners.add([]string{w.worker})
	}
	report.UnknownNumbers += r.unknownNumbers
	for _, remark := range r.remarks {
		w.tell(&report.Remarks, &report.MoreRemarks, problemAt(r.Row, Noted, remark))
	}
}

// tell appends p to a list of limited length, or counts it, and logs it.
func (w *writer) tell(list *[]Problem, more *int, p Problem) {
	if len(*list) < w.maxProblems {
		*list = append(*list, p)
	} else {
		*more++
	}
	w.problems.write(p)
}
