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

// assign gives a conversation to another worker if it needs one, and reports whether it did:
// to to, or if that is "" to the one whom the company's own router or our rules choose. The
// conversation is locked, and was just read.
func (s *Service) assign(ctx context.Context, b conversation.Backend, e conversation.Entry, to string) (moved bool, err error) {
	from, needed, err := s.vacancy(ctx, e)
	if err != nil || !needed {
		return false, err
	}
	if to == "" && from == nil {
		c := s.open(e)
		asked, err := s.Router(ctx, e.SID, c.Address, c.ProxyAddress)
		if asked && err == nil {
			return true, nil // or Follow gives it to somebody
		}
		if err != nil {
			s.Logger.LogAttrs(ctx, slog.LevelWarn, "the routing callback failed; the conversation is routed by the built-in rules", slog.Any("error", err))
		}
	}
	if to == "" {
		to, err = s.workerFor(ctx, e)
	}
	if err == nil && to != "" {
		err = s.replaceWorker(ctx, b, e.SID, from, to)
		moved = err == nil
	}
	return moved, err
}

// vacancy reports whether an open conversation with a customer needs another worker: in place
// of the member from, who is deactivated or has lost the customer to another worker, or if
// from is nil because it has none.
func (s *Service) vacancy(ctx context.Context, e conversation.Entry) (from *conversation.Member, needed bool, err error) {
	if e.Closed || s.open(e).Address == "" {
		return nil, false, nil
	}
	customer, err := s.Customers.Customer(ctx, e.CustomerID)
	if err != nil && !errors.Is(err, conversation.ErrNotFound) {
		return nil, false, err
	}
	owner, err := s.activeOwner(ctx, customer)
	if err != nil {
		return nil, false, err
	}
	for i, m := range e.Members {
		active, err := s.active(ctx, m.Worker)
		if err != nil {
			return nil, false, err
		}
		if active == "" || m.Owner && owner != "" && !customer.owns(m.Worker) {
			return &e.Members[i], true, nil
		}
	}
	return nil, len(e.Members) == 0, nil
}

// Route gives a conversation to a worker, unless it has one.
func (s *Service) Route(ctx context.Context, sid string) error {
	_, err := s.refresh(ctx, sid, "")
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

// workerFor returns the worker who gets a conversation, "" for nobody: the customer's own,
// or if there is none, or the address is of several customers with different workers, the
// fallback.
func (s *Service) workerFor(ctx context.Context, e conversation.Entry) (string, error) {
	customers := make([]Customer, 1)
	var err error
	if e.CustomerID != "" {
		customers[0], err = s.Customers.Customer(ctx, e.CustomerID)
	} else {
		customers, err = s.Customers.ByAddress(ctx, s.open(e).Address)
	}
	if err != nil && !errors.Is(err, conversation.ErrNotFound) {
		return "", err
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
	fallback, err := s.Fallback(ctx)
	if err != nil || fallback == "" {
		return "", err
	}
	return s.active(ctx, fallback)
}

// activeOwner returns the first owner of a customer who is active, "" for none.
func (s *Service) activeOwner(ctx context.Context, c Customer) (string, error) {
	for _, owner := range c.Workers {
		if worker, err := s.active(ctx, owner); err != nil || worker != "" {
			return worker, err
		}
	}
	return "", nil
}

// active returns the identity of a worker as the account has it, "" for one who is unknown
// or deactivated.
func (s *Service) active(ctx context.Context, identity string) (string, error) {
	worker, active, err := s.Worker(ctx, identity)
	if errors.Is(err, conversation.ErrNotFound) || err == nil && !active {
		return "", nil
	}
	return worker, err
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
			err := s.follow(ctx, e)
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

// follow asks the messaging service only about a conversation for which there is a worker.
func (s *Service) follow(ctx context.Context, e conversation.Entry) error {
	_, needed, err := s.vacancy(ctx, e)
	if err != nil || !needed {
		return err
	}
	to, err := s.workerFor(ctx, e)
	if err == nil && to != "" {
		_, err = s.refresh(ctx, e.SID, to)
	}
	return err
}
