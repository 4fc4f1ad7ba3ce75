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
	// keptFor is how long an uploaded file waits, and rejected rows can be had.
	keptFor   = 24 * time.Hour
	tidyEvery = 10 * time.Minute
)

// makeDir makes a directory that nobody else can look into.
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

// clearDir removes all files of ours.
func (o *Service) clearDir() {
	entries, err := os.ReadDir(o.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	for _, e := range entries {
		if kind, _, _ := strings.Cut(e.Name(), "-"); kind != "upload" && kind != "rejects" && kind != "check" {
			continue
		}
		if rerr := os.Remove(filepath.Join(o.Dir, e.Name())); err == nil {
			err = rerr
		}
	}
	if err != nil {
		o.Logger.LogAttrs(o.ctx, slog.LevelWarn, "files of earlier imports could not be removed", slog.Any("error", err))
	}
	os.Remove(o.Dir) // if nothing else is in it; made again when it is needed
}

// discard removes the files of an import.
func (o *Service) discard(id string) {
	for _, file := range []string{o.uploadFile(id), o.rejectsFile(id)} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			o.Logger.LogAttrs(o.ctx, slog.LevelWarn, "the file of an import could not be removed", slog.Any("error", err))
		}
	}
}

// tidy removes from time to time the files that waited for long enough.
func (o *Service) tidy() {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-o.ctx.Done():
			return
		case <-tick.C:
			o.expire()
		}
	}
}

// expire ends imports that were not run, and forgets rejected rows.
func (o *Service) expire() {
	o.changing.Lock()
	defer o.changing.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.Now()
	for _, u := range o.uploads {
		since := u.Uploaded
		if !u.Ended.IsZero() {
			since = u.Ended
		}
		if u.cancel != nil || now.Sub(since) < keptFor || !u.Kept && !u.HasRejects {
			continue
		}
		if u.Kept {
			u.State, u.Problem, u.Ended = Cancelled, "The file waited for a day and was removed.", now
		}
		u.Kept, u.HasRejects = false, false
		o.discard(u.ID)
	}
}

// forget drops the oldest of the imports that are over, when they are very many.
func (o *Service) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := 0; i < len(o.uploads) && len(o.uploads) > mostKnown; {
		u := o.uploads[i]
		if u.cancel != nil || u.Kept {
			i++
			continue
		}
		o.discard(u.ID)
		o.uploads = append(o.uploads[:i:i], o.uploads[i+1:]...)
	}
}
