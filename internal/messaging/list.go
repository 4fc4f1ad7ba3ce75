package messaging

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
)

// Summary is a conversation as a worker's list shows it.
type Summary struct {
	SID string
	// CustomerID is "" for a conversation without a customer: then Candidates is how many
	// customers have the address.
	CustomerID string
	Candidates int
	// Name is the customer's, "" when unknown. Address is without "whatsapp:".
	Name, Avatar, Channel, Address string
	Closed, Muted                  bool
	LastAt                         time.Time
	// Text is the beginning of the last message, LastBy a worker who wrote it, or "", and
	// LastIsFile reports whether it is only a file.
	Text, LastBy string
	LastIsFile   bool
	// Unread is how many messages the worker has not read.
	Unread int
}

// ListQuery selects a page of a worker's conversations: open or closed ones, with a Query
// only of customers whose name matches, from the beginning or after the Next of another
// page.
type ListQuery struct {
	Closed bool
	Query  string
	After  string
}

// List is a page of conversations. Next continues after it, "" at the end.
type List struct {
	Conversations []Summary
	Next          string
}

const (
	listPage = 30
	// maxSearched is how many of a worker's conversations a search looks at.
	maxSearched = 2000
)

// List returns a page of a worker's conversations, the newest first. In the background it
// compares them with the messaging service, if that was not done lately.
func (s *Service) List(ctx context.Context, worker string, q ListQuery) (List, error) {
	if !s.On() {
		return List{}, conversation.ErrOff
	}
	s.reconcileSoon(worker)
	words := text.Words(q.Query)
	pq := conversation.PageQuery{Worker: worker, Closed: q.Closed, After: q.After, Limit: listPage}
	if len(words) > 0 {
		pq.Limit = maxSearched
	}
	page, err := s.Store.Page(ctx, pq)
	if err != nil {
		return List{}, err
	}
	l := List{Next: page.Next}
	for _, e := range page.Entries {
		c := s.open(e)
		if !matches(c.Name, words) {
			continue
		}
		if l.Conversations = append(l.Conversations, s.summary(worker, e, c)); len(l.Conversations) == 10*listPage {
			break
		}
	}
	if len(words) > 0 {
		l.Next = ""
	}
	return l, nil
}

// matches reports whether a name has all words.
func matches(name string, words []text.Word) bool {
	if len(words) == 0 {
		return true
	}
	folded := " " + text.Fold(name)
	return !slices.ContainsFunc(words, func(w text.Word) bool {
		if w.Anywhere {
			return !strings.Contains(folded, w.Text)
		}
		return !strings.Contains(folded, " "+w.Text)
	})
}

// summary returns a conversation as a worker may see it.
func (s *Service) summary(worker string, e conversation.Entry, c contents) Summary {
	v := Summary{
		SID: e.SID, CustomerID: e.CustomerID, Candidates: c.Candidates, Name: c.Name, Avatar: c.Avatar, Channel: c.Channel, Address: c.Address,
		Closed: e.Closed, LastAt: e.LastAt, Text: c.Text, LastBy: c.By, LastIsFile: c.File,
	}
	if m := e.Member(worker); m != nil {
		v.Muted, v.Unread = m.Muted, e.LastIndex-m.LastRead
	}
	if s.Masked() {
		hide := s.newHidden(c.addresses()...)
		v.CustomerID = s.VisibleID(worker, e.CustomerID)
		v.Name, v.Address, v.Text = hide.name(c.Name), text.MaskAddress(c.Address), hide.body(c.Text)
		v.LastBy = hide.name(c.By)
	}
	v.Text = firstRunes(v.Text, maxSnippet)
	return v
}

// hidden are the numbers of a conversation, to be masked in what workers see of it.
type hidden struct {
	numbers  text.Numbers
	maskName func(string) string
}

func (s *Service) newHidden(addresses ...string) hidden {
	return hidden{text.NumbersOf(addresses...), s.MaskName}
}

// name masks everything that looks like a number.
func (h hidden) name(s string) string { return h.maskName(h.numbers.MaskName(s)) }

