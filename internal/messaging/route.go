package messaging

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
)

// route gives a conversation without workers to one, and reports whether it did. The
// conversation is locked, and was just read.
func (s *Service) route(ctx context.Context, e conversation.Entry) (added bool, err error) {
	c := s.open(e)
	if c.Address == "" || e.Closed { // with no customer
		return false, nil
	}
	b, err := s.backend()
	if err != nil {
		return false, err
	}
	if added, err := s.askRouter(ctx, b, e.SID, c); added || err != nil {
		return added, err
	}
	worker, err := s.workerFor(ctx, e.CustomerID, c.Address)
	if err != nil || worker == "" {
		return false, err
	}
	return true, s.replaceWorker(ctx, b, e.SID, nil, worker)
}

// askRouter asks the company's own router for a worker, and reports whether there is one
// now.
func (s *Service) askRouter(ctx context.Context, b conversation.Backend, sid string, c contents) (added bool, err error) {
	asked, err := s.Router(ctx, sid, c.Address, c.ProxyAddress)
	if err != nil {
		s.Logger.LogAttrs(ctx, slog.LevelWarn, "the routing callback failed; the conversation is routed by the built-in rules", slog.Any("error", err))
		return false, nil
	}
	if !asked {
		return false, nil
	}
	participants, err := b.Participants(ctx, sid)
	return slices.ContainsFunc(participants, func(p conversation.Participant) bool { return p.Identity != "" }), err
}

// Route gives a conversation to a worker, unless it has one.
func (s *Service) Route(ctx context.Context, sid string) error {
	_, err := s.refresh(ctx, sid)
	return err
}

// replaceWorker adds a worker to a conversation, and removes the member from unless that is
// nil. A worker is removed only when the other one is known to be there.
func (s *Service) replaceWorker(ctx context.Context, b conversation.Backend, sid string, from *conversation.Member, to string) error {
	_, err := b.AddWorker(ctx, sid, to)
	refused := new(conversation.RefusedError)
	if errors.Is(err, conversation.ErrOutcomeUnknown) || errors.As(err, &refused) && refused.Status == http.StatusConflict {
		participants, readErr := b.Participants(ctx, sid)
		if readErr == nil && slices.ContainsFunc(participants, func(p conversation.Participant) bool { return text.SameIdentity(p.Identity, to) }) {
			err = nil
		}
	}
	if err != nil || from == nil {
		return err
	}
	err = b.RemoveParticipant(ctx, sid, from.ParticipantSID)
	if errors.Is(err, conversation.ErrNotFound) {
		return nil // removed already
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
	return s.active(ctx, fallback.Worker)
}

// activeOwner returns the first owner of a customer who is active, "" for none.
func (s *Service) activeOwner(ctx context.Context, c Customer) (string, error) {
	for _, owner := range c.Workers {
		if owner == Everyone {
			continue
		}
		if worker, err := s.active(ctx, owner); err != nil || worker != "" {
			return worker, err
		}
	}
	return "", nil
}

// active returns the identity of a worker as the account has it, "" for one who is unknown
// or deactivated.
func (s *Service) active(ctx context.Context, identity string) (string, error) {
	if identity == "" {
		return "", nil
	}
	worker, active, err := s.Workers.Worker(ctx, identity)
	if errors.Is(err, conversation.ErrNotFound) {
		return "", nil
	}
	if err != nil || !active {
		return "", err
	}
	return worker, nil
}

// openBatch is how many open conversations are read from the index at a time.
const openBatch = 200

// Follow lets open conversations follow their customers, and gives those of deactivated
// workers, and those without a worker, to the worker who is due.
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
			err := s.followOne(ctx, e)
			if isFatal(ctx, err) {
				return err
			}
			if err != nil { // the others can still be moved
				s.Logger.LogAttrs(ctx, slog.LevelWarn, "a conversation could not be moved to another worker", slog.Any("error", err))
			}
		}
		after = entries[len(entries)-1].SID
	}
}

// followOne replaces the first member of a conversation who is to be replaced.
func (s *Service) followOne(ctx context.Context, e conversation.Entry) error {
	address := s.open(e).Address
	if address == "" {
		return nil
	}
	if len(e.Members) == 0 {
		worker, err := s.workerFor(ctx, e.CustomerID, address)
		return s.give(ctx, e.SID, "", worker, err)
	}
	customer, err := s.Customers.Customer(ctx, e.CustomerID)
	known := err == nil
	if err != nil && !errors.Is(err, conversation.ErrNotFound) {
		return err
	}
	for _, m := range e.Members {
		_, active, err := s.Workers.Worker(ctx, m.Worker)
		switch {
		case errors.Is(err, conversation.ErrNotFound) || err == nil && !active:
			worker, err := s.workerFor(ctx, e.CustomerID, address)
			return s.give(ctx, e.SID, m.Worker, worker, err)
		case err != nil:
			return err
		case m.Owner && known && !customer.owns(m.Worker):
			worker, err := s.activeOwner(ctx, customer)
			return s.give(ctx, e.SID, m.Worker, worker, err)
		}
	}
	return nil
}

// give gives a conversation to a worker, unless that is "" or finding the worker failed: in
// place of the member from, or of nobody if from is "", if that is still so.
func (s *Service) give(ctx context.Context, sid, from, to string, err error) error {
	if err != nil || to == "" {
		return err
	}
	b, err := s.backend()
	if err != nil {
		return err
	}
	unlock, err := s.lock(ctx, &s.locks, sid)
	if err != nil {
		return err
	}
	defer unlock()
	e, err := s.read(ctx, sid)
	if e.SID == "" {
		return err
	}
	member := e.Member(from)
	if e.Closed || from == "" && len(e.Members) > 0 || from != "" && member == nil {
		return nil // changed meanwhile
	}
	if err := s.replaceWorker(ctx, b, sid, member, to); err != nil {
		return err
	}
	_, err = s.read(ctx, sid)
	return err
}
