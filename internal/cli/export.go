package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/clientele-project/clientele/internal/atomicfile"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store"
)

func exportCommand() command {
	return command{
		name:    "export",
		summary: "write all customers as JSON lines or CSV",
		about: `
Writes one customer a line or row, ordered by id, to standard output or to the file of
--output. Importing the result into an empty database restores the same customers:

  clientele export --output customers.jsonl
  clientele import --database copy.db customers.jsonl

A spreadsheet can open the CSV and save it again. Text that it would take for a formula
is written with an apostrophe in front, which an import removes.

The file of --output is replaced completely or not at all. It holds customer data: only
you can read it.`,
		setup: func(f *flags) action {
			database := f.database()
			output := f.String("output", "", "write to this `FILE` instead of standard output")
			format := f.String("format", "json", "write in this `FORMAT`: json or csv")
			return func(ctx context.Context, std streams, _ []string) error {
				write := importer.ExportJSON
				switch *format {
				case "json":
				case "csv":
					write = importer.ExportCSV
				default:
					return usageErrorf("--format %s: use json or csv", *format)
				}
				return runExport(ctx, std.out, *database, *output, *format, write)
			}
		},
	}
}

func runExport(ctx context.Context, stdout io.Writer, database, output, format string,
	write func(context.Context, io.Writer, importer.Store) (int, error)) error {
	if output != "" && sameFile(output, database) {
		return usageErrorf("--output names the database itself: use another file")
	}
	return withDatabase(ctx, database, func(db *store.DB) error {
		if err := writeAudit(ctx, db, audit.Entry{Action: audit.Exported, Params: audit.Params("").With("format", format)}); err != nil {
			return fmt.Errorf("export refused: writing the audit entry failed: %w", err)
		}
		writeTo := func(w io.Writer) error {
			_, err := write(ctx, w, db.Customers())
			return err
		}
		if output == "" {
			return writeTo(stdout)
		}
		if err := writeOutput(output, writeTo); err != nil {
			return fmt.Errorf("write %s: %w", output, err)
		}
		return nil
	})
}

// writeOutput replaces a file by what fn writes, once that is complete. A device or pipe
// is written to directly.
func writeOutput(file string, fn func(io.Writer) error) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(fn(f), f.Close())
	}
	return atomicfile.Replace(file, func(f *os.File) error { return fn(f) })
}
