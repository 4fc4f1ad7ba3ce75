package cli

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"path/filepath"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// auditTimeout bounds how long a command waits to write to the audit: longer than the
// store waits for other processes.
const auditTimeout = 15 * time.Second

// auditDone writes to the audit what a command did, as the system's user, even after an
// interrupt. If that fails, the error says that the action itself was done.
func auditDone(ctx context.Context, db *sqlite.DB, e audit.Entry) error {
	if err := writeAudit(ctx, db, e); err != nil {
		return fmt.Errorf("done, but writing the audit entry failed: %w", err)
	}
	return nil
}

// writeAudit writes an entry as the system's user, even after an interrupt.
func writeAudit(ctx context.Context, db *sqlite.DB, e audit.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()
	e.Actor, e.Via = systemUser(), "command"
	log := audit.Open(db.Audit(), audit.Options{})
	return errors.Join(log.Write(ctx, e), log.Close(ctx))
}

// systemUser returns the user who runs this program as the audit names them: "os:root".
// No identity of a person looks like that by accident.
func systemUser() string {
	who, err := user.Current()
	if err != nil {
		return "os:unknown"
	}
	return "os:" + who.Username
}

// auditImport records that an import begins, or its result if there is a report: the
// beginning of one that was killed stays recorded.
func auditImport(ctx context.Context, db *sqlite.DB, flags importFlags, report *importer.Report, err error) error {
	e := audit.Entry{Action: audit.Imported, Subject: filepath.Base(flags.file), Detail: audit.DetailBegun}
	if flags.file == "-" {
		e.Subject = "standard input"
	}
	if report == nil {
		if err := writeAudit(ctx, db, e); err != nil {
			return fmt.Errorf("writing the audit entry failed: %w", err)
		}
		return nil
	}
	e.Count, e.Detail = report.Rows, report.Summary()
	switch {
	case errors.Is(err, context.Canceled):
		e.Detail += "; " + audit.DetailInterrupted
	case err != nil:
		e.Detail += "; " + audit.DetailFailed
	}
	return auditDone(ctx, db, e)
}
