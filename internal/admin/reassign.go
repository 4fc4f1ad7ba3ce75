package admin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// reassignRows is the number of customers that one transaction reassigns;
	// reassignPause lets other writers in between two transactions.
	reassignRows  = 500
	reassignPause = 25 * time.Millisecond
	// maxReassignments is the number of reassignments remembered.
	maxReassignments = 30
)

// reassignment is a Reassignment with its task.
type reassignment struct {
	Reassignment
	jobRow
	cancel context.CancelFunc
	ended  chan struct{} // closed when it is over
}

// Reassign starts a reassignment that makes all customers of from belong to to; "" stands for
// unassigned. Other owners of a customer are unaffected. Starting an interrupted
// reassignment again completes it. The errors: ErrSameOwner, a *BusyError,
// audit.ErrUnavailable (nothing was started).
func (s *Service) Reassign(ctx context.Context, by, from, to string) (Reassignment, error) {
	return s.reassign(ctx, by, from, to, func(begun audit.Entry) error { return s.writeAudit(ctx, begun) })
}

// reassign is Reassign; begin writes the entry that the reassignment begins.
func (s *Service) reassign(ctx context.Context, by, from, to string, begin func(begun audit.Entry) error) (Reassignment, error) {
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	if text.SameIdentity(from, to) {
		return Reassignment{}, ErrSameOwner
	}
	if err := validate(customer.Customer{ID: "x", Name: "x", Workers: uniqueWorkers([]string{to})}); err != nil {
		return Reassignment{}, err
	}
	if err := s.acquire(ctx, BusyError{By: by}); err != nil {
		return Reassignment{}, err
	}
	started := false
	defer func() {
		if !started {
			s.release()
		}
	}()
	total, err := s.ownerCount(ctx, from)
	if err != nil {
		return Reassignment{}, err
	}
	if err := begin(audit.Entry{Actor: by, Action: audit.Reassigned, Subject: from, Params: audit.Begun + "&" + audit.To(to), Count: total}); err != nil {
		return Reassignment{}, err
	}
	running, cancel := context.WithCancel(s.ctx)
	r := &reassignment{Reassignment: Reassignment{ID: randomID(), By: by, From: from, To: to, Total: total, State: Running, Started: s.Now()},
		jobRow: jobRow{process: s.Process}, cancel: cancel, ended: make(chan struct{})}
	auditCtx := context.WithoutCancel(ctx)
	err = s.start(func() {
		defer close(r.ended)
		defer cancel()
		err := s.reassignAll(running, r)
		s.finishReassignment(auditCtx, r, err)
	})
	if err != nil {
		cancel()
		return Reassignment{}, err
	}
	started = true
	s.mu.Lock()
	s.reassignments = append(s.reassignments, r)
	for len(s.reassignments) > maxReassignments {
		s.dropped = append(s.dropped, s.reassignments[0].ID)
		s.reassignments = s.reassignments[1:]
	}
	s.mu.Unlock()
	s.sync(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.Reassignment, nil
}

// reassignAll reassigns batches until none is left.
func (s *Service) reassignAll(ctx context.Context, r *reassignment) error {
	for {
		var n int
		err := s.Store.Update(ctx, func(tx customer.Tx) (err error) {
			n, err = tx.Reassign(ctx, r.From, r.To, reassignRows)
			return err
		})
		if err != nil {
			return err
		}
		s.mu.Lock()
		r.Done += n
		r.Total = max(r.Total, r.Done)
		s.mu.Unlock()
		if n == 0 {
			return nil
		}
		select {
		case <-time.After(reassignPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// finishReassignment ends the exclusive task and records the result of a reassignment.
func (s *Service) finishReassignment(ctx context.Context, r *reassignment, err error) {
	e := audit.Entry{Actor: r.By, Action: audit.Reassigned, Subject: r.From, Count: r.Done, Params: audit.To(r.To)}
	state, problem := Done, ""
	switch {
	case errors.Is(err, context.Canceled):
		state, problem = Canceled, s.problemText(ctx, err)
		e.Params += "&" + audit.Canceled
	case err != nil:
		state, problem = Failed, s.problemText(ctx, err)
		e.Params += "&" + audit.Failed
	}
	if auditErr := s.writeAudit(ctx, e); auditErr != nil && err == nil {
		problem = "The customers were reassigned, but writing the audit entry failed."
	}
	s.release() // first: who sees the result may begin the next task
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.process != s.Process {
		return // another process took it over while this one hung
	}
	r.State, r.Problem, r.Ended = state, problem, s.Now()
	if state == Canceled && s.closing() {
		r.State, r.Problem = Failed, interrupted
	}
}

// ownerCount returns the number of customers of a worker, or of unassigned ones for "".
func (s *Service) ownerCount(ctx context.Context, worker string) (int, error) {
	if worker != "" {
		return s.Reader.OwnerCount(ctx, worker)
	}
	totals, err := s.Reader.Totals(ctx)
	return totals.Unassigned, err
}

// Reassignments returns the known reassignments, newest first.
func (s *Service) Reassignments() []Reassignment {
	s.sync(s.ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Reassignment, 0, len(s.reassignments))
	for _, r := range slices.Backward(s.reassignments) {
		list = append(list, r.Reassignment)
	}
	return list
}

// Reassignment returns a reassignment, or ErrNoReassignment.
func (s *Service) Reassignment(id string) (Reassignment, error) {
	s.sync(s.ctx)
	r, err := s.reassignment(id)
	if err != nil {
		return Reassignment{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.Reassignment, nil
}

func (s *Service) reassignment(id string) (*reassignment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.reassignments, func(r *reassignment) bool { return r.ID == id })
	if i < 0 {
		return nil, ErrNoReassignment
	}
	return s.reassignments[i], nil
}

// CancelReassignment cancels a reassignment and waits for its end. Customers already moved stay moved.
func (s *Service) CancelReassignment(ctx context.Context, id string) error {
	s.sync(ctx)
	r, err := s.reassignment(id)
	if err != nil {
		return err
	}
	if r.cancel == nil { // another process's
		return s.cancelElsewhere(ctx, id, func() bool {
			now, err := s.Reassignment(id)
			return err == nil && now.State == Running
		})
	}
	r.cancel()
	select {
	case <-r.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
