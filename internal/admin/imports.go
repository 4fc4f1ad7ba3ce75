package admin

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/importer"
)

// cancelWait limits how long Cancel waits for the task to end.
const cancelWait = 2 * time.Second

// Imports returns the known uploads, newest first.
func (s *Service) Imports() []Import {
	s.sync(s.ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Import, 0, len(s.uploads))
	for _, u := range slices.Backward(s.uploads) {
		list = append(list, u.Import)
	}
	return list
}

// Import returns an upload, or ErrNoImport.
func (s *Service) Import(id string) (Import, error) {
	s.sync(s.ctx)
	u, err := s.upload(id)
	if err != nil {
		return Import{}, err
	}
	return s.snapshot(u), nil
}

func (s *Service) upload(id string) (*upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.uploads, func(u *upload) bool { return u.ID == id })
	if i < 0 {
		return nil, ErrNoImport
	}
	return s.uploads[i], nil
}

// snapshot copies the state of an import. What its pointers refer to never changes.
func (s *Service) snapshot(u *upload) Import {
	s.mu.Lock()
	defer s.mu.Unlock()
	return u.Import
}

// SetOptions sets how a file is read and checks it again. A mapping does not survive a
// change of the encoding, sheet or header line after which its columns are missing. The
// errors: ErrNoImport, ErrNotReady once it was imported or its file is gone, and a
// *BusyError while another import runs.
func (s *Service) SetOptions(ctx context.Context, id string, opts ImportOptions) (Import, error) {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	s.sync(ctx)
	u, err := s.upload(id)
	if err != nil {
		return Import{}, err
	}
	was := s.snapshot(u)
	if !was.HasFile || was.State == Running {
		return was, ErrNotReady
	}
	if was.State == Checking {
		err = s.cancelTask(ctx, u)
	} else {
		err = s.checkBusy(ctx)
	}
	if err == nil {
		err = s.claim(ctx, u)
	}
	if err != nil {
		return was, err
	}
	defer s.sync(ctx)
	opts.Map, opts.Worker, opts.Region = slices.Clone(opts.Map), strings.TrimSpace(opts.Worker), strings.TrimSpace(opts.Region)
	err = s.applyOptions(ctx, u, opts)
	if old := was.Options; err == nil && s.snapshot(u).Need == importer.NeedMap &&
		(old.Encoding != opts.Encoding || old.Sheet != opts.Sheet || old.HeaderLine != opts.HeaderLine) {
		opts.Map = nil // it was about other columns
		err = s.applyOptions(ctx, u, opts)
	}
	if err != nil {
		s.mu.Lock()
		u.State, u.Problem = Failed, s.problemText(ctx, err)
		s.mu.Unlock()
		return s.snapshot(u), err
	}
	err = s.startCheck(u)
	return s.snapshot(u), err
}

// applyOptions sets the options of an import that is not being checked, and reads its
// beginning with them.
func (s *Service) applyOptions(ctx context.Context, u *upload, opts ImportOptions) error {
	s.mu.Lock()
	u.Options, u.State = opts, Checking
	u.Preview, u.Report, u.HasRejects, u.HasProblems, u.Progress = nil, nil, false, false, importer.Progress{}
	s.mu.Unlock()
	return s.readBeginning(ctx, u)
}

// cancelTask cancels the task of an import and waits for its end.
func (s *Service) cancelTask(ctx context.Context, u *upload) error {
	s.mu.Lock()
	cancel, ended, here := u.cancel, u.ended, u.process == s.Process
	s.mu.Unlock()
	if !here {
		return s.cancelElsewhere(ctx, u.ID, func() bool {
			now := s.snapshot(u)
			return now.State == Checking || now.State == Running
		})
	}
	if cancel == nil {
		return nil
	}
	cancel()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Cancel ends a check or an import, and removes the file. What was written stays and is
// in Import.Report; importing the file again completes it. An import that is over is
// not changed. A large import that is compacting when canceled may still be Running
// when Cancel returns, and becomes Canceled later.
func (s *Service) Cancel(ctx context.Context, id string) error {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	s.sync(ctx)
	u, err := s.upload(id)
	if err != nil {
		return err
	}
	soon, done := context.WithTimeout(ctx, cancelWait)
	defer done()
	switch err := s.cancelTask(soon, u); {
	case err != nil && ctx.Err() == nil && s.snapshot(u).State == Running:
		return nil // finishImport sets the state
	case err != nil:
		return err
	}
	if !s.snapshot(u).HasFile {
		return nil
	}
	if err := s.claim(ctx, u); err != nil {
		return err
	}
	defer s.sync(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	u.State, u.Problem, u.HasFile, u.Ended = Canceled, "", false, s.Now()
	if u.Report == nil {
		u.HasRejects, u.HasProblems = false, false
		s.discard(u.ID)
	} else {
		os.Remove(s.uploadFile(u.ID))
	}
	return nil
}

// Rejects returns the unused rows with their reasons, in the format of the file, and a
// file name for them. It returns ErrNoImport when there are none.
func (s *Service) Rejects(id string) (io.ReadCloser, string, error) {
	s.sync(s.ctx)
	u, err := s.upload(id)
	if err != nil {
		return nil, "", err
	}
	i := s.snapshot(u)
	if !i.HasRejects {
		return nil, "", ErrNoImport
	}
	f, err := os.Open(s.rejectsFile(id))
	if err != nil {
		return nil, "", fmt.Errorf("open the rejected rows: %w", err)
	}
	return f, baseName(i.File) + "-rejected" + map[string]string{"CSV": ".csv", "Excel": ".csv", "JSON": ".jsonl", "vCard": ".vcf"}[i.Format], nil
}

// Problems returns all problems and remarks of the last check or import as a CSV, and a
// file name for it. It returns ErrNoImport when there are none.
func (s *Service) Problems(id string) (io.ReadCloser, string, error) {
	s.sync(s.ctx)
	u, err := s.upload(id)
	if err != nil {
		return nil, "", err
	}
	i := s.snapshot(u)
	if !i.HasProblems {
		return nil, "", ErrNoImport
	}
	f, err := os.Open(s.problemsFile(id))
	if err != nil {
		return nil, "", fmt.Errorf("open the list of problems: %w", err)
	}
	return f, baseName(i.File) + "-report.csv", nil
}

// baseName returns a file's name without its extension.
func baseName(file string) string { return strings.TrimSuffix(file, filepath.Ext(file)) }
