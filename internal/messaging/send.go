package messaging

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
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

// InvalidError says why an input cannot be used.
type InvalidError struct{ Reason Reason }

func (e *InvalidError) Error() string { return "invalid input: " + string(e.Reason) }

// Reason is why an input cannot be used.
type Reason string

// The reasons.
const (
	EmptyMessage  Reason = "the message is empty"
	LongMessage   Reason = "the message is too long"
	NoText        Reason = "the message is not text"
	NoClientID    Reason = "the form is incomplete"
	NoNumber      Reason = "the address is not a complete phone number"
	NoChannel     Reason = "there is no conversation over this channel"
	NoWorker      Reason = "the worker is unknown or deactivated"
	NoCustomer    Reason = "the conversation is with no customer"
	AlreadyThere  Reason = "the worker takes part already"
	NoDestination Reason = "there is no address to write from"
)

// How long a write may take, also when the worker's request has ended, and after which time
// a message that is still being sent was left behind by a crash.
const (
	writeTimeout = 12 * time.Second
	lostAfter    = time.Minute
)

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
	b, err := s.backend()
	if err != nil {
		return conversation.Outgoing{}, err
	}
	e, err := s.current(ctx, b, worker, d.SID)
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
		ClientID: d.ClientID, SID: d.SID, Worker: worker, At: s.Now(),
		Sealed: []byte(s.Sealer.Seal([]byte(d.Body), outgoingContext+d.ClientID)),
	})
	switch {
	case err != nil:
		return conversation.Outgoing{}, err
	case !begun && (o.SID != d.SID || !text.SameIdentity(o.Worker, worker)):
		return conversation.Outgoing{}, &InvalidError{NoClientID}
	case !begun && (o.State == conversation.OutgoingSent || o.State == conversation.OutgoingSending && s.Now().Sub(o.At) < lostAfter):
		return o, nil
	case !begun && o.State == conversation.OutgoingRefused:
		return o, &conversation.RefusedError{Code: o.Code}
	case !begun:
		return s.findSent(ctx, b, o)
	}
	m := conversation.NewMessage{Author: worker, Body: d.Body, Attributes: messageAttributes(d.ClientID, "")}
	if d.ContentSID != "" {
		m.Attributes = messageAttributes(d.ClientID, d.Body)
		m.Body, m.ContentSID, m.ContentVariables = "", d.ContentSID, d.ContentVariables
	}
	if member := e.Member(worker); member != nil {
		m.Author = member.Worker // as the participant is spelled
	}
	sent, err := b.Send(ctx, d.SID, m)
	return s.endSend(ctx, b, o, sent, err)
}

// check returns the text of the message as it is sent.
func (d Draft) check() (string, error) {
	body := strings.TrimSpace(strings.ReplaceAll(d.Body, "\r\n", "\n"))
	switch {
	case len(d.ClientID) < 16 || len(d.ClientID) > 64:
		return "", &InvalidError{NoClientID}
	case !utf8.ValidString(body) || strings.ContainsRune(body, 0):
		return "", &InvalidError{NoText}
	case body == "" && d.ContentSID == "":
		return "", &InvalidError{EmptyMessage}
	case Length(body) > conversation.MaxBody:
		return "", &InvalidError{LongMessage}
	}
	return body, nil
}

// Length returns the length of a message as its limit counts it: in UTF-16.
func Length(body string) (n int) {
	for _, r := range body {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// messageAttributes returns the attributes of a message. text is that of a content template.
func messageAttributes(clientID, text string) string {
	a := attributes{}
	a.set(attrClientID, clientID)
	a.set(attrText, firstRunes(text, maxAttrText))
	encoded, err := json.Marshal(a)
	if err != nil {
		panic(err) // a string
	}
	return string(encoded)
}

// endSend stores the outcome of sending.
func (s *Service) endSend(ctx context.Context, b conversation.Backend, o conversation.Outgoing, sent conversation.Message, err error) (conversation.Outgoing, error) {
	refused := new(conversation.RefusedError)
	switch {
	case err == nil:
		o.State, o.MessageSID = conversation.OutgoingSent, sent.SID
	case errors.Is(err, conversation.ErrOutcomeUnknown) || errors.Is(err, context.DeadlineExceeded):
		o.State, err = conversation.OutgoingUnknown, nil
	case errors.As(err, &refused):
		o.State, o.Code = conversation.OutgoingRefused, refused.Code
	default:
		o.State = conversation.OutgoingRefused
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
	if o.State != conversation.OutgoingUnknown {
		o.State = conversation.OutgoingUnknown
		if err := s.Store.EndSend(ctx, o); err != nil {
			return o, err
		}
	}
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
		a, _ := parseAttributes(m.Attributes)
		if a.text(attrClientID) != o.ClientID {
			continue
		}
		o.State, o.MessageSID = conversation.OutgoingSent, m.SID
		if err := s.Store.EndSend(ctx, *o); err != nil {
			return true, fmt.Errorf("store the outcome of a message: %w", err)
		}
		return true, nil
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
		shown := Shown{ClientID: o.ClientID, By: ByMe, Body: string(body), At: o.At, Delivery: conversation.Sending,
			Unknown: o.State == conversation.OutgoingUnknown || s.Now().Sub(o.At) >= lostAfter}
		if v.masked {
			shown.Body = v.hide.body(shown.Body)
		}
		pending = append(pending, shown)
	}
	return pending, nil
}
