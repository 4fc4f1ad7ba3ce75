package admin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/storage"
)

// A Job is an import, a reassignment, or the exclusive task, as all processes see it.
type Job struct {
	ID, Kind string
	Process  string // whose it is
	Cancel   bool   // another process asked to cancel it
	Data     []byte
}

// Kinds of jobs. There is at most one exclusive task, with its kind as id.
const (
	kindImport       = "import"
	kindReassignment = "reassignment"
	kindTask         = "task"
)

// JobStore has the jobs of all processes.
type JobStore interface {
	// AllJobs returns all jobs.
	AllJobs(ctx context.Context) ([]Job, error)
	// PutJob stores a job, and reports whether it did: not when there is one with the id
	// that does not belong to the process from. Cancel stays as stored, or is cleared.
	PutJob(ctx context.Context, j Job, from string) (bool, error)
	// CancelJob asks the process of a job to cancel it.
	CancelJob(ctx context.Context, id string) error
	// DeleteJob deletes a job of a process.
	DeleteJob(ctx context.Context, id, process string) error
}

// syncInterval is how often a process tells others of its jobs, and hears of theirs.
const syncInterval = 250 * time.Millisecond

// syncTimeout bounds one exchange of jobs with the database.
const syncTimeout = 5 * time.Second

// interrupted says why a job failed whose process has ended.
const interrupted = "Interrupted: the server process that ran this has ended. Start it again to complete it."

// jobRow is what a process knows of one job's row.
type jobRow struct {
	process string // whose it is
	takenOf string // the process that has ended and still has the row; "" when this one has it
	saved   []byte // the row's data, as last read or written
}

