package admin

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// retention is the lifetime of an uploaded file, its rejected rows and its problems.
	retention       = 24 * time.Hour
	cleanupInterval = 10 * time.Minute
)

// makeDir creates a directory that only the program's user can read.
func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err == nil && info.Mode().Perm() != 0o700 {
		err = os.Chmod(dir, 0o700)
	}
	return err
}

// clearDir removes the files of all imports, and the directory when it is empty.
func (s *Service) clearDir() {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	for _, e := range entries {
		if kind, _, _ := strings.Cut(e.Name(), "-"); kind != "upload" && kind != "rejects" && kind != "problems" && kind != "check" && kind != "workbook" {
			continue
		}
		if rerr := os.RemoveAll(filepath.Join(s.Dir, e.Name())); err == nil {
			err = rerr
		}
	}
	if err != nil {
		s.Logger.LogAttrs(s.ctx, slog.LevelWarn, "removing the files of earlier imports failed", slog.Any("error", err))
	}
	os.Remove(s.Dir)
}

// discard removes the files of an import.
func (s *Service) discard(id string) {
	for _, file := range []string{s.uploadFile(id), s.rejectsFile(id), s.problemsFile(id)} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.Logger.LogAttrs(s.ctx, slog.LevelWarn, "removing the file of an import failed", slog.Any("error", err))
		}
	}
}

// cleanupLoop expires uploads until the service is closed.
func (s *Service) cleanupLoop() {
	tick := time.NewTicker(cleanupInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
			s.expire()
		}
	}
}

// expire cancels imports that were not run within the retention time, and removes
// rejected rows and problems of that age.
func (s *Service) expire() {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	for _, u := range s.uploads {
		since := u.Uploaded
		if !u.Ended.IsZero() {
			since = u.Ended
		}
		if u.process != s.Process && s.Alive(u.process) || u.cancel != nil || now.Sub(since) < retention || !u.HasFile && !u.HasProblems {
			continue
		}
		if u.HasFile {
			u.State, u.Problem, u.Ended = Canceled, "The file was not imported within a day and was removed.", now
		}
		u.HasFile, u.HasRejects, u.HasProblems = false, false, false
		s.discard(u.ID)
	}
}

// dropOldest removes the oldest finished imports beyond maxImports.
func (s *Service) dropOldest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; i < len(s.uploads) && len(s.uploads) > maxImports; {
		u := s.uploads[i]
		if u.cancel != nil || u.HasFile {
			i++
			continue
		}
		s.discard(u.ID)
		s.dropped = append(s.dropped, u.ID)
		s.uploads = append(s.uploads[:i:i], s.uploads[i+1:]...)
	}
}
