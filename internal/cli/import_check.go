package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// dryRun tells what an import would come to. Nothing is written to the database, and
// nobody who writes there is kept waiting.
func dryRun(ctx context.Context, std streams, asked importFlags, file *importer.File, bar *progressBar) (err error) {
	base, shut, err := openToCheck(ctx, asked.database)
	if err != nil {
		return err
	}
	rejects, err := createRejects(asked.rejects)
	if err != nil {
		return errors.Join(err, shut())
	}
	report, err := file.Check(ctx, base, orNothing(rejects))
	if rejects != nil {
		err = errors.Join(err, rejects.Close())
	}
	err = errors.Join(err, shut())
	bar.clear()
	if err != nil {
		return importStopped(asked, report, err)
	}
	return tell(std, asked, report)
}

// openToCheck opens the database to read it; one that does not exist is not made.
func openToCheck(ctx context.Context, database string) (importer.Base, func() error, error) {
	if _, err := os.Stat(filepath.Dir(database)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("the directory of database %s does not exist: make it first, or name another place", database)
	}
	if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
		return noDatabase{}, func() error { return nil }, nil
	}
	db, err := openDatabase(ctx, database)
	if err != nil {
		return nil, nil, err
	}
	return db.Customers(), db.Close, nil
}

// noDatabase is where nobody is yet.
type noDatabase struct{}

func (noDatabase) Get(context.Context, string) (customer.Customer, error) {
	return customer.Customer{}, customer.ErrNotFound
}

func (noDatabase) FindByContact(context.Context, []string) ([]string, error) { return nil, nil }

func (noDatabase) FindRemoved(context.Context, string, []string) (customer.Removal, bool, error) {
	return customer.Removal{}, false, nil
}

func (noDatabase) All(context.Context) iter.Seq2[customer.Customer, error] {
	return func(func(customer.Customer, error) bool) {}
}

// readTwice refuses to prune by what can be read once only.
func readTwice(asked importFlags) error {
	if !asked.opts.Prune {
		return nil
	}
	info, err := os.Stat(asked.file)
	if asked.file == "-" || err == nil && !info.Mode().IsRegular() {
		return usageErrorf("--prune reads the file twice, so that nothing is imported when too much would be deleted: save it to a file first")
	}
	return nil
}

// mayPrune reads the file once to find out whether an import with --prune would
// delete too many customers, or all for want of a row that can be used.
func mayPrune(ctx context.Context, asked importFlags, db *sqlite.DB, bar *progressBar) error {
	if !asked.opts.Prune {
		return nil
	}
	f, err := os.Open(asked.file)
	if err != nil {
		return fmt.Errorf("open what is to be imported: %w", err)
	}
	defer f.Close()
	asked.opts.MaxProblems = 1
	file, err := understand(ctx, f, asked)
	if err != nil {
		return err
	}
	report, err := file.Check(ctx, db.Customers(), nil)
	bar.clear()
	if err != nil {
		return importStopped(asked, importer.Report{}, err)
	}
	if report.PruneRefused {
		return fmt.Errorf("import %s: %s", asked.file, strings.Replace(pruneHint(report), "would be", "was", 1))
	}
	return nil
}

// pruneHint says why nothing would be imported, and what to do.
func pruneHint(r importer.Report) string {
	if r.PruneUnread {
		return "Nobody would be pruned, and nothing imported: " + r.PruneReason + "."
	}
	if r.Created+r.Updated+r.Unchanged == 0 {
		return "None of the rows could be used, so that nothing would be imported and nobody pruned."
	}
	return fmt.Sprintf("The file no longer has %s of %s customers, which is more than %d %%: nothing would be imported.\nIf they are to be deleted, add --prune-anyway.",
		grouped(r.Absent), grouped(r.PruneScope), importer.PrunePercent)
}

// shownPruned is how many of the customers that a file no longer has are named.
const shownPruned = 20

// writePruned names the customers that a file no longer has.
func writePruned(b *strings.Builder, r importer.Report) {
	if len(r.FirstPruned) == 0 {
		return
	}
	b.WriteString("\nNo longer in the file:\n")
	for _, p := range r.FirstPruned[:min(len(r.FirstPruned), shownPruned)] {
		fmt.Fprintf(b, "  %s, id %s", strconv.QuoteToGraphic(shortened(p.Name, 60)), strconv.QuoteToGraphic(shortened(p.ID, 60)))
		if p.Released {
			b.WriteString(" (others have them too, and keep them)")
		}
		b.WriteByte('\n')
	}
	if more := r.Absent - min(len(r.FirstPruned), shownPruned); more > 0 {
		fmt.Fprintf(b, "  … and %s more\n", grouped(more))
	}
}
