package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/clientele-project/clientele/internal/importer"
)

func exportCommand() command {
	return command{
		name:    "export",
		summary: "write all customers as JSON lines",
		about: `
One customer a line, in order of their ids, on standard output or in the file of
--output. Importing that into an empty database makes the same customers:

  clientele export --output customers.jsonl
  clientele import --database copy.db customers.jsonl

The file of --output is replaced as a whole or not at all. It holds customers'
data: only you can read it.`,
		setup: func(f *flags) action {
			database := f.database()
			output := f.String("output", "", "write to `FILE` instead")
			return func(ctx context.Context, std streams, _ []string) error {
				return runExport(ctx, std.out, *database, *output)
			}
		},
	}
}

func runExport(ctx context.Context, stdout io.Writer, database, output string) (err error) {
	if output != "" && sameFile(output, database) {
		return wrongUse("--output would write over the database: name another file")
	}
	db, err := openExisting(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if output == "" {
		return importer.Export(ctx, stdout, db.Customers())
	}
	return replaceFile(output, func(w io.Writer) error { return importer.Export(ctx, w, db.Customers()) })
}

// replaceFile lets fn write a file that takes the place of an old one only when
// it is complete. A device or pipe is written to as it is.
func replaceFile(file string, fn func(io.Writer) error) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("open the file of --output: %w", err)
		}
		return errors.Join(fn(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".clientele-export-*") // mode 0600
	if err != nil {
		return fmt.Errorf("make the file of --output: %w", err)
	}
	defer os.Remove(f.Name()) // does nothing once it is renamed
	err = fn(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return fmt.Errorf("put the export in its place: %w", err)
	}
	return nil
}
