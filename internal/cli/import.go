package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/memory"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/text"
)

func importCommand() command {
	return command{
		name: "import", args: "FILE", minArgs: 1, maxArgs: 1,
		summary: "import customers from an export of a CRM",
		about: `
FILE is CSV, Excel (.xlsx), JSON or vCard as written by HubSpot, Salesforce, Google,
Outlook, Airtable and others; "-" is standard input. The format, the encoding and the
meaning of the columns are detected from the content. Of a workbook with several
sheets, the one that looks most like customers is read, or that of --sheet.
Importing a file again updates what has changed and nothing else: fields without a
column keep their values, and an empty cell clears its field.

If the file has an owner column, it decides who sees each customer; a blank owner
means unassigned. Otherwise set the owner with --worker ('*' means everyone).
Owners without an account are reported: --owner matches one to a person, for this
import and later ones.

Every row that cannot be used is reported with its line and the reason; --rejects
writes those rows to a file, to correct and import again. Customers deleted in the
console stay deleted, which is reported too. To complete an interrupted import, run
it again. Creates the database if it does not exist.

With --prune, customers that FILE no longer has are deleted: any customer, if it has
owners or with --worker '*'; with --worker IDENTITY, that worker's customers, except
that customers with other owners stay with those. FILE is read twice: if it
lacks more than 20% of them, nothing is imported.

  clientele import hubspot.csv
  clientele import --worker ada@example.com --region US contacts.vcf
  clientele import --map display_name="Contact" --map owner="Sold by" sales.csv
  clientele import --owner "Alice Adams=alice@example.com" hubspot.csv
  clientele import --prune --dry-run hubspot.csv`,
		setup: func(f *flags) action {
			owners := new(importOwners)
			flags := importFlags{owners: owners}
			database := f.database()
			f.StringVar(&flags.opts.Worker, "worker", "", "owner of the customers if the file has no owner column: an `IDENTITY`, or '*' for everyone")
			f.Var((*mappingList)(&flags.opts.Map), "map", "map a column to a field, as `FIELD=COLUMN`; may be repeated. Fields:\n"+wrapWords(importer.Targets(), 68))
			f.Var(&owners.added, "owner", "match an owner that the file names to a person, as `OWNER=IDENTITY`; may be repeated.\nThe match is kept for later imports")
			f.StringVar(&flags.opts.Region, "region", "", "the `COUNTRY` of phone numbers without a country code, such as US")
			f.StringVar(&flags.opts.Encoding, "encoding", "", "how the characters of FILE are written, by `NAME`, such as Windows-1250 or\nShift_JIS; detected if not set")
			f.IntVar(&flags.opts.HeaderLine, "header-line", 0, "the line that names the columns, by `NUMBER`; found if not set")
			f.StringVar(&flags.opts.Sheet, "sheet", "", "the sheet of a workbook to read, by `NAME` or number")
			f.StringVar(&flags.rejects, "rejects", "", "write the rows that cannot be used to `FILE`")
			f.BoolVar(&flags.opts.Prune, "prune", false, "delete the customers that FILE no longer has")
			f.BoolVar(&flags.opts.PruneAnyway, "prune-anyway", false, "delete them even if they are more than 20%")
			f.BoolVar(&flags.dryRun, "dry-run", false, "preview the result; write nothing")
			f.BoolVar(&flags.json, "json", false, "print the result as JSON")
			return func(ctx context.Context, std streams, args []string) error {
				flags.file, flags.database = args[0], *database
				owners.options(&flags.opts)
				flags.opts.Prune = flags.opts.Prune || flags.opts.PruneAnyway
				return runImport(ctx, std, flags)
			}
		},
	}
}

// enoughToImport is the memory with which an import has its full speed, in bytes.
const enoughToImport = 160 << 20

