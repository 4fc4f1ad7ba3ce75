package messaging

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
)

// refresh reads a conversation from the messaging service into the index, links it to its
// customer, and gives it to a worker if it has none.
func (s *Service) refresh(ctx context.Context, sid string) (conversation.Entry, error) {
	unlock, err := s.lock(ctx, &s.locks, sid)
	if err != nil {
		return conversation.Entry{}, err
	}
	defer unlock()
	e, err := s.read(ctx, sid)
	if e.SID == "" || len(e.Members) > 0 || e.Closed {
		return e, err
	}
	added, failed := s.route(ctx, e)
	if !added {
		return e, errors.Join(err, failed)
	}
	return s.read(ctx, sid)
}

// read reads a conversation into the index, and links it to its customer. The conversation
// is locked. If only the link could not be written, it returns both entry and error.
func (s *Service) read(ctx context.Context, sid string) (conversation.Entry, error) {
	b, err := s.backend()
	if err != nil {
		return conversation.Entry{}, err
	}
	conv, err := b.Conversation(ctx, sid)
	if errors.Is(err, conversation.ErrNotFound) {
		return conversation.Entry{}, errors.Join(err, s.remove(ctx, sid))
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
	customer, isCustomer := customerAmong(participants)
	workers, err := s.workersAmong(ctx, participants)
	if err != nil {
		return conversation.Entry{}, err
	}
	link, err := s.link(ctx, conv, customer, workers)
	if err != nil {
		return conversation.Entry{}, err
	}
	var stored, before conversation.Entry
	err = s.Store.Update(ctx, sid, func(e *conversation.Entry) error {
		before = *e
		before.Members = slices.Clone(e.Members)
		c := s.open(*e)
		e.Closed = conv.Closed
		if e.LastAt.IsZero() {
			e.LastAt = conv.Created
		}
		e.CustomerID = link.ID
		if isCustomer {
			c.Channel, c.Address, c.ProxyAddress, c.ParticipantSID = customer.Channel, customer.Address, customer.ProxyAddress, customer.SID
			c.Others = otherAddresses(participants, customer)
		}
		c.Name, c.Avatar, c.Candidates = link.Name, link.Avatar, link.candidates
		e.Members = membersOf(e, workers, link.Customer)
		if len(last.Messages) > 0 {
			s.setLast(e, &c, last.Messages[0])
		}
		s.seal(e, c)
		stored = *e
		return nil
	})
	if err != nil {
		return conversation.Entry{}, err
	}
	if !reflect.DeepEqual(before, stored) {
		s.notify(append(before.Members, stored.Members...)...)
	}
	return stored, link.failed
}

// remove removes a conversation that no longer exists from the index.
func (s *Service) remove(ctx context.Context, sid string) error {
	e, err := s.Store.Entry(ctx, sid)
	if errors.Is(err, conversation.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = s.Store.Delete(ctx, sid)
	}
	s.notify(e.Members...)
	return err
}

// customerAmong returns the customer among participants: the first who is linked, else the
// first.
func customerAmong(participants []conversation.Participant) (customer conversation.Participant, ok bool) {
	for _, p := range participants {
		if p.Identity != "" || p.Address == "" {
			continue
		}
		a, _ := parseAttributes(p.Attributes)
		if a.text(attrCustomerID) != "" {
			return p, true
		}
		if !ok {
			customer, ok = p, true
		}
	}
	return customer, ok
}

// otherAddresses returns the addresses of the participants but one.
func otherAddresses(participants []conversation.Participant, but conversation.Participant) string {
	var all []string
	for _, p := range participants {
		if p.Address != "" && p.SID != but.SID {
			all = append(all, p.Address)
		}
	}
	return strings.Join(all, " ")
}

// workersAmong returns the participants whom the accounts know. Others with an identity are
// programs, or customers in a chat.
func (s *Service) workersAmong(ctx context.Context, participants []conversation.Participant) (workers []conversation.Participant, err error) {
	for _, p := range participants {
		if p.Identity == "" {
			continue
		}
		switch _, _, err := s.Workers.Worker(ctx, p.Identity); {
		case err == nil:
			workers = append(workers, p)
		case !errors.Is(err, conversation.ErrNotFound):
			return nil, err
		}
	}
	return workers, nil
}

// membersOf returns the members of a conversation whose entry is e.
func membersOf(e *conversation.Entry, workers []conversation.Participant, customer Customer) (members []conversation.Member) {
	for _, p := range workers {
		m := conversation.Member{LastRead: -1, Owner: customer.owns(p.Identity)}
		if old := e.Member(p.Identity); old != nil {
			m = *old
		}
		m.Worker, m.ParticipantSID, m.LastRead = p.Identity, p.SID, max(m.LastRead, p.LastRead)
		members = append(members, m)
	}
	return members
}

// maxSnippet is how many runes of the last message are shown, and snippetMargin how many more
// are kept, so that a number at the end is masked as a whole.
const (
	maxSnippet    = 140
	snippetMargin = 40
)

// setLast makes m the last message of the conversation, unless there is a later one.
func (s *Service) setLast(e *conversation.Entry, c *contents, m conversation.Message) {
	if m.Index < e.LastIndex {
		return
	}
	if m.Created.IsZero() {
		m.Created = s.Now()
	}
	worker := e.Member(m.Author)
	e.LastIndex, e.LastAt = m.Index, m.Created
	c.Text, c.By, c.File = firstRunes(text.Visible(bodyOf(m)), maxSnippet+snippetMargin), "", m.Body == "" && len(m.Media) > 0
	switch {
	case worker != nil:
		c.By = worker.Worker
		worker.LastRead = max(worker.LastRead, m.Index)
	case c.wrote(m) && m.Created.After(e.InboundAt):
		e.InboundAt = m.Created
	}
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

// maxAttempts is how often a conversation is refreshed again: after 1, 2, 4, … seconds.
const maxAttempts = 7

// refreshLater refreshes a conversation in the background, unless that is due already.
func (s *Service) refreshLater(sid string, attempt int) {
	s.mu.Lock()
	due := s.retrying[sid]
	s.retrying[sid] = true
	s.mu.Unlock()
	if due {
		return
	}
	s.inBackground(time.Second<<(attempt-1), func(ctx context.Context) {
		s.mu.Lock()
		delete(s.retrying, sid)
		s.mu.Unlock()
		_, err := s.refresh(ctx, sid)
		switch {
		case err == nil || errors.Is(err, conversation.ErrOff) || ctx.Err() != nil:
		case attempt < maxAttempts:
			s.refreshLater(sid, attempt+1)
		case !errors.Is(err, conversation.ErrNotFound):
			s.Logger.LogAttrs(ctx, slog.LevelWarn, "reading a conversation failed", slog.Any("error", err))
		}
	})
}
