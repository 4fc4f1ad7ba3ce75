package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// actRows is how many customers one transaction changes at most.
const actRows = 200

// Assign makes customers be exactly these workers', and answers how many were not so
// before. Those who are gone are passed over.
func (o *Service) Assign(ctx context.Context, by string, ids []string, workers []string) (int, error) {
	workers = distinct(workers)
	return o.each(ctx, ids, func(tx customer.Tx, c customer.Customer) (audit.Entry, error) {
		if slices.Equal(c.Workers, workers) {
			return audit.Entry{}, nil
		}
		c.Workers = workers
		if err := check(c); err != nil {
			return audit.Entry{}, err
		}
		return audit.Entry{Actor: by, Action: audit.CustomerChanged, Subject: c.ID, Name: c.Name, Detail: assignedTo(workers)}, tx.Put(ctx, c)
	})
}

// assignedTo is how the audit says whose a customer is now.
func assignedTo(workers []string) string {
	if len(workers) == 0 {
		return "assigned to nobody"
	}
	return "assigned to " + strings.Join(workers, ", ")
}

// Delete deletes customers so that they stay deleted: an import passes them over and
// says so. It answers how many there were.
func (o *Service) Delete(ctx context.Context, by string, ids ...string) (int, error) {
	return o.each(ctx, ids, func(tx customer.Tx, c customer.Customer) (audit.Entry, error) {
		return audit.Entry{Actor: by, Action: audit.CustomerDeleted, Subject: c.ID, Name: c.Name}, tx.Remove(ctx, c.ID, by)
	})
}

// each does something to customers, some in a transaction, and keeps what was done.
// fn answers no action when there was nothing to do.
func (o *Service) each(ctx context.Context, ids []string, fn func(customer.Tx, customer.Customer) (audit.Entry, error)) (done int, err error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for some := range slices.Chunk(ids, actRows) {
		var entries []audit.Entry
		err := o.Store.Update(ctx, func(tx customer.Tx) error {
			for _, id := range some {
				c, err := tx.Get(ctx, id)
				if errors.Is(err, customer.ErrNotFound) {
					continue
				} else if err != nil {
					return err
				}
				e, err := fn(tx, c)
				if err != nil {
					return err
				}
				if e.Action != "" {
					entries = append(entries, e)
				}
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		done += len(entries)
		for _, e := range entries {
			if err := o.note(ctx, e); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// Restore lets imports bring a deleted customer back. customer.ErrNotFound when none
// with this id was deleted.
func (o *Service) Restore(ctx context.Context, by, id string) error {
	if err := o.Store.Update(ctx, func(tx customer.Tx) error { return tx.Restore(ctx, id) }); err != nil {
		return err
	}
	return o.note(ctx, audit.Entry{Actor: by, Action: audit.CustomerRestored, Subject: id})
}

// KeepApart remembers that the customers of a customer.DuplicateGroup are different
// people.
func (o *Service) KeepApart(ctx context.Context, by, groupKey string) error {
	if err := o.Store.Update(ctx, func(tx customer.Tx) error { return tx.KeepApart(ctx, groupKey) }); err != nil {
		return err
	}
	return o.note(ctx, audit.Entry{Actor: by, Action: audit.CustomerChanged, Detail: "duplicates kept apart"})
}

// Export writes all customers, as of one moment, in a format that an import reads
// back to the same, and answers how many were written. That it is done is kept
// before the first byte; what the format is when it is none of the two is an error.
func (o *Service) Export(ctx context.Context, by string, w io.Writer, format string) (int, error) {
	if format != CSV && format != JSON {
		return 0, fmt.Errorf("%w: customers are exported as csv or json", &importer.UsageError{Reason: "unknown format"})
	}
	totals, err := o.Reader.Totals(ctx)
	if err != nil {
		return 0, err
	}
	if err := o.note(ctx, audit.Entry{Actor: by, Action: audit.Exported, Detail: format, Count: totals.Customers}); err != nil {
		return 0, err
	}
	if format == CSV {
		return importer.ExportCSV(ctx, w, o.Store)
	}
	return importer.ExportJSON(ctx, w, o.Store)
}