// importFlags are the flags and the argument of import.
type importFlags struct {
	file, database, rejects string
	json, dryRun            bool
	opts                    importer.Options
	owners                  *importOwners
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

// runImport imports the file and prints the report.
func runImport(ctx context.Context, std streams, flags importFlags) (err error) {
	if !store.IsServer(flags.database) {
		// Most of the memory is SQLite's, and most of what an import allocates is soon
		// garbage: collecting early costs little time and saves much memory.
		defer debug.SetGCPercent(debug.SetGCPercent(20))
	}
	budget := memory.Find(enoughToImport)
	budget.LimitGo(math.MaxInt64)
	flags.opts.TransactionRows = budget.Scale(importer.DefaultTransactionRows)
	src, size, err := openSource(ctx, std, flags)
	if err != nil {
		return err
	}
	defer src.Close()
	bar := newProgressBar(std.err, size)
	defer bar.clear()
	if !store.IsServer(flags.database) {
		flags.opts.TempDir = filepath.Dir(flags.database)
	}
	flags.opts.Progress = func(p importer.Progress) { bar.draw(p.Bytes, p.Rows) }

	// Usage errors come before the database is created or touched.
	file, err := openFile(ctx, src, flags)
	if err != nil {
		return err
	}
	defer file.Close()
	if flags.dryRun {
		return runDryRun(ctx, std, flags, file, bar)
	}
	if err := checkReadableTwice(flags); err != nil {
		return err
	}
	db, err := store.Open(ctx, flags.database, store.Options{Bulk: true, Scale: budget.Scale})
	if err != nil {
		return err
	}
	if err := flags.owners.load(ctx, db); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := checkPrune(ctx, flags, db, bar); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := flags.owners.store(ctx, db); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := auditImport(ctx, db, flags, nil, nil); err != nil {
		return errors.Join(importError(flags, importer.Report{}, err), db.Close())
	}
	rejects, err := createRejects(flags.rejects)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	report, err := file.Import(ctx, db.Customers(), asWriter(rejects))
	if err == nil {
		bar.show("Building the search index…")
		debug.FreeOSMemory() // of the index of rows
		err = db.Customers().Compact(ctx)
	}
	if rejects != nil {
		err = errors.Join(err, rejects.Close())
	}
	err = errors.Join(err, auditImport(ctx, db, flags, &report, err))
	err = errors.Join(err, db.Close())
	bar.clear()
	if err != nil {
		return importError(flags, report, err)
	}
	return printReport(std, flags, report)
}

// openFile reads the beginning of the file. An error that other flags can fix is a
// usage error.
func openFile(ctx context.Context, src io.Reader, flags importFlags) (*importer.File, error) {
	file, err := importer.Open(ctx, src, flags.opts)
	if err != nil && file != nil {
		file.Close()
	}
	var usage *importer.UsageError
	if errors.As(err, &usage) {
		return nil, usageErrorf("%s%s", usage.Reason, flagHint(usage.Need))
	} else if ctx.Err() != nil {
		return nil, importError(flags, importer.Report{}, ctx.Err())
	} else if err != nil {
		return nil, fmt.Errorf("import %s: %w", flags.file, err)
	}
	return file, nil
}

// flagHint names the flags that supply what an import needs.
func flagHint(need importer.Need) string {
	switch need {
	case importer.NeedName:
		return ". Choose one with --map display_name=COLUMN"
	case importer.NeedEncoding:
		return ". Choose another with --encoding NAME, or leave out --encoding to detect it"
	case importer.NeedHeader:
		return ". Choose another line with --header-line NUMBER"
	case importer.NeedSheet:
		return ". Choose one with --sheet NAME"
	case importer.NeedOwner:
		return ". Add --worker IDENTITY (--worker '*' for everyone) or --map owner=COLUMN"
	}
	return ""
}

// printReport prints the report, for people or as JSON.
func printReport(std streams, flags importFlags, report importer.Report) error {
	if flags.json {
		return writeJSON(std.out, report)
	}
	return writeReport(std.out, flags, report)
}

// importError adds to an error how much was written before it.
func importError(flags importFlags, report importer.Report, err error) error {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	written := report.Created + report.Updated + report.Unchanged + report.Pruned
	if flags.dryRun || written == 0 {
		return fmt.Errorf("import %s: %w; nothing was written", flags.file, err)
	}
	return fmt.Errorf("import %s: %w\n%s rows are in the database; run the same command again to complete the import",
		flags.file, err, text.GroupDigits(written, ","))
}
