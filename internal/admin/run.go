package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/importer"
)

// Of an import beside workers who sign in meanwhile: how many rows one transaction
// writes, and for how long it goes on. Whoever else writes waits for as long.
const (
	transactionRows = 10_000
	transactionTime = 250 * time.Millisecond
)

// Run imports a file that is Ready, or whose import failed. The errors: ErrNoImport,
// ErrNotReady, a *BusyError, ErrAuditFailed (then nothing was begun), an
// *importer.UsageError for a file to prune by that cannot be read whole, and an
// *ErrTooManyRemoved unless the administrator insists.
func (o *Service) Run(ctx context.Context, by, id string) (Import, error) {
	o.changing.Lock()
	defer o.changing.Unlock()
	u, err := o.upload(id)
	if err != nil {
		return Import{}, err
	}
	i := o.told(u)
	p := i.Preview
	switch {
	case !i.Kept || p == nil || i.State != Ready && i.State != Failed:
		return i, ErrNotReady
	case p.PruneUnread:
		return i, &importer.UsageError{Reason: p.PruneReason}
	case p.PruneRefused && p.Created+p.Updated+p.Unchanged > 0:
		return i, &ErrTooManyRemoved{Removed: p.Absent, Total: p.PruneScope}
	}
	if err := o.take(by, i.File); err != nil {
		return i, err
	}
	// A process that dies in the middle has kept that it began.
	if err := o.note(ctx, audit.Entry{Actor: by, Action: audit.Imported, Subject: i.File, Detail: "begun"}); err != nil {
		o.release()
		return i, err
	}
	o.mu.Lock()
	u.State, u.Report, u.Problem, u.HasRejects, u.Progress = Importing, nil, "", false, importer.Progress{}
	o.mu.Unlock()
	entry := audit.Entry{Actor: by, Action: audit.Imported, Subject: i.File}
	address := context.WithoutCancel(ctx)
	err = o.beginWith(u, func(ctx context.Context) {
		defer o.release()
		report, err := o.bring(ctx, u)
		entry.Count, entry.Detail = report.Rows, summary(report)
		if errors.Is(err, errMeanwhile) {
			entry.Count, entry.Detail = 0, "nothing imported: others would be pruned than its check had told"
		} else if err != nil {
			entry.Detail += "; " + map[bool]string{true: "cancelled", false: "failed"}[errors.Is(err, context.Canceled)]
		}
		o.over(ctx, u, report, err, o.note(address, entry))
	})
	if err != nil {
		o.release()
	}
	return o.told(u), err
}

// errMeanwhile: whom an import would delete is no longer what its check told.
var errMeanwhile = errors.New("customers were added, changed or deleted since the check")

// stillSo counts anew, before anything is written, whom the file no longer has:
// nobody is deleted who was not among those that the administrator was told of.
func (o *Service) stillSo(ctx context.Context, u *upload) (importer.Report, error) {
	now, err := o.read(u, func(file *importer.File, rejects io.Writer) (importer.Report, error) {
		return file.Check(ctx, base{o.Reader, o.Store}, rejects)
	})
	was := o.told(u).Preview
	if err == nil && (now.Absent != was.Absent || now.AbsentSum != was.AbsentSum || now.PruneRefused != was.PruneRefused) {
		err = errMeanwhile
	}
	return now, err
}

// bring imports a file through a connection of its own.
func (o *Service) bring(ctx context.Context, u *upload) (report importer.Report, err error) {
	if o.told(u).Choices.Prune {
		if now, err := o.stillSo(ctx, u); errors.Is(err, errMeanwhile) {
			return now, err
		} else if err != nil {
			return report, err
		}
	}
	store, finish, shut, err := o.Bulk(ctx)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, shut()) }()
	report, err = o.read(u, func(file *importer.File, rejects io.Writer) (importer.Report, error) {
		return file.Import(ctx, store, rejects)
	})
	if report.Created+report.Updated+report.Pruned > 0 {
		// Also after a cancelled one: without it, searches are slow for up to an hour.
		err = errors.Join(err, finish(o.ctx))
	}
	return report, err
}

// over notes how an import ended, and whether that was kept. The file of one that
// failed stays, to try again.
func (o *Service) over(ctx context.Context, u *upload, report importer.Report, err, kept error) {
	problem := ""
	switch {
	case err != nil:
		problem = o.explain(ctx, err)
	case kept != nil:
		problem = "It was imported, but that could not be written down in the audit."
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	u.State, u.Report, u.Problem, u.Ended = Done, &report, problem, o.Now()
	switch {
	case errors.Is(err, context.Canceled):
		u.State = Cancelled
	case err != nil:
		u.State = Failed
	}
	u.HasRejects = unused(report) > 0
	if errors.Is(err, errMeanwhile) {
		u.State, u.Preview, u.Report, u.Ended = Ready, &report, nil, time.Time{}
		return
	}
	if u.State != Failed {
		u.Kept = false
		os.Remove(o.uploadFile(u.ID))
	}
}

// summary is what the audit says of an import.
func summary(r importer.Report) string {
	s := fmt.Sprintf("%d created, %d updated, %d unchanged, %d skipped, %d rejected", r.Created, r.Updated, r.Unchanged, r.Skipped, r.Rejected)
	if r.Removed > 0 {
		s += fmt.Sprintf(", %d deleted before", r.Removed)
	}
	if r.Pruned > 0 {
		s += fmt.Sprintf(", %d pruned", r.Pruned)
	}
	return s
}
