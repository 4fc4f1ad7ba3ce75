package admin

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/storage"
)

// startCheck starts the dry run of an upload; it waits for the exclusive task. It does
// nothing while an option is missing.
func (s *Service) startCheck(u *upload) error {
	if s.snapshot(u).State == NeedsInput {
		return nil
	}
	return s.startTask(u, func(ctx context.Context) {
		report, err := s.check(ctx, u)
		s.mu.Lock()
		defer s.mu.Unlock()
		if u.process != s.Process {
			return // another process took it over while this one hung
		}
		u.Preview, u.State = &report, Ready
		u.setFiles(report, err == nil)
		if err != nil {
			u.Preview, u.State, u.Problem = nil, Failed, s.problemText(ctx, err)
		}
	})
}

// checkBase is what a check reads.
type checkBase struct {
	Reader
	customer.Store
}

var _ importer.CustomerReader = checkBase{}

// startTask runs fn in the background as the task of an upload, which cancelTask ends.
func (s *Service) startTask(u *upload, fn func(ctx context.Context)) error {
	ctx, cancel := context.WithCancel(s.ctx)
	ended := make(chan struct{})
	s.mu.Lock()
	u.cancel, u.ended = cancel, ended
	s.mu.Unlock()
	err := s.start(func() {
		defer close(ended)
		defer func() {
			cancel()
			s.mu.Lock()
			if u.ended == ended { // the next task may have begun
				u.cancel = nil
			}
			s.mu.Unlock()
		}()
		fn(ctx)
	})
	if err != nil {
		cancel()
		s.mu.Lock()
		u.cancel = nil
		s.mu.Unlock()
	}
	return err
}

func (s *Service) check(ctx context.Context, u *upload) (importer.Report, error) {
	i := s.snapshot(u)
	if err := s.acquireWait(ctx, BusyError{By: i.By, What: i.File, Checking: true}); err != nil {
		return importer.Report{}, err
	}
	defer s.release()
	return s.dryRun(ctx, u)
}

func (s *Service) dryRun(ctx context.Context, u *upload) (importer.Report, error) {
	return s.read(ctx, u, func(file *importer.File, rejects io.Writer) (importer.Report, error) {
		return file.DryRun(ctx, checkBase{s.Reader, s.Store}, rejects)
	})
}

// read opens the file with its options, an empty rejects file and an empty list of
// problems, and runs fn on them.
func (s *Service) read(ctx context.Context, u *upload, fn func(*importer.File, io.Writer) (importer.Report, error)) (report importer.Report, err error) {
	i := s.snapshot(u)
	f, err := os.Open(s.uploadFile(i.ID))
	if err != nil {
		return report, diskError(err)
	}
	defer f.Close()
	var files []*os.File
	defer func() {
		for _, f := range files {
			if cerr := f.Close(); err == nil && cerr != nil {
				err = diskError(cerr)
			}
		}
	}()
	for _, name := range []string{s.rejectsFile(i.ID), s.problemsFile(i.ID)} {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return report, diskError(err)
		}
		files = append(files, f)
	}
	rejects, problems := files[0], files[1]
	opts := i.Options.options()
	if opts.OwnerMatches, opts.HasAccount, err = s.owners(ctx); err != nil {
		return report, err
	}
	opts.TempDir, opts.ProblemLog = s.Dir, problems
	opts.TransactionRows, opts.TransactionTime = transactionRows, transactionTime
	opts.Progress = func(p importer.Progress) {
		s.mu.Lock()
		defer s.mu.Unlock()
		u.Progress = p
	}
	file, err := importer.Open(ctx, f, opts)
	if file != nil {
		defer file.Close()
	}
	if err != nil {
		return report, err
	}
	return fn(file, rejects)
}

// setFiles says which files a check or import has written, if it is complete.
func (u *upload) setFiles(r importer.Report, complete bool) {
	u.HasRejects = complete && r.Skipped+r.Rejected+r.PreviouslyDeleted > 0
	u.HasProblems = complete && (u.HasRejects || len(r.Remarks)+len(r.Notes) > 0)
}

// problemText describes an error for an administrator. Details that only help the
// operator are logged.
func (s *Service) problemText(ctx context.Context, err error) string {
	var usage *importer.UsageError
	switch {
	case errors.Is(err, context.Canceled):
		return "" // the state says it
	case errors.As(err, &usage):
		return usageText(usage)
	case errors.Is(err, errChanged):
		return "Nothing was imported: customers changed since the check. Review the new preview and import again."
	case errors.Is(diskError(err), ErrDiskFull):
		return "The disk is full: free up space and try again."
	case storage.Reason(err) != nil:
		return "The database takes no changes: " + storage.Reason(err).Error() + "."
	}
	s.Logger.ErrorContext(ctx, "import or reassignment failed", "error", err)
	if errors.Is(err, customer.ErrUnavailable) {
		return "The customer database is unavailable: try again."
	}
	return "Failed. See the server log."
}
