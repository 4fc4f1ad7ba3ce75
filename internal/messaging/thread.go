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
type Author uint8

// The authors, from the worker's view. A program is neither a worker nor a customer.
const (
	ByCustomer Author = iota
	ByMe
	ByWorker
	ByProgram
)

// Shown is a message as a worker sees it.
type Shown struct {
	SID string
	// ClientID is that of a pending message, which has no SID.
	ClientID string
	Index    int
	By       Author
	// Author is the name of the author, "" for the customer.
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
	b, err := s.backend()
	if err != nil {
		return Thread{}, err
	}
	e, err := s.own(ctx, worker, sid)
	if err != nil {
		return Thread{}, err
	}
	var both sync.WaitGroup
	var participants []conversation.Participant
	var page conversation.MessagePage
	var readErr error
	both.Go(func() { participants, readErr = b.Participants(ctx, sid) })
	page, err = b.Messages(ctx, sid, threadPage, earlier)
	both.Wait()
	if err = errors.Join(readErr, err); err != nil {
		if errors.Is(err, conversation.ErrNotFound) {
			return Thread{}, errors.Join(err, s.remove(ctx, sid))
		}
		return Thread{}, err
	}
	if !slices.ContainsFunc(participants, func(p conversation.Participant) bool { return text.SameIdentity(p.Identity, worker) }) {
		_, err := s.refresh(ctx, sid)
		return Thread{}, errors.Join(conversation.ErrNotFound, err)
	}
	if earlier == "" {
		if e, err = s.update(ctx, e.SID, page.Messages); err != nil {
			return Thread{}, err
		}
	}
	t := Thread{Summary: s.summary(worker, e, s.open(e)), Earlier: page.Next}
	v := s.newView(worker, e, participants)
	for _, m := range slices.Backward(page.Messages) {
		t.Messages = append(t.Messages, v.message(ctx, b, m))
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
	t.WindowClosed = t.Channel == conversation.WhatsApp && !t.Closed && s.Now().Sub(e.InboundAt) > conversation.Window
	if e.InboundAt.IsZero() && (page.Next != "" || earlier != "") {
		t.WindowClosed = false // not known: the service will tell
	}
	return t, nil
}

// update brings the index up to date with the newest messages.
func (s *Service) update(ctx context.Context, sid string, newest []conversation.Message) (conversation.Entry, error) {
	var now conversation.Entry
	err := s.Store.Update(ctx, sid, func(e *conversation.Entry) error {
		if len(e.Sealed) == 0 {
			return conversation.ErrNotFound // removed meanwhile
		}
		c := s.open(*e)
		for _, m := range slices.Backward(newest) {
			s.setLast(e, &c, m)
			if c.wrote(m) && m.Created.After(e.InboundAt) {
				e.InboundAt = m.Created
			}
		}
		s.seal(e, c)
		now = *e
		return nil
	})
	return now, err
}

// MarkRead marks the messages of a worker's conversation up to an index as read.
func (s *Service) MarkRead(ctx context.Context, worker, sid string, index int) error {
	read := false
	var now conversation.Entry
	err := s.Store.Update(ctx, sid, func(e *conversation.Entry) error {
		m := e.Member(worker)
		if m == nil {
			return conversation.ErrNotFound
		}
		if index = min(index, e.LastIndex); m.LastRead < index {
			m.LastRead, read = index, true
		}
		now = *e
		return nil
	})
	if err != nil || !read {
		return err
	}
	s.Notify(worker)
	if now.Closed {
		return nil // takes no more changes
	}
	m := *now.Member(worker)
	s.inBackground(0, func(ctx context.Context) {
		if b, err := s.backend(); err == nil {
			if err := b.SetRead(ctx, now.SID, m.ParticipantSID, m.LastRead); err != nil && ctx.Err() == nil {
				s.Logger.Warn("telling the messaging service what a worker has read failed", "error", err)
			}
		}
	})
	return nil
}

// view is how a worker sees the messages of a conversation.
type view struct {
	*Service
	worker       string
	entry        conversation.Entry
	participants map[string]conversation.Participant // by SID
	hide         hidden
	masked       bool
}

func (s *Service) newView(worker string, e conversation.Entry, participants []conversation.Participant) view {
	v := view{Service: s, worker: worker, entry: e, participants: make(map[string]conversation.Participant), masked: s.Masked()}
	addresses := s.open(e).addresses()
	for _, p := range participants {
		v.participants[p.SID] = p
		if p.Address != "" {
			addresses = append(addresses, p.Address)
		}
	}
	v.hide = s.newHidden(addresses...)
	return v
}

// name returns a name as the worker may see it.
func (v view) name(s string) string {
	if v.masked {
		return v.hide.name(s)
	}
	return s
}

func (v view) message(ctx context.Context, b conversation.Backend, m conversation.Message) Shown {
	shown := Shown{SID: m.SID, Index: m.Index, Body: bodyOf(m), At: m.Created, Delivery: m.Delivery}
	p, isParticipant := v.participants[m.ParticipantSID]
	switch {
	case text.SameIdentity(m.Author, v.worker):
		shown.By = ByMe
	case isParticipant && p.Identity == "":
		shown.By = ByCustomer
	case isParticipant || v.entry.Member(m.Author) != nil:
		shown.By, shown.Author = ByWorker, v.name(m.Author)
	case v.open(v.entry).wrote(m):
		shown.By = ByCustomer
	default:
		shown.By, shown.Author = ByProgram, v.name(m.Author)
	}
	if shown.By == ByCustomer || shown.By == ByProgram {
		shown.Delivery = conversation.DeliveryUnknown
	}
	if shown.Delivery == conversation.Failed || shown.Delivery == conversation.Undelivered {
		shown.Code = v.failureCode(ctx, b, v.entry.SID, m)
	}
	for _, f := range m.Media {
		f.Filename = v.name(f.Filename)
		shown.Media = append(shown.Media, f)
	}
	if v.masked {
		shown.Body = v.hide.body(shown.Body)
	}
	return shown
}

// failureCode returns why a message was not delivered, 0 if that is not known.
func (s *Service) failureCode(ctx context.Context, b conversation.Backend, sid string, m conversation.Message) int {
	if code, ok := s.codes.Get(m.SID); ok {
		return code
	}
	code, err := b.FailureCode(ctx, sid, m.SID)
	if err != nil {
		return 0
	}
	s.codes.Put(m.SID, code, 1)
	return code
}

// Media opens a file in a message of a worker's conversation. The caller closes it.
func (s *Service) Media(ctx context.Context, worker, sid, messageSID, mediaSID string) (conversation.MediaContent, error) {
	b, err := s.backend()
	if err != nil {
		return conversation.MediaContent{}, err
	}
	e, err := s.current(ctx, b, worker, sid)
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
	if s.Masked() {
		content.Filename = s.newHidden(s.open(e).addresses()...).name(content.Filename)
	}
	return content, err
}
