package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
)

// auditFlags are what the person asked for.
type auditFlags struct {
	database, format string
	from, to         string
	actions          list
	query            audit.Query
}

func auditCommand() command {
	return command{
		name:    "audit",
		summary: "write who did what, and who looked at whom, as CSV or JSON lines",
		about: `
The newest come first, on standard output, with times in UTC. Filters are combined.
A DAY is like 2026-03-01, in UTC; --from counts from its beginning and --to up to
its end.

  clientele audit --from 2026-03-01 --to 2026-03-31 > march.csv
  clientele audit --subject C-4711                   who looked at this customer
  clientele audit --actor ada@example.com --action view --format json
  clientele audit --unusual

Actions:
` + actionNames() + `.

That it was asked for is kept in the audit too.`,
		setup: func(f *flags) action {
			var asked auditFlags
			database := f.database()
			f.StringVar(&asked.format, "format", "csv", "csv, with a header row, or json, one object a line: a `FORMAT`")
			f.StringVar(&asked.query.Actor, "actor", "", "only what this `IDENTITY` did")
			f.StringVar(&asked.query.Subject, "subject", "", "only what was done to this customer's id, identity, setting or file: a `NAME`")
			f.Var(&asked.actions, "action", "only this `ACTION`; may be given several times, or with commas between")
			f.StringVar(&asked.from, "from", "", "only from this `DAY` on")
			f.StringVar(&asked.to, "to", "", "only until this `DAY`")
			f.BoolVar(&asked.query.Unusual, "unusual", false, "only what an administrator should look at")
			return func(ctx context.Context, std streams, _ []string) error {
				asked.database = *database
				if err := asked.check(); err != nil {
					return err
				}
				return runAudit(ctx, std.out, asked)
			}
		},
	}
}

// check refuses what cannot be asked before anything is opened.
func (a *auditFlags) check() (err error) {
	if a.format != "csv" && a.format != "json" {
		return usageErrorf("--format %s: it is csv or json", a.format)
	}
	known := audit.Actions()
	for _, name := range a.actions {
		if !slices.Contains(known, audit.Action(name)) {
			return usageErrorf("--action %s: there is no such action; see clientele help audit", name)
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

// day reads the day of a flag; the zero time when there is none.
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

// actionNames lists the actions in lines of at most 79 characters.
func actionNames() string {
	var names []string
	for _, a := range audit.Actions() {
		names = append(names, string(a))
	}
	return wrapped(names, 70)
}

// runAudit notes that the audit is read, and then writes it.
func runAudit(ctx context.Context, stdout io.Writer, asked auditFlags) (err error) {
	db, err := openExisting(ctx, asked.database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := keepAudited(ctx, db, audit.Entry{Action: audit.AuditExported, Detail: asked.detail()}); err != nil {
		return fmt.Errorf("that the audit is read could not be written to it, so it is not read: %w", err)
	}
	write := audit.WriteCSV
	if asked.format == "json" {
		write = audit.WriteJSON
	}
	return write(stdout, audit.All(ctx, db.Audit(), asked.query))
}

// detail says which part was asked for, as the console does.
func (a *auditFlags) detail() string {
	q := a.query
	if q.Actor == "" && q.Subject == "" && len(q.Actions) == 0 && q.From.IsZero() && q.To.IsZero() && !q.Unusual {
		return "all of it"
	}
	return "a part of it"
}
