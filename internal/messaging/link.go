package messaging

import (
	"context"
	"errors"
	"slices"

	"github.com/clientele-project/clientele/internal/conversation"
)

// A linked customer of a conversation. Without an ID it is not known.
type linked struct {
	Customer
	// candidates is how many customers have the address when none of them is meant.
	candidates int
	// failed is why the link could not be written for now.
	failed error
}

// link returns the customer of a conversation, and writes who it is into the attributes of
// the customer's participant, by which apps find Customer Details.
func (s *Service) link(ctx context.Context, conv conversation.Conversation, p conversation.Participant, workers []conversation.Participant) (linked, error) {
	a, _ := parseAttributes(p.Attributes)
	l := linked{Customer: Customer{ID: a.text(attrCustomerID), Name: a.text(attrName), Avatar: a.text(attrAvatar)}}
	switch {
	case l.ID != "":
		known, err := s.Customers.Customer(ctx, l.ID)
		switch {
		case err == nil:
			l.Customer = known
		case !errors.Is(err, conversation.ErrNotFound):
			return linked{}, err
		}
	case p.Address != "":
		found, err := s.Customers.ByAddress(ctx, p.Address)
		if err != nil {
			return linked{}, err
		}
		if c, ok := choose(found, workers); ok {
			l.Customer = c
		} else {
			l.candidates = len(found)
		}
	}
	if l.ID == "" {
		if l.Name == "" {
			l.Name = conv.Name
		}
		return l, nil
	}
	if merged, changed := withCustomer(p.Attributes, l.Customer, false); changed && !conv.Closed {
		b, err := s.backend()
		if err != nil {
			return linked{}, err
		}
		err = b.SetAttributes(ctx, conv.SID, p.SID, merged)
		if refused := new(conversation.RefusedError); errors.As(err, &refused) {
			s.Logger.Warn("the messaging service refused to note who the customer of a conversation is", "error", refused)
		} else {
			l.failed = err
		}
	}
	return l, nil
}

// choose returns the customer who is meant by an address: the only one, or the only one of
// the workers who take part.
func choose(found []Customer, workers []conversation.Participant) (Customer, bool) {
	if len(found) == 1 {
		return found[0], true
	}
	var own []Customer
	for _, c := range found {
		if slices.ContainsFunc(workers, func(p conversation.Participant) bool { return c.owns(p.Identity) }) {
			own = append(own, c)
		}
	}
	if len(own) == 1 {
		return own[0], true
	}
	return Customer{}, false
}
