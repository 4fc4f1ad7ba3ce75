package messaging

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
)

// refresh reads a conversation from the messaging service into the index, links it to its
// customer, and gives it to a worker if it needs one: to, or the one who is due if to is "".
// If only the link or the worker failed, it returns both entry and error.
func (s *Service) refresh(ctx context.Context, sid, to string) (conversation.Entry, error) {
	b, err := s.Backend()
	if err != nil {
		return conversation.Entry{}, err
	}
	unlock, err := s.lock(ctx, sid)
	if err != nil {
		return conversation.Entry{}, err
	}
	defer unlock()
	e, err := s.read(ctx, b, sid)
	if e.SID == "" {
		return e, err
	}
	moved, failed := s.assign(ctx, b, e, to)
	if !moved {
		return e, errors.Join(err, failed)
	}
	return s.read(ctx, b, sid)
}

// read reads a conversation into the index, and links it to its customer. The conversation
// is locked. If only the link failed, it returns both entry and error.
func (s *Service) read(ctx context.Context, b conversation.Backend, sid string) (conversation.Entry, error) {
	conv, err := b.Conversation(ctx, sid)
	if errors.Is(err, conversation.ErrNotFound) {
		e, _ := s.Store.Entry(ctx, sid)
		err = errors.Join(err, s.Store.Delete(ctx, sid))
		s.notify(e.Members...)
	}
	if err != nil {
		return conversation.Entry{}, err
	}
	participants, err := b.Participants(ctx, sid)
	if err != nil {
		return conversation.Entry{}, err
	}
	last, err := b.Messages(ctx, sid, 1, "")
	if err != nil {
		return conversation.Entry{}, err
	}
	ours, err := s.colleagues(ctx, last.Messages...)
	if err != nil {
		return conversation.Entry{}, err
	}
	who, err := s.classify(ctx, participants)
	if err != nil {
		return conversation.Entry{}, err
	}
	customer, candidates, err := s.identify(ctx, who)
	if err != nil {
		return conversation.Entry{}, err
	}
	var before []conversation.Member
	e, err := s.Store.Update(ctx, sid, func(e *conversation.Entry) error {
		before = slices.Clone(e.Members)
		c := s.open(*e)
		e.Closed, e.CustomerID = conv.Closed, customer.ID
		if e.LastAt.IsZero() {
			e.LastAt = conv.Created
		}
		if p := who.customer; p.SID != "" {
			c.Channel, c.Address, c.ProxyAddress, c.ParticipantSID = p.Channel, p.Address, p.ProxyAddress, p.SID
			c.Addresses = strings.Join(who.addresses, " ")
		}
		c.Name, c.Avatar, c.Candidates = cmp.Or(customer.Name, conv.Name), customer.Avatar, candidates
		e.Members = who.members(e, customer, c.Ours)
		for _, m := range last.Messages {
			s.setLast(e, &c, m, ours[m.Author])
		}
		s.seal(e, c)
		return nil
	})
	if err != nil {
		return conversation.Entry{}, err
	}
	s.notify(append(before, e.Members...)...)
	// Apps find Customer Details by the attributes.
	if merged, changed := withCustomer(who.customer.Attributes, customer, false); changed && !conv.Closed {
		err = b.SetAttributes(ctx, sid, who.customer.SID, merged)
	}
	return e, err
}

// people are the participants of a conversation.
type people struct {
	// customer is the first who is linked, else the first, and addresses are all customers'.
	customer  conversation.Participant
	addresses []string
	// workers are those whom the accounts know. Others with an identity are programs, or
	// customers in a chat.
	workers []conversation.Participant
}

func (s *Service) classify(ctx context.Context, participants []conversation.Participant) (who people, err error) {
	linked := false
	for _, p := range participants {
		switch {
		case p.Identity != "":
			_, _, err := s.Worker(ctx, p.Identity)
			if err == nil {
				who.workers = append(who.workers, p)
			} else if !errors.Is(err, conversation.ErrNotFound) {
				return people{}, err
			}
		case p.Address != "":
			who.addresses = append(who.addresses, p.Address)
			a, _ := parseAttributes(p.Attributes)
			if is := a.text(attrCustomerID) != ""; is && !linked || who.customer.SID == "" {
				who.customer, linked = p, is
			}
		}
	}
	return who, nil
}

// members returns the members of the conversation, of which e is the entry before. ours is
// how many of its messages are the company's: these are not unread for a new member.
func (who people) members(e *conversation.Entry, customer Customer, ours int) (members []conversation.Member) {
	for _, p := range who.workers {
		m := conversation.Member{LastRead: ours - 1, Owner: customer.owns(p.Identity)}
		if old := e.Member(p.Identity); old != nil {
			m = *old
		}
		m.Worker, m.ParticipantSID, m.LastRead = p.Identity, p.SID, max(m.LastRead, p.LastRead)
		members = append(members, m)
	}
	return members
}

// identify returns the customer of a conversation: the one that is linked; else the only one
// with the address, or the only one of the workers. Without an ID it is not known, and
// candidates is how many have the address.
func (s *Service) identify(ctx context.Context, who people) (c Customer, candidates int, err error) {
	a, _ := parseAttributes(who.customer.Attributes)
	c = Customer{ID: a.text(attrCustomerID), Name: a.text(attrName), Avatar: a.text(attrAvatar)}
	if c.ID != "" {
		known, err := s.Customers.Customer(ctx, c.ID)
		if errors.Is(err, conversation.ErrNotFound) {
			return c, 0, nil // of another service
		}
		return known, 0, err
	}
	if who.customer.Address == "" {
		return c, 0, nil
	}
	found, err := s.Customers.ByAddress(ctx, who.customer.Address)
	meant := found
	if len(found) > 1 {
		meant = slices.DeleteFunc(slices.Clone(found), func(c Customer) bool {
			return !slices.ContainsFunc(who.workers, func(p conversation.Participant) bool { return c.owns(p.Identity) })
		})
	}
	if len(meant) == 1 {
		return meant[0], 0, err
	}
	return c, len(found), err
}

// maxSnippet is how many runes of the last message are shown, and snippetMargin how many more
// are kept, so that a number at the end is masked as a whole.
const (
	maxSnippet    = 140
	snippetMargin = 40
)

// setLast makes m the last message of the conversation, unless there is a later one.
// colleague is the identity of its author, "" for one who is not of the company.
func (s *Service) setLast(e *conversation.Entry, c *contents, m conversation.Message, colleague string) {
	if m.Created.IsZero() {
		m.Created = time.Now()
	}
	if colleague == "" && c.wrote(m) && m.Created.After(e.InboundAt) {
		e.InboundAt = m.Created
	}
	if m.Index < e.LastIndex {
		return
	}
	if colleague != "" && m.Index > e.LastIndex {
		c.Ours++
		for i, member := range e.Members {
			e.Members[i].LastRead = min(member.LastRead+1, m.Index)
		}
	}
	if worker := e.Member(colleague); worker != nil {
		worker.LastRead = max(worker.LastRead, m.Index)
	}
	e.LastIndex, e.LastAt = m.Index, m.Created
	c.Text, c.By, c.File = firstRunes(text.Visible(bodyOf(m)), maxSnippet+snippetMargin), colleague, m.Body == "" && len(m.Media) > 0
}

// wrote reports whether a customer in the conversation is the author of a message.
func (c contents) wrote(m conversation.Message) bool {
	author, _ := text.CutPrefixFold(m.Author, conversation.WhatsApp+":")
	return m.ParticipantSID != "" && m.ParticipantSID == c.ParticipantSID || author != "" && slices.Contains(c.addresses(), author)
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
