package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

func importCommand() command {
	return command{
		name: "import", args: "FILE", minArgs: 1, maxArgs: 1,
		summary: "bring in customers from an export of a CRM",
		about: `
FILE is CSV, JSON or vCard, as HubSpot, Salesforce, Google, Outlook, Airtable
and others write it, or a spreadsheet saved as CSV; "-" is standard input. What
it is, its encoding, and what its columns mean are told from its content.
Importing it again brings what has changed, and changes nothing else: columns
that the file does not have are left alone, and an empty cell clears.

A file that names owners says whose customers they are; a blank owner means
nobody's. For a file that names none, --worker says it ('*': everybody's).

Every row that could not be used is told with its line and the reason; --rejects
keeps those rows whole, to be corrected and imported again. Customers who were
deleted in the console stay deleted, and that is told too. An import that was
interrupted is completed by running it again. The database is made when it does
not exist.

With --prune, customers that FILE no longer has are deleted: of all, when it names
owners or with --worker '*'; with --worker IDENTITY of that worker's, where one
that others have too is only taken from this worker. FILE is read twice: when it
lacks more than 20 % of them, nothing at all is imported.

  clientele import hubspot.csv
  clientele import --worker ada@example.com --region US contacts.vcf
  clientele import --map display_name="Contact" --map owner="Sold by" sales.csv
  clientele import --prune --dry-run hubspot.csv`,
		setup: func(f *flags) action {
			var asked importFlags
			database := f.database()
			f.StringVar(&asked.opts.Worker, "worker", "", "whose customers they are, when the file names no owner: an `IDENTITY`, or '*'")
			f.Var((*mappingList)(&asked.opts.Map), "map", "what a column holds, as `FIELD=COLUMN`; may be repeated. Fields:\n"+wrapped(importer.Targets(), 68))
			f.StringVar(&asked.opts.Region, "region", "", "the `COUNTRY` of telephone numbers without a country code, such as US")
			f.StringVar(&asked.rejects, "rejects", "", "write the rows that could not be used to `FILE`")
			f.BoolVar(&asked.opts.Prune, "prune", false, "delete the customers that FILE no longer has")
			f.BoolVar(&asked.opts.Insist, "prune-anyway", false, "delete them also when they are more than 20 %")
			f.BoolVar(&asked.dryRun, "dry-run", false, "write nothing, and tell what would be written")
			f.BoolVar(&asked.json, "json", false, "print the result as JSON")
			return func(ctx context.Context, std streams, args []string) error {
				asked.file, asked.database = args[0], *database
				asked.opts.Prune = asked.opts.Prune || asked.opts.Insist
				return runImport(ctx, std, asked)
			}
		},
	}
}

// importFlags are what the person asked for.
type importFlags struct {
	file, database, rejects string
	json, dryRun            bool
	opts                    importer.Options
}

// mappingList is the value of --map. Columns may have commas in their names.
type mappingList []importer.Mapping

func (l *mappingList) String() string { return "" }

func (l *mappingList) Set(value string) error {
	field, column, ok := strings.Cut(value, "=")
	if !ok || strings.TrimSpace(field) == "" || strings.TrimSpace(column) == "" {
		return errors.New(`write FIELD=COLUMN, such as display_name="Full name"`)
	}
	*l = append(*l, importer.Mapping{Field: strings.TrimSpace(field), Column: strings.TrimSpace(column)})
	return nil
}

// runImport opens everything, imports, and tells what came of it.
func runImport(ctx context.Context, std streams, asked importFlags) (err error) {
	// Most of what an import allocates is garbage at once, and most of what it keeps
	// has no pointers: collecting early costs little time and saves much memory.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	src, size, err := openImportFile(std, asked)
	if err != nil {
		return err
	}
	defer src.Close()
	bar := newProgressBar(std.err, size)
	defer bar.clear()
	asked.opts.ScratchDir = filepath.Dir(asked.database)
	asked.opts.Progress = func(p importer.Progress) { bar.draw(p.Bytes, p.Rows) }

	// Whatever is wrong with the use of the command is told before the database is
	// made, or touched.
	file, err := understand(ctx, src, asked)
	if err != nil {
		return err
	}
	if asked.dryRun {
		return dryRun(ctx, std, asked, file, bar)
	}
	if err := readTwice(asked); err != nil {
		return err
	}
	db, err := sqlite.Open(ctx, asked.database, sqlite.Options{Bulk: true, WriterCacheKiB: 24 << 10})
	if err != nil {
		return err
	}
	if err := mayPrune(ctx, asked, db, bar); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := auditImport(ctx, db, asked, "begun", nil); err != nil {
		return errors.Join(importStopped(asked, importer.Report{}, err), db.Close())
	}
	rejects, err := createRejects(asked.rejects)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	report, err := file.Import(ctx, db.Customers(), orNothing(rejects))
	if err == nil {
		bar.say("Preparing the search…")
		debug.FreeOSMemory() // what was remembered of the rows
		err = db.Customers().Compact(ctx)
	}
	if rejects != nil {
		err = errors.Join(err, rejects.Close())
	}
	err = errors.Join(err, auditImport(ctx, db, asked, importSummary(report, err), &report))
	err = errors.Join(err, db.Close())
	bar.clear()
	if err != nil {
		return importStopped(asked, report, err)
	}
	return tell(std, asked, report)
}

// understand reads the beginning of the file; what is wrong with the use of the
// command is told as such.
func understand(ctx context.Context, src io.Reader, asked importFlags) (*importer.File, error) {
	file, err := importer.Open(newInterruptible(ctx, src), asked.opts)
	var usage *importer.UsageError
	if errors.As(err, &usage) {
		return nil, usageErrorf("%s%s", usage.Reason, flagHint(usage.Need))
	} else if err != nil {
		return nil, fmt.Errorf("import %s: %w", asked.file, err)
	}
	return file, nil
}

// flagHint names the flags that supply what an import needs.
func flagHint(need importer.Need) string {
	switch need {
	case importer.NeedName:
		return ". Name the column that does: --map display_name=COLUMN"
	case importer.NeedOwner:
		return ". Add --worker IDENTITY (--worker '*' for everyone), or name the column that does: --map owner=COLUMN"
	}
	return ""
}

// tell says what came of it, for people or for programs.
func tell(std streams, asked importFlags, report importer.Report) error {
	if asked.json {
		return writeReportJSON(std.out, report)
	}
	return writeReport(std.out, asked, report)
}

// importStopped words an error that came after the beginning.
func importStopped(asked importFlags, report importer.Report, err error) error {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	written := report.Created + report.Updated + report.Unchanged + report.Pruned
	if asked.dryRun || written == 0 {
		return fmt.Errorf("import %s: %w; nothing was written", asked.file, err)
	}
	return fmt.Errorf("import %s: %w\n%s rows are in the database, whole and in order; run the same command again to complete it",
		asked.file, err, grouped(written))
}
