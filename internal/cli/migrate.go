package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/move"
	"github.com/clientele-project/clientele/internal/text"
)

func migrateCommand() command {
	return command{
		name:    "migrate",
		summary: "copy the database from SQLite to PostgreSQL, or back; serve must be stopped",
		about: `
Copies everything in the database --from into the new, empty database --to: one of the
two, or both, may be on PostgreSQL. Then it compares both, row by row. Nothing changes
for people: they stay signed in, and page tokens and cursors that they hold stay good,
as long as serve gets the same secret file.

Stop serve first. What is copied is the database as it was when the command started;
if it changes meanwhile, the copy is not used. To continue after an interruption,
run the same command again. Until everything was copied and compared, no other command
opens the new database. The database --from keeps everything; its schema is brought up
to date first.

  createdb clientele
  clientele migrate --from clientele.db --to postgres://localhost/clientele

Prints the number of rows and a checksum of every table. Exit code 0: both databases
are the same; 1: they are not, or not everything was copied.`,
		setup: func(f *flags) action {
			var m migration
			f.StringVar(&m.from, "from", "", "the database to copy: a `FILE`, or the URL of PostgreSQL")
			f.StringVar(&m.to, "to", "", "the database to create: a new `FILE`, or the URL of an empty database of PostgreSQL")
			secretFile := f.String("secret-file", "", "the secret `FILE` of --from, to check it (default: the database file's name with\n.secret, or clientele.secret with PostgreSQL)")
			return func(ctx context.Context, std streams, _ []string) error {
				m.std, m.secretFile = std, secretFileFor(*secretFile, m.from)
				return m.run(ctx)
			}
		},
	}
}

// A migration is a run of migrate.
type migration struct {
	std                  streams
	from, to, secretFile string
}

func (m migration) run(ctx context.Context) error {
	switch {
	case m.from == "":
		return usageErrorf("--from is missing: name the database to copy")
	case m.to == "":
		return usageErrorf("--to is missing: name the database to create")
	case m.from == m.to || sameFile(m.from, m.to):
		return usageErrorf("--from and --to are the same database")
	case isMissingDatabase(m.from):
		return fmt.Errorf("--from: there is no database %s", m.from)
	}
	from, err := store.Open(ctx, m.from, store.Options{})
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	if err := m.checkSecret(ctx, from); err != nil {
		return errors.Join(err, from.Close())
	}
	to, err := store.Open(ctx, m.to, store.Options{Bulk: true, Incomplete: true})
	if err != nil {
		return errors.Join(fmt.Errorf("--to: %w", err), from.Close())
	}
	results, err := m.copy(ctx, from, to)
	return errors.Join(m.report(results, err), to.Close(), from.Close())
}

// checkSecret returns an error if the secret file is not that of the database, and warns if it
// is not there.
func (m migration) checkSecret(ctx context.Context, db *store.DB) error {
	if isMissing(m.secretFile) {
		fmt.Fprintf(m.std.err, "Warning: there is no secret file %s (name it with --secret-file). The new database needs the one of --from.\n", m.secretFile)
		return nil
	}
	key, _, err := secret.Load(m.secretFile)
	if err != nil {
		return err
	}
	err = settings.NewService(db.Settings(), key.Sealer(settings.SealerPurpose), nil).CheckKey(ctx)
	if errors.Is(err, settings.ErrWrongKey) {
		return fmt.Errorf("secret file %s is a different one: name that of --from with --secret-file", m.secretFile)
	}
	return err
}

// copy shows on a terminal what is done.
func (m migration) copy(ctx context.Context, from, to *store.DB) ([]move.Result, error) {
	bar := newProgressBar(m.std.err, 0)
	defer func() { bar.clear() }()
	return from.MoveTo(ctx, to, move.Options{
		Note: func(text string) {
			bar.clear()
			bar = newProgressBar(m.std.err, 0)
			fmt.Fprintf(m.std.err, "%s…\n", text)
		},
		Progress: func(done, all int64) {
			bar.size = all
			bar.draw(done, int(done))
		},
	})
}

// report prints the results, and returns an error that says what to do.
func (m migration) report(results []move.Result, err error) error {
	rows := 0
	for _, r := range results {
		rows += int(r.From.Rows)
	}
	switch {
	case errors.Is(err, move.ErrInUse):
		return fmt.Errorf("--to: database %s %w", store.Redacted(m.to), err)
	case err != nil && results == nil:
		if errors.Is(err, context.Canceled) {
			err = errors.New("interrupted")
		}
		return fmt.Errorf("%w\nNot everything was copied: run the same command again to continue", err)
	}
	if perr := writeResults(m.std.out, results); err != nil || perr != nil {
		return errors.Join(err, perr)
	}
	fmt.Fprintf(m.std.err, "Copied %s rows from %s to %s, and compared them: they are the same.\nStart serve with that database and with --secret-file %s, and leave %[2]s alone.\n",
		text.GroupDigits(rows, ","), store.Redacted(m.from), store.Redacted(m.to), shellQuote(m.secretFile))
	return nil
}

// writeResults writes a line for each table that has rows.
func writeResults(w io.Writer, results []move.Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "TABLE\tROWS\tCOPIED\tCHECKSUM\tOF COPY\t")
	for _, r := range results {
		if r.From.Rows == 0 && r.Same() {
			continue
		}
		verdict := "same"
		if !r.Same() {
			verdict = "DIFFERENT"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%x\t%x\t%s\n", r.Table, text.GroupDigits(int(r.From.Rows), ","), text.GroupDigits(int(r.To.Rows), ","),
			r.From.Checksum[:4], r.To.Checksum[:4], verdict)
	}
	return t.Flush()
}
