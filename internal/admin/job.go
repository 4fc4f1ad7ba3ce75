package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// moveRows is how many customers one transaction gives to somebody else, and
	// movePause how long others have between two, to write what they want to write.
	moveRows  = 500
	movePause = 25 * time.Millisecond
	// mostJobs is how many are remembered.
	mostJobs = 30
)

// job is a Job, and what goes on with it.
type job struct {
	Job
	cancel context.CancelFunc
	ended  chan struct{} // closed when it is over
}

// Reassign begins to give all customers of one worker to another: those of from, ""
// being those who are nobody's, become to's, "" being nobody's. Who has other workers
// too keeps them. The errors: ErrSameOwner, a *BusyError, ErrAuditFailed (then nothing was
// begun). A reassignment that was broken off goes on when it is begun again.
func (o *Service) Reassign(ctx context.Context, by, from, to string) (Job, error) {
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	if text.IdentityKey(from) == text.IdentityKey(to) {
		return Job{}, ErrSameOwner
	}
	if err := check(customer.Customer{ID: "x", Name: "x", Workers: distinct([]string{to})}); err != nil {
		return Job{}, err
	}
	if err := o.take(by, ""); err != nil {
		return Job{}, err
	}
	begun := false
	defer func() {
		if !begun {
			o.release()
		}
	}()
	total, err := o.holding(ctx, from)
	if err != nil {
		return Job{}, err
	}
	if err := o.note(ctx, audit.Entry{Actor: by, Action: audit.Reassigned, Subject: from, Detail: "begun: to " + called(to), Count: total}); err != nil {
		return Job{}, err
	}
	running, cancel := context.WithCancel(o.ctx)
	j := &job{Job: Job{ID: newName(), By: by, From: from, To: to, Total: total, State: Importing, Started: o.Now()},
		cancel: cancel, ended: make(chan struct{})}
	address := context.WithoutCancel(ctx)
	err = o.begin(func() {
		defer close(j.ended)
		defer cancel()
		defer o.release()
		err := o.move(running, j)
		o.finish(address, j, err)
	})
	if err != nil {
		cancel()
		return Job{}, err
	}
	begun = true
	o.mu.Lock()
	defer o.mu.Unlock()
	o.jobs = append(o.jobs, j)
	o.jobs = o.jobs[max(0, len(o.jobs)-mostJobs):]
	return j.Job, nil
}

// move gives customers away until there are none left.
func (o *Service) move(ctx context.Context, j *job) error {
	for {
		var n int
		err := o.Store.Update(ctx, func(tx customer.Tx) (err error) {
			n, err = tx.Reassign(ctx, j.From, j.To, moveRows)
			return err
		})
		if err != nil {
			return err
		}
		o.mu.Lock()
		j.Done += n
		j.Total = max(j.Total, j.Done)
		o.mu.Unlock()
		if n == 0 {
			return nil
		}
		select {
		case <-time.After(movePause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// finish notes how a job ended.
func (o *Service) finish(ctx context.Context, j *job, err error) {
	took := o.Now().Sub(j.Started)
	e := audit.Entry{Actor: j.By, Action: audit.Reassigned, Subject: j.From, Count: j.Done,
		Detail: fmt.Sprintf("to %s, within %s", called(j.To), took.Round(time.Second))}
	state, problem := Done, ""
	switch {
	case errors.Is(err, context.Canceled):
		state, problem = Cancelled, o.explain(ctx, err)
		e.Detail += "; cancelled"
	case err != nil:
		state, problem = Failed, o.explain(ctx, err)
		e.Detail += "; failed"
	}
	if kept := o.note(ctx, e); kept != nil && err == nil {
		problem = "It was done, but that could not be written down in the audit."
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	j.State, j.Problem, j.Ended = state, problem, o.Now()
}

// called names a worker, or nobody.
func called(identity string) string {
	if identity == "" {
		return "nobody"
	}
	return identity
}

// Jobs are the reassignments that are known, newest first.
func (o *Service) Jobs() []Job {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := make([]Job, 0, len(o.jobs))
	for _, j := range slices.Backward(o.jobs) {
		list = append(list, j.Job)
	}
	return list
}

// Job answers one of them, or ErrNoJob.
func (o *Service) Job(id string) (Job, error) {
	j, err := o.job(id)
	if err != nil {
		return Job{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return j.Job, nil
}

func (o *Service) job(id string) (*job, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.IndexFunc(o.jobs, func(j *job) bool { return j.ID == id })
	if i < 0 {
		return nil, ErrNoJob
	}
	return o.jobs[i], nil
}

// CancelJob ends a reassignment and waits for that. Who was given away stays so.
func (o *Service) CancelJob(ctx context.Context, id string) error {
	j, err := o.job(id)
	if err != nil {
		return err
	}
	j.cancel()
	select {
	case <-j.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
