package admin

import (
	"bytes"
	"context"
	"encoding/gob"
)

// acquireTask makes the exclusive task of all processes this one's, or returns a *BusyError.
func (s *Service) acquireTask(ctx context.Context, task BusyError) error {
	if s.Jobs == nil {
		return nil
	}
	s.syncMu.Lock() // else sync, which saw none here, would delete its row
	ok, err := s.Jobs.PutJob(ctx, Job{kindTask, kindTask, s.Process, false, encode(task)}, s.Process)
	s.syncMu.Unlock()
	if err != nil || ok {
		return err
	}
	if other := s.taskElsewhere(ctx); other != nil {
		return other
	}
	return &task // it has just ended: as if this one had come first
}

// taskElsewhere returns the exclusive task of another process, or nil.
func (s *Service) taskElsewhere(ctx context.Context) *BusyError {
	if s.Jobs == nil {
		return nil
	}
	rows, _ := s.Jobs.AllJobs(ctx)
	for _, row := range rows {
		var task BusyError
		if row.Kind == kindTask && row.Process != s.Process && gob.NewDecoder(bytes.NewReader(row.Data)).Decode(&task) == nil {
			return &task
		}
	}
	return nil
}

// releaseTask ends the exclusive task.
func (s *Service) releaseTask() {
	if s.Jobs == nil {
		return
	}
	if err := s.Jobs.DeleteJob(context.WithoutCancel(s.ctx), kindTask, s.Process); err != nil {
		s.Logger.Warn("ending a task failed; it is tried again", "error", err) // by sync
	}
}
