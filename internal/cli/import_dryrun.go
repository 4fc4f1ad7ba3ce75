package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/text"
)

// runDryRun prints the report that an import would have. It writes nothing to the
// database, and does not block others who write there.
func runDryRun(ctx context.Context, std streams, flags importFlags, file *importer.File, bar *progressBar) (err error) {
	db, err := openReadOnly(ctx, flags.database)
	if err != nil {
		return err
	}
	base, shut := importer.CustomerReader(emptyDatabase{}), func() error { return nil }
	if db != nil {
		base, shut = db.Customers(), db.Close
	}
	if err := flags.owners.load(ctx, db); err != nil {
		return errors.Join(err, shut())
	}
	rejects, err := createRejects(flags.rejects)
	if err != nil {
		return errors.Join(err, shut())
	}
	report, err := file.DryRun(ctx, base, asWriter(rejects))
	if rejects != nil {
		err = errors.Join(err, rejects.Close())
	}
	err = errors.Join(err, shut())
	bar.clear()
	if err != nil {
		return importError(flags, report, err)
	}
	return printReport(std, flags, report)
}

// openReadOnly opens the database to read it. It returns nil when there is none.
func openReadOnly(ctx context.Context, database string) (*store.DB, error) {
	if isURL(database) {
		return openDatabase(ctx, database)
	}
	if isMissing(filepath.Dir(database)) {
		return nil, fmt.Errorf("the directory of database %s does not exist: create it first, or name another path", database)
	}
	if isMissing(database) {
		return nil, nil
	}
	return openDatabase(ctx, database)
}

// emptyDatabase stands for a database that does not exist.
type emptyDatabase struct{}

func (emptyDatabase) GetAll(context.Context, []string) ([]customer.Customer, error) { return nil, nil }

func (emptyDatabase) Totals(context.Context) (customer.Totals, error) { return customer.Totals{}, nil }

func (emptyDatabase) FindByContact(context.Context, []string) ([]string, error) { return nil, nil }

func (emptyDatabase) FindDeletion(context.Context, string, []string) (customer.Deletion, bool, error) {
	return customer.Deletion{}, false, nil
}

func (emptyDatabase) All(context.Context) iter.Seq2[customer.Customer, error] {
	return func(func(customer.Customer, error) bool) {}
}

// checkReadableTwice refuses --prune with input that can be read only once.
func checkReadableTwice(flags importFlags) error {
	if !flags.opts.Prune {
		return nil
	}
	info, err := os.Stat(flags.file)
	if flags.file == "-" || err == nil && !info.Mode().IsRegular() {
		return usageErrorf("--prune reads the input twice, to count the deletions before it imports anything: save it to a file first")
	}
	return nil
}

// checkPrune reads the file once to find out whether an import with --prune would delete
// too many customers, or has no usable row.
func checkPrune(ctx context.Context, flags importFlags, db *store.DB, bar *progressBar) error {
	if !flags.opts.Prune {
		return nil
	}
	f, err := os.Open(flags.file)
	if err != nil {
		return fmt.Errorf("open the file to import: %w", err)
	}
	defer f.Close()
	flags.opts.MaxProblems = 1
	file, err := openFile(ctx, f, flags)
	if err != nil {
		return err
	}
	defer file.Close()
	report, err := file.DryRun(ctx, db.Customers(), nil)
	bar.clear()
	if err != nil {
		return importError(flags, importer.Report{}, err)
	}
	if report.PruneRefused {
		return fmt.Errorf("import %s: %s", flags.file, strings.Replace(pruneHint(report), "would be", "was", 1))
	}
	return nil
}

// pruneHint says why nothing would be imported, and what to do.
func pruneHint(r importer.Report) string {
	if r.PruneUnread {
		return "Nothing would be imported or deleted: " + r.PruneReason + "."
	}
	if r.Created+r.Updated+r.Unchanged == 0 {
		return "No row can be used, so nothing would be imported or deleted."
	}
	return fmt.Sprintf("%s of %s customers are missing from the file, more than %d%%: nothing would be imported.\nTo delete them, add --prune-anyway.",
		text.GroupDigits(r.Absent, ","), text.GroupDigits(r.PruneScope, ","), importer.PrunePercent)
}

// maxShownPruned bounds how many of the customers that a file no longer has are listed.
const maxShownPruned = 20

// writePruned lists customers that a file no longer has.
func writePruned(b *strings.Builder, r importer.Report) {
	if len(r.FirstPruned) == 0 {
		return
	}
	b.WriteString("\nNo longer in the file:\n")
	for _, p := range r.FirstPruned[:min(len(r.FirstPruned), maxShownPruned)] {
		fmt.Fprintf(b, "  %s, id %s", strconv.QuoteToGraphic(shorten(p.Name, 60)), strconv.QuoteToGraphic(shorten(p.ID, 60)))
		if p.Released {
			b.WriteString(" (stays with other owners)")
		}
		b.WriteByte('\n')
	}
	if more := r.Absent - min(len(r.FirstPruned), maxShownPruned); more > 0 {
		fmt.Fprintf(b, "  … and %s more\n", text.GroupDigits(more, ","))
	}
}
