package messaging

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
)

// TakenError reports that a conversation in which the worker takes no part is open with the
// customer's address.
type TakenError struct {
	// Workers are the participants' names. It may be empty.
	Workers []string
}

func (e *TakenError) Error() string { return "the customer is in an open conversation of others" }

// Channel is an address of a customer.
type Channel struct{ Type, Address string }

// Start returns the SID of a worker's open conversation with a customer over a channel. It
// begins one, unless there is one. created reports whether it did. Its errors are an
// *InvalidError, a *TakenError, and those of the Backend and of ProxyAddress.
func (s *Service) Start(ctx context.Context, worker string, c Customer, ch Channel) (sid string, created bool, err error) {
	b, err := s.backend()
	if err != nil {
		return "", false, err
	}
	ch, err = ch.normalize()
	if err != nil {
		return "", false, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*writeTimeout)
	defer cancel()
	unlock, err := s.lock(ctx, &s.starts, ch.Type+ch.Address)
	if err != nil {
		return "", false, err
	}
	defer unlock()
	if sid, err := s.started(ctx, worker, c, ch); err != nil || sid != "" {
		return sid, false, err
	}
	proxy, err := s.ProxyAddress(ctx, worker, c.ID, ch.Type, ch.Address)
	if err != nil {
		return "", false, err
	}
	proxy, _ = text.CutPrefixFold(proxy, conversation.WhatsApp+":")
	merged, _ := withCustomer("", c, false)
	conv, err := b.Start(ctx, conversation.NewConversation{
		Worker: worker, Channel: ch.Type, Address: ch.Address, ProxyAddress: proxy, Name: firstRunes(c.Name, conversation.MaxName), Attributes: merged,
	})
	refused := new(conversation.RefusedError)
	switch {
	case err == nil:
		_, err = s.refresh(ctx, conv.SID)
		if errors.Is(err, conversation.ErrInitializing) || errors.Is(err, conversation.ErrUnavailable) {
			err = s.Store.Update(ctx, conv.SID, func(e *conversation.Entry) error { // until it can be read
				e.CustomerID, e.LastAt, e.Members = c.ID, s.Now(), []conversation.Member{{Worker: worker, LastRead: -1, Owner: true}}
				s.seal(e, contents{Name: c.Name, Avatar: c.Avatar, Channel: ch.Type, Address: ch.Address, ProxyAddress: proxy})
				return nil
			})
			s.refreshLater(conv.SID, 1)
		}
		return conv.SID, true, err
	case errors.As(err, &refused) && (refused.Code == conversation.CodeDuplicateBinding || refused.Code == conversation.CodeDuplicateAddresses):
		sid, found := s.continued(ctx, worker, b, ch, sidIn.FindString(refused.Message))
		return sid, false, found
	case errors.Is(err, conversation.ErrOutcomeUnknown):
		if sid, found := s.continued(ctx, worker, b, ch, ""); found == nil {
			return sid, true, nil
		}
	}
	return "", false, err
}

// sidIn finds the SID of a conversation in an error message.
var sidIn = regexp.MustCompile(`\bCH[0-9a-fA-F]{32}\b`)

// normalize returns a channel over which conversations can begin.
func (ch Channel) normalize() (Channel, error) {
	kind := strings.ToLower(strings.TrimSpace(ch.Type))
	if kind != conversation.SMS && kind != conversation.WhatsApp {
		return Channel{}, &InvalidError{NoChannel}
	}
	number, ok := text.NormalizePhone(ch.Address, "")
	if !ok {
		return Channel{}, &InvalidError{NoNumber}
	}
	return Channel{kind, number}, nil
}

// started returns the worker's open conversation with a customer over a channel, "" for
// none.
func (s *Service) started(ctx context.Context, worker string, c Customer, ch Channel) (string, error) {
	entries, err := s.Store.OfCustomer(ctx, c.ID)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if o := s.open(e); e.Member(worker) != nil && o.Channel == ch.Type && o.Address == ch.Address {
			return e.SID, nil
		}
	}
	return "", nil
}

// continued returns the open conversation over a channel that stands in the way of a new
// one: sid or, if that is "", the one that the messaging service knows. It is a *TakenError
// unless the worker takes part.
func (s *Service) continued(ctx context.Context, worker string, b conversation.Backend, ch Channel, sid string) (string, error) {
	sids := []string{sid}
	if sid == "" {
		var err error
		if sids, err = b.OfAddress(ctx, ch.Type, ch.Address); err != nil {
			return "", err
		}
	}
	taken := &TakenError{}
	for _, sid := range sids {
		e, err := s.refresh(ctx, sid)
		if err != nil {
			return "", err
		}
		if e.Member(worker) != nil {
			return sid, nil
		}
		for _, m := range e.Members {
			name := m.Worker
			if s.Masked() {
				name = s.MaskName(name)
			}
			taken.Workers = append(taken.Workers, name)
		}
	}
	return "", taken
}

// Link makes a customer the one of a worker's conversation. The caller has checked that the
// customer is the worker's.
func (s *Service) Link(ctx context.Context, worker, sid string, c Customer) error {
	return s.change(ctx, worker, sid, func(ctx context.Context, b conversation.Backend, e conversation.Entry) error {
		participantSID := s.open(e).ParticipantSID
		if participantSID == "" {
			return &InvalidError{NoCustomer}
		}
		p, err := b.Participant(ctx, sid, participantSID)
		if err != nil {
			return err
		}
		merged, changed := withCustomer(p.Attributes, c, true)
		if !changed {
			return nil
		}
		return b.SetAttributes(ctx, sid, participantSID, merged)
	})
}

// Transfer gives a worker's conversation to another one.
func (s *Service) Transfer(ctx context.Context, worker, sid, to string) error {
	identity, err := s.active(ctx, to)
	if err != nil {
		return err
	}
	if identity == "" {
		return &InvalidError{NoWorker}
	}
	return s.change(ctx, worker, sid, func(ctx context.Context, b conversation.Backend, e conversation.Entry) error {
		if text.SameIdentity(worker, identity) {
			return &InvalidError{AlreadyThere}
		}
		return s.replaceWorker(ctx, b, sid, e.Member(worker), identity)
	})
}

// Finish closes a worker's conversation for ever.
func (s *Service) Finish(ctx context.Context, worker, sid string) error {
	return s.change(ctx, worker, sid, func(ctx context.Context, b conversation.Backend, _ conversation.Entry) error {
		return b.Close(ctx, sid)
	})
}

// change changes a worker's conversation in the messaging service, and reads it again.
func (s *Service) change(ctx context.Context, worker, sid string, fn func(context.Context, conversation.Backend, conversation.Entry) error) error {
	b, err := s.backend()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*writeTimeout)
	defer cancel()
	unlock, err := s.lock(ctx, &s.locks, sid)
	if err != nil {
		return err
	}
	defer unlock()
	e, err := s.current(ctx, b, worker, sid)
	if err != nil {
		return err
	}
	if err := fn(ctx, b, e); err != nil {
		return fmt.Errorf("change a conversation: %w", err)
	}
	if _, err := s.read(ctx, sid); err != nil {
		s.refreshLater(sid, 1) // the change itself is made
	}
	return nil
}

// Mute sets whether new messages of a conversation count as unread for a worker.
func (s *Service) Mute(ctx context.Context, worker, sid string, muted bool) error {
	if _, err := s.own(ctx, worker, sid); err != nil {
		return err
	}
	err := s.Store.Update(ctx, sid, func(e *conversation.Entry) error {
		if m := e.Member(worker); m != nil {
			m.Muted = muted
		}
		return nil
	})
	s.Notify(worker)
	return err
}
