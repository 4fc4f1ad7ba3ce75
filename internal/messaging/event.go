package messaging

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/clientele-project/clientele/internal/conversation"
)

// Event is what a webhook of the messaging service says about a conversation.
type Event struct {
	Kind EventKind
	SID  string
	// Message is the new message of MessageAdded.
	Message conversation.Message
}

// EventKind is what happened.
type EventKind uint8

// The kinds of events.
const (
	// ConversationChanged is anything that changes a conversation or its participants.
	ConversationChanged EventKind = iota
	MessageAdded
	// MessageChanged is a change of a message or of its delivery.
	MessageChanged
	ConversationRemoved
)

// Event updates the index after an event. Events may come twice and out of order.
func (s *Service) Event(ctx context.Context, ev Event) error {
	if ev.Kind == ConversationRemoved {
		return s.remove(ctx, ev.SID)
	}
	e, err := s.Store.Entry(ctx, ev.SID)
	known := err == nil && len(e.Members) > 0 && s.open(e).ParticipantSID != ""
	switch {
	case err != nil && !errors.Is(err, conversation.ErrNotFound):
		return err
	case ev.Kind == MessageChanged && known:
		s.notify(e.Members...)
		return nil
	case ev.Kind == MessageAdded && known:
		return s.messageAdded(ctx, ev.SID, ev.Message)
	}
	if _, err = s.refresh(ctx, ev.SID); err == nil || errors.Is(err, conversation.ErrOff) {
		return nil
	}
	s.refreshLater(ev.SID, 1)
	if errors.Is(err, conversation.ErrStore) {
		return err
	}
	return nil
}

// messageAdded adds a message to the index.
func (s *Service) messageAdded(ctx context.Context, sid string, m conversation.Message) error {
	var members []conversation.Member
	err := s.Store.Update(ctx, sid, func(e *conversation.Entry) error {
		if len(e.Sealed) == 0 {
			return conversation.ErrNotFound // removed meanwhile
		}
		c := s.open(*e)
		s.setLast(e, &c, m)
		s.seal(e, c)
		members = slices.Clone(e.Members)
		return nil
	})
	s.notify(members...)
	return err
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
	a, ok := parseAttributes(attributes)
	if ok && found[0].Avatar != "" && a.text(attrAvatar) == "" {
		a.set(attrAvatar, found[0].Avatar)
		if encoded, err := json.Marshal(a); err == nil && len(encoded) <= conversation.MaxAttributes {
			merged = string(encoded)
		}
	}
	return firstRunes(found[0].Name, conversation.MaxName), merged, nil
}
