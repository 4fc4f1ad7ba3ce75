package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// batchRows is the number of customers that one transaction changes.
const batchRows = 200

// Assign sets the owners of customers to exactly workers, and returns how many it
// changed. Customers that no longer exist are skipped.
func (s *Service) Assign(ctx context.Context, by string, ids []string, workers []string) (int, error) {
	workers = uniqueWorkers(workers)
	return s.updateEach(ctx, ids, func(tx customer.Tx, c customer.Customer) (audit.Entry, error) {
		if slices.Equal(c.Workers, workers) {
			return audit.Entry{}, nil
		}
		c.Workers = workers
		if err := validate(c); err != nil {
			return audit.Entry{}, err
		}
		return audit.Entry{Actor: by, Action: audit.CustomerChanged, Subject: c.ID, Name: c.Name, Params: audit.Owners(workers)}, tx.Put(ctx, c)
	})
}

// Delete deletes customers and returns how many existed. Imports skip and report them
// until AllowImport.
func (s *Service) Delete(ctx context.Context, by string, ids ...string) (int, error) {
	return s.updateEach(ctx, ids, func(tx customer.Tx, c customer.Customer) (audit.Entry, error) {
		return audit.Entry{Actor: by, Action: audit.CustomerDeleted, Subject: c.ID, Name: c.Name}, tx.DeleteAndBlock(ctx, c.ID, by)
	})
}

// updateEach runs fn on existing customers, a batch in a transaction, and records the
// entries that fn returns. An entry without action means that nothing changed.
func (s *Service) updateEach(ctx context.Context, ids []string, fn func(customer.Tx, customer.Customer) (audit.Entry, error)) (done int, err error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for batch := range slices.Chunk(ids, batchRows) {
		changed := 0
		err := s.update(ctx, func(tx customer.Tx) (entries []audit.Entry, err error) {
			for _, id := range batch {
				c, err := tx.Get(ctx, id)
				if errors.Is(err, customer.ErrNotFound) {
					continue
				} else if err != nil {
					return nil, err
				}
				e, err := fn(tx, c)
				if err != nil {
					return nil, err
				}
				if e.Action != "" {
					entries = append(entries, e)
				}
			}
			changed = len(entries)
			return entries, nil
		})
		if err != nil {
			return done, err
		}
		done += changed
	}
	return done, nil
}

// AllowImport lets imports bring a deleted customer back. It returns customer.ErrNotFound when
// no customer with this id was deleted.
func (s *Service) AllowImport(ctx context.Context, by, id string) error {
	return s.update(ctx, func(tx customer.Tx) ([]audit.Entry, error) {
		return []audit.Entry{{Actor: by, Action: audit.ImportAllowed, Subject: id}}, tx.AllowImport(ctx, id)
	})
}

// KeepApart records that the customers of a customer.DuplicateGroup are different people.
func (s *Service) KeepApart(ctx context.Context, by, groupKey string) error {
	return s.update(ctx, func(tx customer.Tx) ([]audit.Entry, error) {
		return []audit.Entry{{Actor: by, Action: audit.CustomerChanged, Params: audit.KeptApart}}, tx.KeepApart(ctx, groupKey)
	})
}

// Export writes all customers, as of one moment, as CSV or JSON that an import reads back
// unchanged, and returns how many. The audit entry is written before the first byte.
func (s *Service) Export(ctx context.Context, by string, w io.Writer, format string) (int, error) {
	if format != CSV && format != JSON {
		return 0, fmt.Errorf("%w %q: want csv or json", &importer.UsageError{Reason: "unknown export format"}, format)
	}
	totals, err := s.Reader.Totals(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.writeAudit(ctx, audit.Entry{Actor: by, Action: audit.Exported, Params: audit.Params("").With("format", format), Count: totals.Customers}); err != nil {
		return 0, err
	}
	if format == CSV {
		return importer.ExportCSV(ctx, w, s.Store)
	}
	return importer.ExportJSON(ctx, w, s.Store)
}
