package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// auditImport keeps that an import began, and what came of it when there is a report.
// An import that is ended by force has kept that it began.
func auditImport(ctx context.Context, db *sqlite.DB, asked importFlags, detail string, report *importer.Report) error {
	e := audit.Entry{Action: audit.Imported, Subject: filepath.Base(asked.file), Detail: detail}
	if asked.file == "-" {
		e.Subject = "standard input"
	}
	if report == nil {
		if err := keepAudited(ctx, db, e); err != nil {
			return fmt.Errorf("write to the audit that it begins: %w", err)
		}
		return nil
	}
	e.Count = report.Rows
	return audited(ctx, db, e)
}

// importSummary says what came of an import, for the audit.
func importSummary(r importer.Report, err error) string {
	s := fmt.Sprintf("%d created, %d updated, %d unchanged, %d skipped, %d rejected", r.Created, r.Updated, r.Unchanged, r.Skipped, r.Rejected)
	if r.Removed > 0 {
		s += fmt.Sprintf(", %d deleted before", r.Removed)
	}
	if r.Pruned > 0 {
		s += fmt.Sprintf(", %d pruned", r.Pruned)
	}
	switch {
	case errors.Is(err, context.Canceled):
		s += "; interrupted"
	case err != nil:
		s += "; failed"
	}
	return s
}
