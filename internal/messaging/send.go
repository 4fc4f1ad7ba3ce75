package messaging

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
)

// Draft is a message that a worker sends: a Body or, with ContentSID, a content template,
// of which Body is the text that the worker saw.
type Draft struct {
	SID string
	// ClientID is made up by the form, 16 to 64 letters and digits: the same one never
	// sends twice.
	ClientID                           string
	Body, ContentSID, ContentVariables string
}

// InvalidError is why an input cannot be used. Pages have a message of that name.
type InvalidError string

// The reasons. IncompleteForm is of inputs that no form of ours makes.
const (
	EmptyMessage   InvalidError = "message-empty"
	LongMessage    InvalidError = "message-long"
	IncompleteForm InvalidError = "bad-form"
	NoNumber       InvalidError = "no-number"  // the address is not a complete phone number
	NoChannel      InvalidError = "no-channel" // no conversation can begin over this channel
	NoWorker       InvalidError = "no-worker"  // unknown or deactivated
	NoCustomer     InvalidError = "no-address" // the conversation is with no customer
	AlreadyThere   InvalidError = "already-there"
	NoDestination  InvalidError = "no-proxy" // there is no address to write from
)

func (e InvalidError) Error() string { return "invalid input: " + string(e) }

// writeTimeout is how long a write may take, also when the worker's request has ended.
const writeTimeout = 12 * time.Second

// attrClientID is the attribute of a message by which it is found after an unknown outcome.
const attrClientID = "client_id"

// attrText is the attribute with the text of a content template, which the messaging service
// may leave out of the message: its first maxAttrText characters, since attributes are small.
const (
	attrText    = "text"
	maxAttrText = 900
)

// bodyOf returns the text of a message.
func bodyOf(m conversation.Message) string {
	if m.Body != "" {
		return m.Body
	}
	a, _ := parseAttributes(m.Attributes)
	return a.text(attrText)
}

// Send sends a message of a worker, and returns its outcome. A refusal is a *RefusedError
// or another error; then it was not sent. With a ClientID that was sent before, it only
// finds out what became of it.
func (s *Service) Send(ctx context.Context, worker string, d Draft) (conversation.Outgoing, error) {
	b, e, err := s.current(ctx, worker, d.SID)
	if err != nil {
		return conversation.Outgoing{}, err
	}
	if d.Body, err = d.check(); err != nil {
		return conversation.Outgoing{}, err
	}
	if e.Closed {
		return conversation.Outgoing{}, &conversation.RefusedError{Code: conversation.CodeClosed}
	}
	// A worker who leaves the page does not stop the message.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	o, begun, err := s.Store.BeginSend(ctx, conversation.Outgoing{
		ClientID: d.ClientID, SID: d.SID, Worker: worker, At: time.Now(),
		Sealed: []byte(s.Sealer.Seal([]byte(d.Body), outgoingContext+d.ClientID)),
	})
	switch {
	case err != nil:
		return conversation.Outgoing{}, err
	case !begun && (o.SID != d.SID || !text.SameIdentity(o.Worker, worker)):
		return conversation.Outgoing{}, IncompleteForm
	case !begun && o.State == conversation.OutgoingSent:
		return o, nil
	case !begun && o.State == conversation.OutgoingRefused:
		return o, &conversation.RefusedError{Code: o.Code}
	case !begun:
		return s.findSent(ctx, b, o)
	}
	m := conversation.NewMessage{Author: e.Member(worker).Worker, ContentSID: d.ContentSID, ContentVariables: d.ContentVariables}
	a := attributes{}
	a.set(attrClientID, d.ClientID)
	if d.ContentSID == "" {
		m.Body = d.Body
	} else {
		a.set(attrText, firstRunes(d.Body, maxAttrText))
	}
	m.Attributes = a.String()
	sent, err := b.Send(ctx, d.SID, m)
	return s.endSend(ctx, b, o, sent, err)
}

