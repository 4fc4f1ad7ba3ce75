package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/audit/words"
	"github.com/clientele-project/clientele/internal/store"
)

// auditFlags are the flags of audit.
type auditFlags struct {
	database, format string
	from, to         string
	actions          list
	query            audit.Query
}

func auditCommand() command {
	return command{
		name:    "audit",
		summary: "print the audit log as CSV or JSON lines: who did what, and who viewed whom",
		about: `
Prints the newest entries first, with times in UTC. Filters combine. A DAY is like
2026-03-01, in UTC; --from includes the whole day, and so does --to.

  clientele audit --from 2026-03-01 --to 2026-03-31 > march.csv
  clientele audit --subject C-4711                   who viewed this customer
  clientele audit --actor ada@example.com --action view --format json
  clientele audit --unusual

Actions:
` + actionNames() + `.

The audit also records that it was printed.`,
		setup: func(f *flags) action {
			var flags auditFlags
			database := f.database()
			f.StringVar(&flags.format, "format", "csv", "print in this `FORMAT`: csv with a header row, or json with one object a line")
			f.StringVar(&flags.query.Actor, "actor", "", "only entries of this `IDENTITY`")
			f.StringVar(&flags.query.Subject, "subject", "", "only entries about this `NAME`: a customer's id, an identity, a setting or a file")
			f.Var(&flags.actions, "action", "only this `ACTION`; repeat it, or separate several by commas")
			f.StringVar(&flags.from, "from", "", "only from this `DAY` on")
			f.StringVar(&flags.to, "to", "", "only up to and including this `DAY`")
			f.BoolVar(&flags.query.Unusual, "unusual", false, "only entries that an administrator should review")
			return func(ctx context.Context, std streams, _ []string) error {
				flags.database = *database
				if err := flags.check(); err != nil {
					return err
				}
				return runAudit(ctx, std.out, flags)
			}
		},
	}
}

// check refuses invalid flags before anything is opened.
func (a *auditFlags) check() (err error) {
	if a.format != "csv" && a.format != "json" {
		return usageErrorf("--format %s: use csv or json", a.format)
	}
	known := audit.Actions()
	for _, name := range a.actions {
		if !slices.Contains(known, audit.Action(name)) {
			return usageErrorf("--action %s: unknown action; see clientele help audit", name)
		}
		a.query.Actions = append(a.query.Actions, audit.Action(name))
	}
	if a.query.From, err = day("from", a.from); err != nil {
		return err
	}
	if a.query.To, err = day("to", a.to); err != nil {
		return err
	}
	if !a.query.To.IsZero() {
		a.query.To = a.query.To.AddDate(0, 0, 1)
	}
	return nil
}

// day parses the day of a flag; the zero time when it was not given.
func day(flag, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return t, usageErrorf("--%s %s: write a day as 2026-03-01", flag, value)
	}
	return t, nil
}

// actionNames returns the actions in lines of at most 79 characters.
func actionNames() string {
	var names []string
	for _, a := range audit.Actions() {
		names = append(names, string(a))
	}
	return wrapWords(names, 70)
}

// runAudit records that the audit is printed, then prints it.
func runAudit(ctx context.Context, stdout io.Writer, flags auditFlags) error {
	return withDatabase(ctx, flags.database, func(db *store.DB) error {
		if err := writeAudit(ctx, db, audit.Entry{Action: audit.AuditExported, Params: flags.params()}); err != nil {
			return fmt.Errorf("audit refused: writing the audit entry failed: %w", err)
		}
		write := audit.WriteCSV
		if flags.format == "json" {
			write = audit.WriteJSON
		}
		detail, err := words.English()
		if err != nil {
			return err
		}
		return write(stdout, audit.All(ctx, db.Audit(), flags.query), detail)
	})
}

// params returns whether all entries were printed, without the filter.
func (a *auditFlags) params() audit.Params {
	q := a.query
	if q.Actor == "" && q.Subject == "" && len(q.Actions) == 0 && q.From.IsZero() && q.To.IsZero() && !q.Unusual {
		return audit.AllEntries
	}
	return audit.FilteredEntries
}