// syncLoop syncs until the service is closed.
func (s *Service) syncLoop() {
	tick := time.NewTicker(syncInterval)
	defer tick.Stop()
	for {
		s.sync(s.ctx)
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sync stores what changed in the jobs of this process, and reads those of others. Jobs of
// processes that have ended are interrupted. It does nothing without a JobStore.
func (s *Service) sync(ctx context.Context) {
	if s.Jobs == nil {
		return
	}
	s.syncMu.Lock()
	defer s.syncMu.Unlock()
	// What is stored is of all: it must not end with the request that happens to store it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), syncTimeout)
	defer cancel()
	rows, err := s.Jobs.AllJobs(ctx)
	if err == nil {
		err = s.store(ctx, s.merge(rows))
	}
	if err != nil && storage.Reason(err) == nil { // the server tells of those once
		s.Logger.LogAttrs(ctx, slog.LevelWarn, "telling other processes of imports and reassignments failed", slog.Any("error", err))
	}
}

// A jobWrite stores a job in its row, or deletes the row of one without data.
type jobWrite struct {
	Job
	from string // the process that has the row
	done func() // notes that it is stored; mu is held
}

// store stores jobs; one that fails is tried again the next time. It must be called without mu: a
// task that writes customers, and with it holds the database's lock, reports its progress.
func (s *Service) store(ctx context.Context, jobs []jobWrite) error {
	var errs []error
	for _, j := range jobs {
		ok, err := true, error(nil)
		if j.Data == nil {
			err = s.Jobs.DeleteJob(ctx, j.ID, j.from)
		} else {
			ok, err = s.Jobs.PutJob(ctx, j.Job, j.from)
		}
		if ok && err == nil {
			s.mu.Lock()
			j.done()
			s.mu.Unlock()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// merge takes over the jobs of other processes from their rows, and returns what to store.
func (s *Service) merge(rows []Job) (changed []jobWrite) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := map[string]bool{}
	heeded := map[string]bool{} // requests to cancel
	for _, row := range rows {
		ids[row.ID] = true
		switch row.Kind {
		case kindTask:
			if row.Process == s.Process && s.busy == nil || row.Process != s.Process && !s.Alive(row.Process) {
				changed = append(changed, jobWrite{Job{ID: row.ID}, row.Process, func() {}})
			}
		case kindImport:
			u := find(s.uploads, row.ID)
			if u == nil && row.Process != s.Process {
				u = new(upload)
				s.uploads = append(s.uploads, u)
			}
			if u != nil && s.mergeRow(row, &u.jobRow, &u.Import, u.cancel, heeded) && (u.State == Checking || u.State == Running) {
				u.take(s.Process)
				u.State, u.Problem, u.Ended = Failed, interrupted, s.Now()
			}
		case kindReassignment:
			r := find(s.reassignments, row.ID)
			if r == nil && row.Process != s.Process {
				r = new(reassignment)
				s.reassignments = append(s.reassignments, r)
			}
			if r != nil && s.mergeRow(row, &r.jobRow, &r.Reassignment, r.cancel, heeded) && r.State == Running {
				r.take(s.Process)
				r.State, r.Problem, r.Ended = Failed, interrupted, s.Now()
			}
		}
	}
	s.uploads = slices.DeleteFunc(s.uploads, func(u *upload) bool { return u.process != s.Process && !ids[u.ID] })
	s.reassignments = slices.DeleteFunc(s.reassignments, func(r *reassignment) bool { return r.process != s.Process && !ids[r.ID] })
	slices.SortStableFunc(s.uploads, func(a, b *upload) int { return a.Uploaded.Compare(b.Uploaded) })
	slices.SortStableFunc(s.reassignments, func(a, b *reassignment) int { return a.Started.Compare(b.Started) })
	for _, u := range s.uploads {
		changed = s.addChanged(changed, u.ID, kindImport, &u.jobRow, u.Import, heeded)
	}
	for _, r := range s.reassignments {
		changed = s.addChanged(changed, r.ID, kindReassignment, &r.jobRow, r.Reassignment, heeded)
	}
	for _, id := range s.dropped {
		changed = append(changed, jobWrite{Job{ID: id}, s.Process, func() {
			s.dropped = slices.DeleteFunc(s.dropped, func(d string) bool { return d == id })
		}})
	}
	return changed
}

// take makes a job one of this process, whose own has ended.
func (r *jobRow) take(process string) { r.process, r.takenOf = process, r.process }

// mergeRow reads the row of another process's job, or heeds a request to cancel one of this
// process. It reports whether the process of the row has ended.
func (s *Service) mergeRow(row Job, known *jobRow, job any, cancel context.CancelFunc, heeded map[string]bool) (ended bool) {
	was := known.process
	known.process, known.takenOf = row.Process, ""
	if row.Process == s.Process {
		if row.Cancel {
			heeded[row.ID] = true
			if cancel != nil {
				cancel()
			}
		}
		return false
	}
	if was == s.Process && cancel != nil {
		cancel() // another process took it over
	}
	if was == s.Process || !bytes.Equal(known.saved, row.Data) {
		if err := gob.NewDecoder(bytes.NewReader(row.Data)).Decode(clearJob(job)); err != nil {
			s.Logger.Warn("reading a job of another process failed", "error", err)
		}
		known.saved = row.Data
	}
	return !s.Alive(row.Process)
}

// clearJob returns job, set to its zero value: gob leaves fields alone that are zero.
func clearJob(job any) any {
	switch job := job.(type) {
	case *Import:
		*job = Import{}
	case *Reassignment:
		*job = Reassignment{}
	}
	return job
}

// addChanged adds a job of this process to those to store, if it changed.
func (s *Service) addChanged(changed []jobWrite, id, kind string, row *jobRow, job any, heeded map[string]bool) []jobWrite {
	if row.process != s.Process {
		return changed
	}
	data := encode(job)
	if bytes.Equal(data, row.saved) && !heeded[id] {
		return changed
	}
	return append(changed, jobWrite{Job{id, kind, s.Process, !heeded[id], data}, cmp.Or(row.takenOf, s.Process), func() {
		row.takenOf, row.saved = "", data
	}})
}

func encode(job any) []byte {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(job); err != nil {
		panic(err) // a field of a type that cannot be encoded
	}
	return b.Bytes()
}

// find returns the job with an id, or nil.
func find[J interface{ id() string }](jobs []J, id string) (none J) {
	if i := slices.IndexFunc(jobs, func(j J) bool { return j.id() == id }); i >= 0 {
		return jobs[i]
	}
	return none
}

func (u *upload) id() string       { return u.ID }
func (r *reassignment) id() string { return r.ID }

// claim makes the job of another process, which runs nothing of it, one of this process. It
// returns ErrNotReady if yet another one did.
func (s *Service) claim(ctx context.Context, u *upload) error {
	if s.Jobs == nil {
		return nil
	}
	s.syncMu.Lock() // else sync would put back the process that it read before
	defer s.syncMu.Unlock()
	s.mu.Lock()
	from, job := u.process, Job{u.ID, kindImport, s.Process, false, encode(u.Import)}
	s.mu.Unlock()
	ok, err := s.Jobs.PutJob(ctx, job, from)
	if err == nil && !ok {
		err = ErrNotReady
	}
	if err == nil {
		s.mu.Lock()
		u.process, u.saved = s.Process, job.Data
		s.mu.Unlock()
	}
	return err
}

// cancelElsewhere asks another process to cancel a job, and waits until running reports false.
func (s *Service) cancelElsewhere(ctx context.Context, id string, running func() bool) error {
	if err := s.Jobs.CancelJob(ctx, id); err != nil {
		return err
	}
	for s.sync(ctx); running(); s.sync(ctx) {
		select {
		case <-time.After(syncInterval / 5):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// closing reports whether the service ends while others go on: what it runs is interrupted.
func (s *Service) closing() bool { return s.Jobs != nil && s.ctx.Err() != nil }
