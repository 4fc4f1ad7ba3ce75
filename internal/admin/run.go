package admin

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/importer"
)

// Limits of one transaction of an import: other writers wait that long.
const (
	transactionRows = 10_000
	transactionTime = 250 * time.Millisecond
)

// Run imports a file that is Ready, or whose import failed. The errors: ErrNoImport,
// ErrNotReady, a *BusyError, audit.ErrUnavailable (nothing was started), an
// *importer.UsageError when Prune needs a file that can be read completely, and an
// *TooManyPrunedError unless PruneAnyway is set.
func (s *Service) Run(ctx context.Context, by, id string) (Import, error) {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	s.sync(ctx)
	u, err := s.upload(id)
	if err != nil {
		return Import{}, err
	}
	i := s.snapshot(u)
	p := i.Preview
	switch {
	case !i.HasFile || p == nil || i.State != Ready && i.State != Failed:
		return i, ErrNotReady
	case p.PruneUnread:
		return i, &importer.UsageError{Reason: p.PruneReason}
	case p.PruneRefused && p.Created+p.Updated+p.Unchanged > 0:
		return i, &TooManyPrunedError{Absent: p.Absent, Total: p.PruneScope}
	}
	if err := s.acquire(ctx, BusyError{By: by, What: i.File}); err != nil {
		return i, err
	}
	if err := s.claim(ctx, u); err != nil {
		s.release()
		return i, err
	}
	// Recorded first, so that the audit has an import that the process does not survive.
	if err := s.writeAudit(ctx, audit.Entry{Actor: by, Action: audit.Imported, Subject: i.File, Params: audit.Begun}); err != nil {
		s.release()
		return i, err
	}
	s.mu.Lock()
	u.State, u.Report, u.Problem, u.HasRejects, u.HasProblems, u.Progress = Running, nil, "", false, false, importer.Progress{}
	s.mu.Unlock()
	entry := audit.Entry{Actor: by, Action: audit.Imported, Subject: i.File}
	auditCtx := context.WithoutCancel(ctx)
	err = s.startTask(u, func(ctx context.Context) {
		report, err := s.importFile(ctx, u)
		entry.Count, entry.Params = report.Rows, ImportParams(report, err)
		if errors.Is(err, errChanged) {
			entry.Count, entry.Params = 0, audit.PruneChanged
		}
		s.finishImport(ctx, u, report, err, s.writeAudit(auditCtx, entry))
	})
	if err != nil {
		s.release()
	}
	s.sync(ctx)
	return s.snapshot(u), err
}

// ImportParams returns the audit's parameters of an import that ended with err: how many
// customers it wrote, and whether it was canceled or failed.
func ImportParams(r importer.Report, err error) (p audit.Params) {
	p = p.WithCount("created", r.Created).WithCount("updated", r.Updated).WithCount("unchanged", r.Unchanged).WithCount("skipped", r.Skipped).
		WithCount("rejected", r.Rejected).WithCount("previously-deleted", r.PreviouslyDeleted).WithCount("pruned", r.Pruned)
	switch {
	case errors.Is(err, context.Canceled):
		p = p.With("state", "canceled")
	case err != nil:
		p = p.With("state", "failed")
	}
	return p
}

// errChanged: the customers to prune are not those of the preview.
var errChanged = errors.New("customers changed since the check: check the file again")

// recheck repeats the check before anything is written, so that an import prunes only
// customers that the preview counted.
func (s *Service) recheck(ctx context.Context, u *upload) (importer.Report, error) {
	now, err := s.dryRun(ctx, u)
	was := s.snapshot(u).Preview
	if err == nil && (now.Absent != was.Absent || now.AbsentChecksum != was.AbsentChecksum || now.PruneRefused != was.PruneRefused) {
		err = errChanged
	}
	return now, err
}

// importFile imports a file on a connection of its own.
func (s *Service) importFile(ctx context.Context, u *upload) (report importer.Report, err error) {
	if s.snapshot(u).Options.Prune {
		if now, err := s.recheck(ctx, u); errors.Is(err, errChanged) {
			return now, err
		} else if err != nil {
			return report, err
		}
	}
	store, finish, closeStore, err := s.Bulk(ctx)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	report, err = s.read(ctx, u, func(file *importer.File, rejects io.Writer) (importer.Report, error) {
		return file.Import(ctx, store, rejects)
	})
	if report.Created+report.Updated+report.Pruned > 0 {
		// Even if canceled: without it, searches are slow for up to an hour.
		err = errors.Join(err, finish(s.ctx))
	}
	return report, err
}

// finishImport ends the exclusive task and records the result of an import. The file of a
// failed one stays, so that it can be run again.
func (s *Service) finishImport(ctx context.Context, u *upload, report importer.Report, err, auditErr error) {
	problem := ""
	switch {
	case err != nil:
		problem = s.problemText(ctx, err)
	case auditErr != nil:
		problem = "The file was imported, but writing the audit entry failed."
	}
	s.release() // first: who sees the result may begin the next task
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.process != s.Process {
		return // another process took it over while this one hung
	}
	u.State, u.Report, u.Problem, u.Ended = Done, &report, problem, s.Now()
	switch {
	case errors.Is(err, context.Canceled) && s.closing():
		u.State, u.Problem = Failed, interrupted
	case errors.Is(err, context.Canceled):
		u.State = Canceled
	case err != nil:
		u.State = Failed
	}
	u.setFiles(report, true)
	if errors.Is(err, errChanged) {
		u.State, u.Preview, u.Report, u.Ended = Ready, &report, nil, time.Time{}
		return
	}
	if u.State != Failed {
		u.HasFile = false
		os.Remove(s.uploadFile(u.ID))
	}
}
