package messaging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"github.com/clientele-project/clientele/internal/conversation"
)

// route gives a conversation without workers to one, and reports whether it did. The
// conversation is locked.
func (s *Service) route(ctx context.Context, e conversation.Entry) (added bool, err error) {
	c := s.open(e)
	if c.Address == "" {
		return false, nil // not a customer's
	}
	b, err := s.backend()
	if err != nil {
		return false, err
	}
	asked, err := s.Router(ctx, e.SID, c.Address, c.ProxyAddress)
	if err != nil {
		s.Logger.LogAttrs(ctx, slog.LevelWarn, "the routing callback failed; the conversation is routed by the built-in rules", slog.Any("error", err))
	} else if asked {
		participants, err := b.Participants(ctx, e.SID)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(participants, func(p conversation.Participant) bool { return p.Identity != "" }) {
			return true, nil
		}
	}
	worker, err := s.workerFor(ctx, e.CustomerID, c.Address)
	if err != nil || worker == "" {
		return false, err
	}
	return true, s.addWorker(ctx, b, e.SID, worker)
}

// Route gives a conversation to a worker, unless it has one.
func (s *Service) Route(ctx context.Context, sid string) error {
	_, err := s.refresh(ctx, sid)
	return err
}

// addWorker adds a worker to a conversation; one who takes part already is no error.
func (s *Service) addWorker(ctx context.Context, b conversation.Backend, sid, worker string) error {
	_, err := b.AddWorker(ctx, sid, worker)
	if refused := new(conversation.RefusedError); errors.As(err, &refused) && refused.Status == http.StatusConflict {
		return nil
	}
	if errors.Is(err, conversation.ErrOutcomeUnknown) {
		return nil // the conversation is read again, and tells
	}
	return err
}

// workerFor returns the worker who gets the conversations of a customer, "" for nobody:
// the customer's own, or if there is none, or the address is of several customers with
// different workers, the fallback.
func (s *Service) workerFor(ctx context.Context, customerID, address string) (string, error) {
	var customers []Customer
	if customerID != "" {
		c, err := s.Customers.Customer(ctx, customerID)
		if err != nil && !errors.Is(err, conversation.ErrNotFound) {
			return "", err
		}
		customers = append(customers, c)
	} else {
		var err error
		if customers, err = s.Customers.ByAddress(ctx, address); err != nil {
			return "", err
		}
	}
	var owners []string
	for _, c := range customers {
		owner, err := s.activeOwner(ctx, c)
		if err != nil {
			return "", err
		}
		if owner != "" && !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
	}
	if len(owners) == 1 {
		return owners[0], nil
	}
	fallback := s.Fallback()
	if fallback.Available {
		return s.Workers.NextAvailable(ctx)
	}
	if fallback.Worker == "" {
		return "", nil
	}
	worker, active, err := s.Workers.Active(ctx, fallback.Worker)
	if !active {
		return "", err
	}
	return worker, err
}

// activeOwner returns the first owner of a customer who is active, "" for none.
func (s *Service) activeOwner(ctx context.Context, c Customer) (string, error) {
	for _, owner := range c.Workers {
		if owner == Everyone {
			continue
		}
		worker, active, err := s.Workers.Active(ctx, owner)
		if err != nil || active {
			return worker, err
		}
	}
	return "", nil
}

// openBatch is how many open conversations are read from the index at a time.
const openBatch = 200

// Follow lets open conversations follow their customers: from a worker whose customer got
// another one, and from a deactivated worker, they go to the worker who is due. It also
// tries again to find a worker for those that have none.
func (s *Service) Follow(ctx context.Context) error {
	if !s.On() {
		return nil
	}
	for after := ""; ; {
		entries, err := s.Store.Open(ctx, after, openBatch)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if err := s.followOne(ctx, e); err != nil {
				return fmt.Errorf("move a conversation to another worker: %w", err)
			}
		}
		after = entries[len(entries)-1].SID
	}
}

func (s *Service) followOne(ctx context.Context, e conversation.Entry) error {
	if len(e.Members) == 0 {
		worker, err := s.workerFor(ctx, e.CustomerID, s.open(e).Address)
		if err != nil || worker == "" {
			return err
		}
		return s.move(ctx, e.SID, nil, worker)
	}
	customer, err := s.Customers.Customer(ctx, e.CustomerID)
	known := err == nil
	if err != nil && !errors.Is(err, conversation.ErrNotFound) {
		return err
	}
	for _, m := range e.Members {
		_, active, err := s.Workers.Active(ctx, m.Worker)
		if err != nil {
			return err
		}
		worker := ""
		switch {
		case !active:
			worker, err = s.workerFor(ctx, e.CustomerID, s.open(e).Address)
		case m.Owner && known && !customer.owns(m.Worker):
			worker, err = s.activeOwner(ctx, customer)
		}
		if err != nil {
			return err
		}
		if worker != "" {
			return s.move(ctx, e.SID, &m, worker) // one member at a time
		}
	}
	return nil
}

// move gives a conversation to a worker, in place of the member from unless that is nil.
func (s *Service) move(ctx context.Context, sid string, from *conversation.Member, to string) error {
	b, err := s.backend()
	if err != nil {
		return err
	}
	unlock, err := s.lock(ctx, sid)
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.addWorker(ctx, b, sid, to); err != nil {
		return err
	}
	if from != nil {
		if err := b.RemoveParticipant(ctx, sid, from.ParticipantSID); err != nil && !errors.Is(err, conversation.ErrNotFound) && !errors.Is(err, conversation.ErrOutcomeUnknown) {
			return err
		}
	}
	_, err = s.read(ctx, sid)
	return err
}
