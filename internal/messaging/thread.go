package messaging

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
)

// Thread is a conversation with a page of its messages.
type Thread struct {
	Summary
	// Messages are the oldest first, and Earlier the token of the page before them, "" at
	// the beginning of the conversation.
	Messages []Shown
	Earlier  string
	// Pending are the worker's own messages that are being sent, or of unknown outcome.
	Pending []Shown
	// Workers are the others who take part.
	Workers []string
	// WindowClosed reports whether WhatsApp takes only approved templates now.
	WindowClosed bool
}

// Author is who wrote a message.
type Author string

// The authors, from the worker's view. A program is neither a worker nor a customer.
const (
	ByCustomer Author = "customer"
	ByMe       Author = "me"
	ByWorker   Author = "worker"
	ByProgram  Author = "program"
)

// Shown is a message as a worker sees it.
type Shown struct {
	SID string
	// ClientID is that of a pending message, which has no SID.
	ClientID string
	Index    int
	By       Author
	// Author is a worker's or a program's name.
	Author   string
	Body     string
	Media    []conversation.Media
	At       time.Time
	Delivery conversation.Delivery
	// Unknown reports whether it is not known if the message was sent.
	Unknown bool
	// Code says why it was not delivered, 0 for no known reason.
	Code int
}

const threadPage = 30

// Thread returns a conversation of a worker, with the newest messages or, given the
// Earlier of another page, those before.
func (s *Service) Thread(ctx context.Context, worker, sid, earlier string) (Thread, error) {
	b, e, err := s.own(ctx, worker, sid)
	if err != nil {
		return Thread{}, err
	}
	var both sync.WaitGroup
	var participants []conversation.Participant
	var readErr error
	both.Go(func() { participants, readErr = b.Participants(ctx, sid) })
	page, err := b.Messages(ctx, sid, threadPage, earlier)
	both.Wait()
	err = errors.Join(readErr, err)
	takesPart := slices.ContainsFunc(participants, func(p conversation.Participant) bool { return text.SameIdentity(p.Identity, worker) })
	if errors.Is(err, conversation.ErrNotFound) || err == nil && !takesPart {
		_, err := s.refresh(ctx, sid, "") // the index did not know yet
		return Thread{}, errors.Join(conversation.ErrNotFound, err)
	}
	var ours map[string]string
	if err == nil {
		ours, err = s.colleagues(ctx, page.Messages...)
	}
	if err == nil && earlier == "" {
		e, err = s.addMessages(ctx, sid, ours, page.Messages...)
	}
	if err != nil {
		return Thread{}, err
	}
	c := s.open(e)
	v := view{worker: worker, entry: e, contents: c, participants: participants, colleagues: ours}
	addresses := c.addresses()
	for _, p := range participants {
		addresses = append(addresses, p.Address)
	}
	v.hidden = s.hide(addresses...)
	t := Thread{Summary: s.summary(worker, e, c), Earlier: page.Next}
	for _, m := range slices.Backward(page.Messages) {
		shown := v.message(m)
		if shown.Delivery == conversation.Failed || shown.Delivery == conversation.Undelivered {
			shown.Code = s.failureCode(ctx, b, sid, m.SID)
		}
		t.Messages = append(t.Messages, shown)
	}
	if earlier == "" {
		if t.Pending, err = s.pending(ctx, v, page.Messages); err != nil {
			return Thread{}, err
		}
	}
	for _, m := range e.Members {
		if !text.SameIdentity(m.Worker, worker) {
			t.Workers = append(t.Workers, v.name(m.Worker))
		}
	}
	// Of a customer who did not write lately, it is known only if all messages are.
	known := !e.InboundAt.IsZero() || page.Next == "" && earlier == ""
	t.WindowClosed = known && t.Channel == conversation.WhatsApp && !t.Closed && time.Since(e.InboundAt) > conversation.Window
	return t, nil
}

// MarkRead marks the messages of a worker's conversation up to an index as read.
func (s *Service) MarkRead(ctx context.Context, worker, sid string, index int) error {
	return s.changeMember(ctx, worker, sid, func(e *conversation.Entry, m *conversation.Member) {
		m.LastRead = max(m.LastRead, min(index, e.LastIndex))
	})
}

// Mute sets whether new messages of a conversation count as unread for a worker.
func (s *Service) Mute(ctx context.Context, worker, sid string, muted bool) error {
	return s.changeMember(ctx, worker, sid, func(_ *conversation.Entry, m *conversation.Member) { m.Muted = muted })
}

// changeMember changes a worker's part in a conversation.
func (s *Service) changeMember(ctx context.Context, worker, sid string, change func(*conversation.Entry, *conversation.Member)) error {
	changed := false
	_, err := s.Store.Update(ctx, sid, func(e *conversation.Entry) error {
		m := e.Member(worker)
		if m == nil {
			return conversation.ErrNotFound
		}
		before := *m
		change(e, m)
		changed = *m != before
		return nil
	})
	if changed {
		s.Notify(worker)
	}
	return err
}

// view is how a worker sees the messages of a conversation.
type view struct {
	contents
	hidden
	worker       string
	entry        conversation.Entry
	participants []conversation.Participant
	// colleagues are the identities of the company's people, by author.
	colleagues map[string]string
}

func (v view) message(m conversation.Message) Shown {
	shown := Shown{SID: m.SID, Index: m.Index, Author: v.name(m.Author), Body: v.body(bodyOf(m)), Media: m.Media, At: m.Created, Delivery: m.Delivery}
	for i, f := range shown.Media {
		shown.Media[i].Filename = v.name(f.Filename)
	}
	i := slices.IndexFunc(v.participants, func(p conversation.Participant) bool { return p.SID == m.ParticipantSID })
	switch {
	case text.SameIdentity(m.Author, v.worker):
		shown.By = ByMe
	case i >= 0 && v.participants[i].Identity == "" || v.wrote(m):
		shown.By = ByCustomer
	case i >= 0 || v.colleagues[m.Author] != "":
		shown.By = ByWorker
	default:
		shown.By = ByProgram
	}
	if shown.By == ByCustomer || shown.By == ByProgram {
		shown.Delivery = conversation.DeliveryUnknown
	}
	return shown
}

// failureCode returns why a message was not delivered, 0 if that is not known.
func (s *Service) failureCode(ctx context.Context, b conversation.Backend, sid, messageSID string) int {
	code, ok := s.codes.Get(messageSID)
	if !ok {
		var err error
		if code, err = b.FailureCode(ctx, sid, messageSID); err == nil {
			s.codes.Put(messageSID, code, 1)
		}
	}
	return code
}

// Media opens a file in a message of a worker's conversation. The caller closes it.
func (s *Service) Media(ctx context.Context, worker, sid, messageSID, mediaSID string) (conversation.MediaContent, error) {
	b, e, err := s.current(ctx, worker, sid)
	if err != nil {
		return conversation.MediaContent{}, err
	}
	m, err := b.Message(ctx, sid, messageSID)
	if err != nil {
		return conversation.MediaContent{}, err
	}
	i := slices.IndexFunc(m.Media, func(f conversation.Media) bool { return f.SID == mediaSID })
	if i < 0 {
		return conversation.MediaContent{}, conversation.ErrNotFound
	}
	content, err := b.Media(ctx, mediaSID)
	content.Media = m.Media[i]
	content.Filename = s.hide(s.open(e).addresses()...).name(content.Filename)
	return content, err
}
