package cli

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"path/filepath"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store"
)

// auditTimeout bounds how long a command waits to write to the audit: longer than the
// store waits for other processes.
const auditTimeout = 15 * time.Second

// act runs fn and writes its entry as the system's user, in one transaction. fn must use
// the context that it gets, and reports whether it changed anything: if not, there is no
// entry.
func act(ctx context.Context, db *store.DB, e audit.Entry, fn func(ctx context.Context) (changed bool, err error)) error {
	log := audit.Open(db.Audit(), audit.Options{})
	err := log.Act(ctx, func(ctx context.Context) ([]audit.Entry, error) {
		if changed, err := fn(ctx); err != nil || !changed {
			return nil, err
		}
		return []audit.Entry{fromCommand(e)}, nil
	})
	return errors.Join(err, log.Close(context.WithoutCancel(ctx)))
}

// writeAudit writes an entry as the system's user, even after an interrupt.
func writeAudit(ctx context.Context, db *store.DB, e audit.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()
	log := audit.Open(db.Audit(), audit.Options{})
	err := log.Write(ctx, fromCommand(e))
	return errors.Join(err, log.Close(ctx))
}

func fromCommand(e audit.Entry) audit.Entry {
	e.Actor, e.Via = systemUser(), "command"
	return e
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
func auditImport(ctx context.Context, db *store.DB, flags importFlags, report *importer.Report, err error) error {
	e := audit.Entry{Action: audit.Imported, Subject: filepath.Base(flags.file), Params: audit.Begun}
	if flags.file == "-" {
		e.Subject = "standard input"
	}
	if report == nil {
		if err := writeAudit(ctx, db, e); err != nil {
			return fmt.Errorf("writing the audit entry failed: %w", err)
		}
		return nil
	}
	e.Count, e.Params = report.Rows, admin.ImportParams(*report, err)
	if err := writeAudit(ctx, db, e); err != nil {
		return fmt.Errorf("the import ended, but writing its audit entry failed: %w", err)
	}
	return nil
}