// body masks the numbers of the conversation. Other digits stay: an order number is no
// phone number.
func (h hidden) body(s string) string { return h.numbers.MaskKnown(s) }

// Unread returns how many of a worker's open conversations have unread messages.
func (s *Service) Unread(ctx context.Context, worker string) (int, error) {
	if !s.On() {
		return 0, nil
	}
	return s.Store.Unread(ctx, worker)
}

// Limits of a comparison of the index with the messaging service.
const (
	reconcileEvery   = 5 * time.Minute
	reconcileTimeout = 2 * time.Minute
	maxReconciled    = 5000
)

// reconcileSoon compares a worker's conversations with the messaging service in the
// background, unless that was done lately.
func (s *Service) reconcileSoon(worker string) {
	key, now := text.IdentityKey(worker), s.Now()
	s.mu.Lock()
	due := now.Sub(s.reconciled[key]) >= reconcileEvery
	if due {
		s.reconciled[key] = now
	}
	s.mu.Unlock()
	if !due {
		return
	}
	s.inBackground(0, func(ctx context.Context) {
		if err := s.Reconcile(ctx, worker); err != nil && ctx.Err() == nil {
			s.Logger.Warn("comparing a worker's conversations with the messaging service failed", "error", err)
		}
	})
}

// Reconcile compares a worker's conversations in the index with the messaging service: it
// adds those that are missing, and reads the last message of the open ones.
func (s *Service) Reconcile(ctx context.Context, worker string) error {
	b, err := s.backend()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, reconcileTimeout)
	defer cancel()
	listed := make(map[string]bool)
	for token := ""; ; {
		page, err := b.OfWorker(ctx, worker, token)
		if err != nil {
			return err
		}
		for _, conv := range page.Conversations {
			listed[conv.SID] = true
			if err := s.reconcileOne(ctx, b, worker, conv); isFatal(ctx, err) {
				return err
			}
		}
		if token = page.Next; token == "" {
			break
		}
		if len(listed) >= maxReconciled {
			return nil
		}
	}
	// Those that are missing there are no longer this worker's.
	mine, err := s.Store.Page(ctx, conversation.PageQuery{Worker: worker, Limit: maxReconciled})
	for _, e := range mine.Entries {
		if !listed[e.SID] {
			if _, err := s.refresh(ctx, e.SID); isFatal(ctx, err) {
				return err
			}
		}
	}
	return err
}

// isFatal reports whether an error with one conversation will come with others too.
func isFatal(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || errors.Is(err, conversation.ErrStore) || errors.Is(err, conversation.ErrUnavailable))
}

// ReconcileAll compares all active conversations with the messaging service, after a time
// in which no webhooks came. Unknown ones are added, and given to workers.
func (s *Service) ReconcileAll(ctx context.Context) error {
	b, err := s.backend()
	if err != nil {
		return nil
	}
	for token := ""; ; {
		page, err := b.Active(ctx, token)
		if err != nil {
			return err
		}
		for _, conv := range page.Conversations {
			if err := s.reconcileOne(ctx, b, "", conv); isFatal(ctx, err) {
				return err
			}
		}
		if token = page.Next; token == "" {
			return nil
		}
	}
}

// reconcileOne compares a conversation of a worker, or of anybody if worker is "".
func (s *Service) reconcileOne(ctx context.Context, b conversation.Backend, worker string, conv conversation.Conversation) error {
	e, err := s.Store.Entry(ctx, conv.SID)
	if err != nil && !errors.Is(err, conversation.ErrNotFound) {
		return err
	}
	if err != nil || e.Closed != conv.Closed || worker != "" && e.Member(worker) == nil || s.open(e).ParticipantSID == "" {
		_, err := s.refresh(ctx, conv.SID)
		return err
	}
	if e.Closed {
		return nil
	}
	last, err := b.Messages(ctx, conv.SID, 1, "")
	if err != nil || len(last.Messages) == 0 || last.Messages[0].Index <= e.LastIndex {
		return err
	}
	return s.messageAdded(ctx, conv.SID, last.Messages[0])
}
