package messaging

import (
	"context"
	"errors"
	"slices"

	"github.com/clientele-project/clientele/internal/conversation"
)

// Event is what a webhook of the messaging service says about a conversation: anything that
// changes, removes or begins it, unless a field says more.
type Event struct {
	SID string
	// Added is a new message.
	Added *conversation.Message
	// MessageChanged is set when only a message or its delivery changed.
	MessageChanged bool
}

// Event updates the index after an event. Events may come twice and out of order.
func (s *Service) Event(ctx context.Context, ev Event) error {
	e, err := s.Store.Entry(ctx, ev.SID)
	known := err == nil && len(e.Members) > 0 && s.open(e).ParticipantSID != ""
	switch {
	case known && ev.MessageChanged:
		s.notify(e.Members...)
		return nil
	case known && ev.Added != nil:
		return s.messageAdded(ctx, ev.SID, *ev.Added)
	}
	if _, err = s.refresh(ctx, ev.SID, ""); err != nil {
		s.refreshLater(ev.SID, firstRetry)
	}
	if errors.Is(err, conversation.ErrStore) {
		return err // the service calls again
	}
	return nil
}

// messageAdded adds a message to the index, and tells the workers.
func (s *Service) messageAdded(ctx context.Context, sid string, m conversation.Message) error {
	ours, err := s.colleagues(ctx, m)
	if err != nil {
		return err
	}
	e, err := s.addMessages(ctx, sid, ours, m)
	s.notify(e.Members...)
	return err
}

// colleagues returns the authors of messages who are the company's people, active or not:
// their identities by author.
func (s *Service) colleagues(ctx context.Context, messages ...conversation.Message) (map[string]string, error) {
	ours := make(map[string]string)
	for _, m := range messages {
		if _, known := ours[m.Author]; known {
			continue
		}
		identity, _, err := s.Worker(ctx, m.Author)
		if err != nil && !errors.Is(err, conversation.ErrNotFound) {
			return nil, err
		}
		ours[m.Author] = identity
	}
	return ours, nil
}

// addMessages adds messages, the newest first, to the index. ours are their authors who are
// colleagues.
func (s *Service) addMessages(ctx context.Context, sid string, ours map[string]string, newest ...conversation.Message) (conversation.Entry, error) {
	return s.Store.Update(ctx, sid, func(e *conversation.Entry) error {
		if len(e.Sealed) == 0 {
			return conversation.ErrNotFound // removed meanwhile
		}
		c := s.open(*e)
		for _, m := range slices.Backward(newest) {
			s.setLast(e, &c, m, ours[m.Author])
		}
		s.seal(e, c)
		return nil
	})
}

// BeforeAdd returns the friendly name and attributes that a new conversation with a
// customer's address gets, "" for those that it keeps.
func (s *Service) BeforeAdd(ctx context.Context, address, attributes string) (name, merged string, err error) {
	if address == "" {
		return "", "", nil
	}
	found, err := s.Customers.ByAddress(ctx, address)
	if err != nil || len(found) != 1 {
		return "", "", err
	}
	merged, changed := withCustomer(attributes, Customer{Avatar: found[0].Avatar}, false)
	if !changed {
		merged = ""
	}
	return firstRunes(found[0].Name, conversation.MaxName), merged, nil
}