// check returns the text of the message as it is sent.
func (d Draft) check() (string, error) {
	body := strings.TrimSpace(strings.ReplaceAll(d.Body, "\r\n", "\n"))
	switch {
	case len(d.ClientID) < 16 || len(d.ClientID) > 64 || !utf8.ValidString(body) || strings.ContainsRune(body, 0):
		return "", IncompleteForm
	case body == "" && d.ContentSID == "":
		return "", EmptyMessage
	case len(utf16.Encode([]rune(body))) > conversation.MaxBody: // as the limit counts
		return "", LongMessage
	}
	return body, nil
}

// endSend stores the outcome of sending.
func (s *Service) endSend(ctx context.Context, b conversation.Backend, o conversation.Outgoing, sent conversation.Message, err error) (conversation.Outgoing, error) {
	refused := new(conversation.RefusedError)
	switch {
	case err == nil:
		o.State, o.MessageSID = conversation.OutgoingSent, sent.SID
	case errors.Is(err, conversation.ErrOutcomeUnknown) || errors.Is(err, context.DeadlineExceeded):
		o.State, err = conversation.OutgoingUnknown, nil
	default:
		o.State = conversation.OutgoingRefused
		if errors.As(err, &refused) {
			o.Code = refused.Code
		}
	}
	// The outcome must be stored even if the time is up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if stored := s.Store.EndSend(ctx, o); stored != nil {
		return o, errors.Join(err, stored)
	}
	switch o.State {
	case conversation.OutgoingSent:
		sent.Author = o.Worker
		if err := s.messageAdded(ctx, o.SID, sent); err != nil {
			s.Logger.Warn("adding a sent message to the index failed", "error", err) // its webhook adds it too
		}
	case conversation.OutgoingUnknown:
		return s.findSent(ctx, b, o)
	}
	return o, err
}

// Discard removes a worker's message of unknown outcome from the thread. If it was sent, it is
// there all the same.
func (s *Service) Discard(ctx context.Context, worker, sid, clientID string) error {
	all, err := s.Store.Outgoing(ctx, sid)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.ClientID == clientID && text.SameIdentity(o.Worker, worker) {
			o.State = conversation.OutgoingRefused
			return s.Store.EndSend(ctx, o)
		}
	}
	return conversation.ErrNotFound
}

// searchedPages is how many pages of newest messages are looked at for one of unknown outcome.
const searchedPages = 3

// findSent finds out whether a message of unknown outcome was sent.
func (s *Service) findSent(ctx context.Context, b conversation.Backend, o conversation.Outgoing) (conversation.Outgoing, error) {
	token := ""
	for range searchedPages {
		page, err := b.Messages(ctx, o.SID, 50, token)
		if err != nil {
			return o, nil // still unknown
		}
		if found, err := s.matchSent(ctx, &o, page.Messages); err != nil || found {
			return o, err
		}
		if token = page.Next; token == "" {
			break
		}
	}
	return o, nil
}

// matchSent looks for a message of unknown outcome among messages, and reports whether it is
// there.
func (s *Service) matchSent(ctx context.Context, o *conversation.Outgoing, messages []conversation.Message) (bool, error) {
	for _, m := range messages {
		if a, _ := parseAttributes(m.Attributes); a.text(attrClientID) == o.ClientID {
			o.State, o.MessageSID = conversation.OutgoingSent, m.SID
			return true, s.Store.EndSend(ctx, *o)
		}
	}
	return false, nil
}

// pending returns a worker's messages of a conversation that are being sent, or of unknown
// outcome. newest are the newest messages of the conversation.
func (s *Service) pending(ctx context.Context, v view, newest []conversation.Message) (pending []Shown, err error) {
	all, err := s.Store.Outgoing(ctx, v.entry.SID)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if !text.SameIdentity(o.Worker, v.worker) || o.State == conversation.OutgoingRefused {
			continue
		}
		if found, err := s.matchSent(ctx, &o, newest); err != nil || found {
			continue
		}
		body, err := s.Sealer.Open(string(o.Sealed), outgoingContext+o.ClientID)
		if err != nil {
			continue // another key's
		}
		pending = append(pending, Shown{ClientID: o.ClientID, By: ByMe, Body: v.body(string(body)), At: o.At, Delivery: conversation.Sending,
			Unknown: o.State == conversation.OutgoingUnknown || time.Since(o.At) >= 2*writeTimeout}) // left behind by a crash
	}
	return pending, nil
}
