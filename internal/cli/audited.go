package cli

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// auditedWithin is how long a command waits to write what it did: longer than the
// store waits for other processes.
const auditedWithin = 15 * time.Second

// The details of what commands do to people: those of the console, which has them in
// other languages, and of a password that somebody typed.
const (
	detailAdmin        = "role: administrator"
	detailWorker       = "role: worker"
	detailMayExport    = "may export"
	detailMayNotExport = "may no longer export"
	detailUnbound      = "parted from the identity provider"
	detailDeactivated  = "deactivated"
	detailActivated    = "activated"
	detailPassword     = "new password"
)

// audited writes to the audit what a command did, as whoever runs it on this machine,
// also when they want it to stop. When that fails, the command must not end as if
// all were well: the error says that the thing itself was done.
func audited(ctx context.Context, db *sqlite.DB, e audit.Entry) error {
	if err := keepAudited(ctx, db, e); err != nil {
		return fmt.Errorf("it was done, but could not be written to the audit: %w", err)
	}
	return nil
}

// keepAudited is audited for what is yet to be done.
func keepAudited(ctx context.Context, db *sqlite.DB, e audit.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditedWithin)
	defer cancel()
	e.Actor, e.Via = systemUser(), "command"
	log := audit.Open(db.Audit(), audit.Options{})
	return errors.Join(log.Write(ctx, e), log.Close(ctx))
}

// systemUser is who runs this program, as the audit calls them: "os:root". No one who
// signs in is called so by accident.
func systemUser() string {
	who, err := user.Current()
	if err != nil {
		return "os:unknown"
	}
	return "os:" + who.Username
}
