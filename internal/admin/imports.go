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

// SetOptions sets how a file is read and checks it again. The errors: ErrNoImport,
// ErrNotReady once it was imported or its file is gone, and a *BusyError while another
// import runs.
func (s *Service) SetOptions(ctx context.Context, id string, opts ImportOptions) (Import, error) {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
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
		err = s.checkBusy()
	}
	if err != nil {
		return was, err
	}
	s.mu.Lock()
	u.Options = ImportOptions{Map: slices.Clone(opts.Map), Worker: strings.TrimSpace(opts.Worker), Region: strings.TrimSpace(opts.Region), Prune: opts.Prune, PruneAnyway: opts.PruneAnyway}
	u.State, u.Preview, u.Report, u.HasRejects, u.Progress = Checking, nil, nil, false, importer.Progress{}
	s.mu.Unlock()
	if err := s.readColumns(u); err != nil {
		s.mu.Lock()
		u.State, u.Problem = Failed, s.problemText(ctx, err)
		s.mu.Unlock()
		return s.snapshot(u), err
	}
	err = s.startCheck(u)
	return s.snapshot(u), err
}

// cancelTask cancels the task of an import and waits for its end.
func (s *Service) cancelTask(ctx context.Context, u *upload) error {
	s.mu.Lock()
	cancel, ended := u.cancel, u.ended
	s.mu.Unlock()
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
	s.mu.Lock()
	defer s.mu.Unlock()
	if !u.HasFile {
		return nil
	}
	u.State, u.HasFile, u.Ended = Canceled, false, s.Now()
	if u.Report == nil {
		u.HasRejects = false
		s.discard(u.ID)
	} else {
		os.Remove(s.uploadFile(u.ID))
	}
	return nil
}

// Rejects returns the unused rows with their reasons, in the format of the file, and a
// file name for them. It returns ErrNoImport when there are none.
func (s *Service) Rejects(id string) (io.ReadCloser, string, error) {
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
	ext := filepath.Ext(i.File)
	return f, strings.TrimSuffix(i.File, ext) + "-rejected" + map[string]string{"CSV": ".csv", "Excel": ".csv", "JSON": ".jsonl", "vCard": ".vcf"}[i.Format], nil
}
