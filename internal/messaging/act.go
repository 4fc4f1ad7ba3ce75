package messaging

import (
	"context"
	"errors"
	"fmt"
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
	b, err := s.Backend()
	if err != nil {
		return "", false, err
	}
	ch, err = ch.normalize()
	if err != nil {
		return "", false, err
	}
	if sid, err = s.started(ctx, worker, c, ch); err != nil || sid != "" {
		return sid, false, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*writeTimeout)
	defer cancel()
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
		if _, err := s.refresh(ctx, conv.SID, ""); err != nil {
			s.refreshLater(conv.SID, firstRetry) // it has begun
		}
		return conv.SID, true, nil
	case errors.As(err, &refused) && (refused.Code == conversation.CodeDuplicateBinding || refused.Code == conversation.CodeDuplicateAddresses):
		sid, err = s.continued(ctx, worker, b, ch)
		return sid, false, err
	case errors.Is(err, conversation.ErrOutcomeUnknown):
		if sid, found := s.continued(ctx, worker, b, ch); found == nil {
			return sid, true, nil
		}
	}
	return "", false, err
}

// normalize returns a channel over which conversations can begin.
func (ch Channel) normalize() (Channel, error) {
	kind := strings.ToLower(strings.TrimSpace(ch.Type))
	if kind != conversation.SMS && kind != conversation.WhatsApp {
		return Channel{}, NoChannel
	}
	address, _ := text.CutPrefixFold(strings.TrimSpace(ch.Address), conversation.WhatsApp+":")
	number, ok := text.NormalizePhone(address, "")
	if !ok {
		return Channel{}, NoNumber
	}
	if text.SamePhone(address, number) {
		number = address // in the form in which it was observed
	}
	return Channel{kind, number}, nil
}

// started returns the worker's open conversation with a customer over a channel, "" for
// none.
func (s *Service) started(ctx context.Context, worker string, c Customer, ch Channel) (string, error) {
	mine, err := s.Store.Page(ctx, conversation.PageQuery{Worker: worker, Limit: maxSearched})
	for _, e := range mine.Entries {
		if e.CustomerID == c.ID {
			if o := s.open(e); o.Channel == ch.Type && text.SamePhone(o.Address, ch.Address) {
				return e.SID, nil
			}
		}
	}
	return "", err
}

// continued returns the worker's open conversation over a channel, as the messaging service
// has it, or else a *TakenError.
func (s *Service) continued(ctx context.Context, worker string, b conversation.Backend, ch Channel) (string, error) {
	sids, err := b.OfAddress(ctx, ch.Type, ch.Address)
	if err != nil {
		return "", err
	}
	taken := &TakenError{}
	hide := s.hide(ch.Address)
	for _, sid := range sids {
		e, err := s.refresh(ctx, sid, "")
		if e.Member(worker) != nil {
			return sid, nil
		}
		if err != nil {
			return "", err
		}
		for _, m := range e.Members {
			taken.Workers = append(taken.Workers, hide.name(m.Worker))
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
			return NoCustomer
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
		return NoWorker
	}
	return s.change(ctx, worker, sid, func(ctx context.Context, b conversation.Backend, e conversation.Entry) error {
		if text.SameIdentity(worker, identity) {
			return AlreadyThere
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*writeTimeout)
	defer cancel()
	unlock, err := s.lock(ctx, sid)
	if err != nil {
		return err
	}
	defer unlock()
	b, e, err := s.current(ctx, worker, sid)
	if err != nil {
		return err
	}
	if err := fn(ctx, b, e); err != nil {
		return fmt.Errorf("change a conversation: %w", err)
	}
	if _, err := s.read(ctx, b, sid); err != nil {
		s.refreshLater(sid, firstRetry) // the change itself is made
	}
	return nil
}
