package admin

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// beginCheck finds out, beside the answers, what importing a file would come to; it
// waits until nobody else works. Nothing is found out while something is to be chosen.
func (o *Service) beginCheck(u *upload) error {
	if o.told(u).State == Choosing {
		return nil
	}
	return o.beginWith(u, func(ctx context.Context) {
		report, err := o.check(ctx, u)
		o.mu.Lock()
		defer o.mu.Unlock()
		u.Preview, u.State = &report, Ready
		u.HasRejects = err == nil && unused(report) > 0
		if err != nil {
			u.Preview, u.State, u.Problem = nil, Failed, o.explain(ctx, err)
		}
	})
}

// beginWith runs fn beside the answers as what goes on with an import, which whoever
// calls end ends.
func (o *Service) beginWith(u *upload, fn func(ctx context.Context)) error {
	ctx, cancel := context.WithCancel(o.ctx)
	ended := make(chan struct{})
	o.mu.Lock()
	u.cancel, u.ended = cancel, ended
	o.mu.Unlock()
	err := o.begin(func() {
		defer close(ended)
		defer func() {
			cancel()
			o.mu.Lock()
			u.cancel = nil
			o.mu.Unlock()
		}()
		fn(ctx)
	})
	if err != nil {
		cancel()
		o.mu.Lock()
		u.cancel = nil
		o.mu.Unlock()
	}
	return err
}

func (o *Service) check(ctx context.Context, u *upload) (importer.Report, error) {
	i := o.told(u)
	if err := o.await(ctx, i.By, i.File); err != nil {
		return importer.Report{}, err
	}
	defer o.release()
	return o.read(u, func(file *importer.File, rejects io.Writer) (importer.Report, error) {
		return file.Check(ctx, base{o.Reader, o.Store}, rejects)
	})
}

// read opens the file as it was chosen, and a new one for its rejects, and has fn
// make use of them.
func (o *Service) read(u *upload, fn func(*importer.File, io.Writer) (importer.Report, error)) (report importer.Report, err error) {
	i := o.told(u)
	f, err := os.Open(o.uploadFile(i.ID))
	if err != nil {
		return report, onDisk(err)
	}
	defer f.Close()
	opts := i.Choices.options()
	opts.ScratchDir = o.Dir
	opts.TransactionRows, opts.TransactionTime = transactionRows, transactionTime
	opts.Progress = func(p importer.Progress) {
		o.mu.Lock()
		defer o.mu.Unlock()
		u.Progress = p
	}
	file, err := importer.Open(bufio.NewReaderSize(f, 64<<10), opts)
	if err != nil {
		return report, err
	}
	rejects, err := os.OpenFile(o.rejectsFile(i.ID), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return report, onDisk(err)
	}
	defer func() {
		if cerr := rejects.Close(); err == nil && cerr != nil {
			err = onDisk(cerr)
		}
	}()
	return fn(file, rejects)
}

// unused is how many rows of a file were not used.
func unused(r importer.Report) int { return r.Skipped + r.Rejected + r.Removed }

// explain words an error for an administrator. What only helps whoever runs the
// program goes to the log.
func (o *Service) explain(ctx context.Context, err error) string {
	var usage *importer.UsageError
	switch {
	case errors.Is(err, context.Canceled):
		return "It was cancelled."
	case errors.As(err, &usage):
		return inConsole(usage)
	case errors.Is(err, errMeanwhile):
		return "Nothing was imported: customers were added, changed or deleted since the check. See who would be deleted now, and import again."
	case errors.Is(onDisk(err), ErrDiskFull):
		return "The disk is full: make room on it and try again."
	}
	o.Logger.ErrorContext(ctx, "an import or a reassignment failed", "error", err)
	if errors.Is(err, customer.ErrUnavailable) {
		return "The customers cannot be reached just now: try again."
	}
	return "It failed; the log of the program says why."
}
