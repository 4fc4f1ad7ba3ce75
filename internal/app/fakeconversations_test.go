package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/text"
)

// fakeConversations is an app.Conversations over a slice: the conversations of alice.
type fakeConversations struct {
	mu      sync.Mutex
	off     bool
	threads []*messaging.Thread
	next    string // of the list
	fail    error  // of everything that changes something
	files   map[string]string
	calls   []string
}

// sidOf returns the n-th identifier with a prefix.
func sidOf(prefix string, n int) string { return fmt.Sprintf("%s%032x", prefix, n) }

func (f *fakeConversations) record(format string, args ...any) error {
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
	return f.fail
}

// own returns a conversation of a worker.
func (f *fakeConversations) own(worker, sid string) (*messaging.Thread, error) {
	for _, t := range f.threads {
		if t.SID == sid && worker == "alice" {
			return t, nil
		}
	}
	return nil, fmt.Errorf("wrapped: %w", conversation.ErrNotFound)
}

func (f *fakeConversations) On() bool { return !f.off }

func (f *fakeConversations) List(_ context.Context, worker string, q messaging.ListQuery) (rows []messaging.Summary, next string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.threads {
		if t.Closed == q.Closed && worker == "alice" && (q.Query == "" || len(text.Matches(t.Name, q.Query)) > 0) {
			rows = append(rows, t.Summary)
		}
	}
	return rows, f.next, nil
}

func (f *fakeConversations) Thread(_ context.Context, worker, sid, _ string) (messaging.Thread, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, err := f.own(worker, sid)
	if err != nil {
		return messaging.Thread{}, err
	}
	t.Unread = 0
	return *t, nil
}

func (f *fakeConversations) Discard(_ context.Context, _, sid, clientID string) error {
	return f.record("discard %s %s", sid, clientID)
}

func (f *fakeConversations) MarkRead(context.Context, string, string, int) error { return nil }

func (f *fakeConversations) Unread(_ context.Context, worker string) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.threads {
		if worker == "alice" && t.Unread > 0 && !t.Muted {
			n++
		}
	}
	return n, nil
}

func (f *fakeConversations) Send(_ context.Context, worker string, d messaging.Draft) (conversation.Outgoing, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, err := f.own(worker, d.SID)
	if err != nil {
		return conversation.Outgoing{}, err
	}
	if err := f.record("send %s %s%s", d.Body, d.ContentSID, d.ContentVariables); err != nil {
		return conversation.Outgoing{}, err
	}
	if len(d.ClientID) < 16 {
		return conversation.Outgoing{}, messaging.IncompleteForm
	}
	t.Messages = append(t.Messages, messaging.Shown{SID: sidOf("IM", 1000+len(t.Messages)), By: messaging.ByMe, Body: d.Body, At: noon, Delivery: conversation.Sent})
	return conversation.Outgoing{State: conversation.OutgoingSent}, nil
}

func (f *fakeConversations) Start(_ context.Context, worker string, c messaging.Customer, ch messaging.Channel) (string, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return sidOf("CH", 1), true, f.record("%s starts with %s %s over %s %s", worker, c.ID, c.Name, ch.Type, ch.Address)
}

func (f *fakeConversations) change(worker, sid, format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.own(worker, sid); err != nil {
		return err
	}
	return f.record(format, args...)
}

func (f *fakeConversations) Link(_ context.Context, worker, sid string, c messaging.Customer) error {
	return f.change(worker, sid, "link %s %s", c.ID, c.Name)
}

func (f *fakeConversations) Transfer(_ context.Context, worker, sid, to string) error {
	return f.change(worker, sid, "transfer to %s", to)
}

func (f *fakeConversations) Finish(_ context.Context, worker, sid string) error {
	return f.change(worker, sid, "close")
}

func (f *fakeConversations) Mute(_ context.Context, worker, sid string, muted bool) error {
	return f.change(worker, sid, "mute %v", muted)
}

func (f *fakeConversations) Media(_ context.Context, worker, sid, messageSID, mediaSID string) (conversation.MediaContent, error) {
	if _, err := f.own(worker, sid); err != nil {
		return conversation.MediaContent{}, err
	}
	content, ok := f.files[mediaSID]
	if !ok {
		return conversation.MediaContent{}, conversation.ErrNotFound
	}
	kind, name, _ := strings.Cut(content, " ")
	return conversation.MediaContent{Media: conversation.Media{SID: mediaSID, Filename: name, ContentType: kind, Bytes: int64(len(content))}, ReadCloser: io.NopCloser(strings.NewReader(content))}, nil
}

// newConversationsApp returns an app with conversations: alice's with Bobby, a customer,
// and with an unknown address.
func newConversationsApp(t testing.TB, change func(*app.Options)) (*fakeConversations, *fakeCRM, *auditLog, http.Handler) {
	t.Helper()
	f, log := &fakeConversations{}, &auditLog{}
	f.threads = []*messaging.Thread{
		{Summary: messaging.Summary{SID: sidOf("CH", 1), CustomerID: "1", Name: "Bobby Shaftoe", Channel: "sms", Address: "+15557040102", LastAt: noon, Text: "Hello", Unread: 2}},
		{Summary: messaging.Summary{SID: sidOf("CH", 2), Candidates: 2, Channel: "whatsapp", Address: "+4915112345678", LastAt: noon.AddDate(0, 0, -3), Text: "Yes", LastBy: "alice"}},
	}
	c, _, h, _ := newTestApp(t, func(o *app.Options) {
		o.Audit, o.Conversations = log, f
		o.Workers = func(context.Context) ([]string, error) { return []string{"alice", "bob"}, nil }
		if change != nil {
			change(o)
		}
	})
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "Bobby Shaftoe", Channels: []frontline.Channel{
		{Type: "sms", Value: "+15557040102"}, {Type: "whatsapp", Value: "whatsapp:+15557040102"}, {Type: "whatsapp", Value: "whatsapp:+15557040103"}, {Type: "sms", Value: "555 0199"}}})
	c.add("bob", frontline.Customer{ID: "2", DisplayName: "Bob's", Channels: []frontline.Channel{{Type: "sms", Value: "+15550000000"}}})
	return f, c, log, h
}
