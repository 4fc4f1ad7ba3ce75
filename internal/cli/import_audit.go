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

// auditImport records that an import began, or its result if there is a report. An
// import that was killed has recorded that it began.
func auditImport(ctx context.Context, db *sqlite.DB, flags importFlags, detail string, report *importer.Report) error {
	e := audit.Entry{Action: audit.Imported, Subject: filepath.Base(flags.file), Detail: detail}
	if flags.file == "-" {
		e.Subject = "standard input"
	}
	if report == nil {
		if err := writeAudit(ctx, db, e); err != nil {
			return fmt.Errorf("writing the audit entry failed: %w", err)
		}
		return nil
	}
	e.Count = report.Rows
	return auditDone(ctx, db, e)
}

// importSummary returns the result of an import, for the audit.
func importSummary(r importer.Report, err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return r.Summary() + "; interrupted"
	case err != nil:
		return r.Summary() + "; failed"
	}
	return r.Summary()
}
