// Package storetest is the behavior suite that every conversation.Store must pass.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/conversation"
)

// Open returns an empty store. It closes with the test.
type Open func(t *testing.T) conversation.Store

// Run runs the suite, each test on a store of its own.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(f *fixture){
		"update": testUpdate, "concurrent updates": testConcurrentUpdates, "delete": testDelete,
		"page": testPage, "unread": testUnread, "open conversations": testOpen, "outgoing": testOutgoing,
	} {
		t.Run(name, func(t *testing.T) { test(&fixture{t, open(t)}) })
	}
}

// fixture is a store under test.
type fixture struct {
	*testing.T
	conversation.Store
}

var ctx = context.Background()

// epoch is when conversations begin; stores keep milliseconds.
var epoch = time.UnixMilli(1_800_000_000_123)

// put stores conversations, each with these workers.
func (f *fixture) put(e conversation.Entry, workers ...string) {
	f.Helper()
	for _, w := range workers {
		e.Members = append(e.Members, conversation.Member{Worker: w, ParticipantSID: "MB" + w, LastRead: -1})
	}
	f.update(e.SID, func(stored *conversation.Entry) { *stored = e })
}

func (f *fixture) update(sid string, change func(e *conversation.Entry)) {
	f.Helper()
	if _, err := f.Update(ctx, sid, func(e *conversation.Entry) error { change(e); return nil }); err != nil {
		f.Fatalf("Update(%s) = %v", sid, err)
	}
}

func (f *fixture) want(call string, got, want any, err error) {
	f.Helper()
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		f.Errorf("%s = _, %v (-want +got):\n%s", call, err, diff)
	}
}

func (f *fixture) wantErr(call string, got, want error) {
	f.Helper()
	if !errors.Is(got, want) {
		f.Errorf("%s = %v, want %v", call, got, want)
	}
}

func (f *fixture) wantSIDs(call string, entries []conversation.Entry, want string, err error) {
	f.Helper()
	var sids []string
	for _, e := range entries {
		sids = append(sids, e.SID)
	}
	f.want(call, strings.Join(sids, " "), want, err)
}

func testUpdate(f *fixture) {
	none := conversation.Entry{SID: "CH1", LastIndex: -1}
	f.update("CH1", func(e *conversation.Entry) { f.want("Update(unknown) entry", *e, none, nil) })
	_, err := f.Entry(ctx, "CH1")
	f.wantErr("Entry() after an Update without a change", err, conversation.ErrNotFound)

	e := conversation.Entry{SID: "CH1", CustomerID: "7", LastAt: epoch, LastIndex: 3, InboundAt: epoch.Add(-time.Hour), Sealed: []byte("\x00sealed"),
		Members: []conversation.Member{{Worker: "Ada@Example.com", ParticipantSID: "MB1", LastRead: 2, Muted: true, Owner: true}, {Worker: "bob", LastRead: -1}}}
	got, err := f.Update(ctx, "CH1", func(stored *conversation.Entry) error { *stored = e; return nil })
	f.want("Update()", got, e, err)
	got, err = f.Entry(ctx, "CH1")
	f.want("Entry()", got, e, err)

	broken := errors.New("broken")
	_, err = f.Update(ctx, "CH1", func(e *conversation.Entry) error { e.Closed, e.Members = true, nil; return broken })
	f.wantErr("Update() whose change fails", err, broken)
	got, err = f.Entry(ctx, "CH1")
	f.want("Entry() after a failed change", got, e, err)

	e.Closed, e.CustomerID, e.InboundAt, e.Sealed = true, "", time.Time{}, nil
	e.Members = []conversation.Member{{Worker: "carol", ParticipantSID: "MB3", LastRead: 3}}
	f.put(e)
	got, err = f.Entry(ctx, "CH1")
	f.want("Entry() of other members", got, e, err)
	for _, worker := range []string{"ada@example.com", "bob"} {
		page, err := f.Page(ctx, conversation.PageQuery{Worker: worker, Closed: true, Limit: 5})
		f.want("Page() of the earlier member "+worker, page, conversation.Page{}, err)
	}

	e.Members = nil
	f.put(e)
	got, err = f.Entry(ctx, "CH1")
	f.want("Entry() without members", got, e, err)
}

func testConcurrentUpdates(f *fixture) {
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { f.update("CH1", func(e *conversation.Entry) { e.LastIndex++ }) })
	}
	all.Wait()
	e, err := f.Entry(ctx, "CH1")
	f.want("LastIndex after 20 updates", e.LastIndex, 19, err)
}

func testDelete(f *fixture) {
	f.put(conversation.Entry{SID: "CH1", LastAt: epoch}, "ada")
	f.wantErr("Delete()", f.Delete(ctx, "CH1"), nil)
	f.wantErr("second Delete()", f.Delete(ctx, "CH1"), nil)
	_, err := f.Entry(ctx, "CH1")
	f.wantErr("Entry(deleted)", err, conversation.ErrNotFound)
	n, err := f.Unread(ctx, "ada")
	f.want("Unread() after Delete()", n, 0, err)
}

func testPage(f *fixture) {
	for i := range 7 { // CH0 is the oldest; CH3 and CH4 are of the same time
		at := epoch.Add(time.Duration(i) * time.Second)
		if i == 4 {
			at = at.Add(-time.Second)
		}
		f.put(conversation.Entry{SID: fmt.Sprintf("CH%d", i), LastAt: at, Closed: i == 5}, "Ada@example.com", "bob")
	}
	f.put(conversation.Entry{SID: "CHx", LastAt: epoch.Add(time.Hour)}, "bob")

	q := conversation.PageQuery{Worker: "ada@EXAMPLE.com", Limit: 2}
	for i, want := range []string{"CH6 CH4", "CH3 CH2", "CH1 CH0"} {
		page, err := f.Page(ctx, q)
		f.wantSIDs(fmt.Sprintf("Page(%+v)", q), page.Entries, want, err)
		if (page.Next == "") != (i == 2) {
			f.Errorf("Page(%+v).Next = %q on page %d of 3", q, page.Next, i+1)
		}
		if len(page.Entries) > 0 && len(page.Entries[0].Members) != 2 {
			f.Errorf("Page(%+v) has members %+v, want both", q, page.Entries[0].Members)
		}
		q.After = page.Next
		// A message that arrives meanwhile moves a conversation to the first page, and no other.
		f.update("CH6", func(e *conversation.Entry) { e.LastAt = e.LastAt.Add(time.Minute) })
	}
	for _, c := range []struct {
		q    conversation.PageQuery
		want string
	}{
		{conversation.PageQuery{Worker: "Ada@example.com", Closed: true, Limit: 10}, "CH5"},
		{conversation.PageQuery{Worker: "bob", Limit: 6}, "CHx CH6 CH4 CH3 CH2 CH1"},
		{conversation.PageQuery{Worker: "Bob", Limit: 10}, ""},
	} {
		page, err := f.Page(ctx, c.q)
		f.wantSIDs(fmt.Sprintf("Page(%+v)", c.q), page.Entries, c.want, err)
	}
	_, err := f.Page(ctx, conversation.PageQuery{Worker: "bob", After: "nonsense", Limit: 2})
	f.wantErr("Page(a token that is none)", err, conversation.ErrNotFound)
}

func testUnread(f *fixture) {
	want := func(after string, want int) {
		f.Helper()
		n, err := f.Unread(ctx, "ADA@example.com")
		f.want("Unread() after "+after, n, want, err)
	}
	want("nothing", 0)
	f.put(conversation.Entry{SID: "CH1", LastAt: epoch, LastIndex: -1}, "ada@example.com", "bob")
	f.put(conversation.Entry{SID: "CH2", LastAt: epoch, LastIndex: 0}, "ada@example.com")
	f.put(conversation.Entry{SID: "CH3", LastAt: epoch, LastIndex: 4}, "bob")
	want("a message", 1)
	f.update("CH1", func(e *conversation.Entry) { e.LastIndex = 8 })
	want("messages in two", 2)
	f.update("CH1", func(e *conversation.Entry) { e.Members[0].LastRead = 8 })
	want("reading one", 1)
	f.update("CH1", func(e *conversation.Entry) { e.LastIndex = 9 })
	want("a new message", 2)
	f.update("CH1", func(e *conversation.Entry) { e.Members[0].Muted = true })
	want("muting it", 1)
	f.update("CH2", func(e *conversation.Entry) { e.Closed = true })
	want("closing the other", 0)
}

func testOpen(f *fixture) {
	f.put(conversation.Entry{SID: "CH1", CustomerID: "7", LastAt: epoch}, "ada", "bob")
	f.put(conversation.Entry{SID: "CH2", CustomerID: "7", LastAt: epoch, Closed: true}, "ada")
	f.put(conversation.Entry{SID: "CH3", LastAt: epoch})
	f.put(conversation.Entry{SID: "CH4", CustomerID: "8", LastAt: epoch}, "ada")
	for _, c := range []struct {
		after string
		limit int
		want  string
	}{{"", 2, "CH1 CH3"}, {"CH3", 2, "CH4"}, {"CH4", 2, ""}} {
		got, err := f.Open(ctx, c.after, c.limit)
		f.wantSIDs(fmt.Sprintf("Open(%q, %d)", c.after, c.limit), got, c.want, err)
	}
}

func testOutgoing(f *fixture) {
	o := conversation.Outgoing{ClientID: "a", SID: "CH1", Worker: "Ada@example.com", Sealed: []byte("text"), At: epoch}
	got, added, err := f.BeginSend(ctx, o)
	f.want("BeginSend()", got, o, err)
	f.want("BeginSend() added", added, true, err)
	again := o
	again.Worker, again.Sealed, again.At = "bob", []byte("other"), epoch.Add(time.Second)
	got, added, err = f.BeginSend(ctx, again)
	f.want("BeginSend(the same ClientID)", got, o, err)
	f.want("BeginSend(the same ClientID) added", added, false, err)

	refused := conversation.Outgoing{ClientID: "b", SID: "CH1", Worker: "bob", Sealed: []byte("more"), At: epoch.Add(-time.Second)}
	sent := conversation.Outgoing{ClientID: "c", SID: "CH1", Worker: "bob", Sealed: []byte("more"), At: epoch}
	for _, o := range []conversation.Outgoing{refused, sent, {ClientID: "d", SID: "CH2", Worker: "bob", Sealed: []byte("x"), At: epoch}} {
		_, _, err := f.BeginSend(ctx, o)
		f.wantErr("BeginSend("+o.ClientID+")", err, nil)
	}
	refused.State, refused.Code = conversation.OutgoingRefused, conversation.CodeOptedOut
	sent.State, sent.MessageSID = conversation.OutgoingSent, "IM1"
	for _, o := range []conversation.Outgoing{refused, sent} {
		f.wantErr("EndSend("+o.ClientID+")", f.EndSend(ctx, o), nil)
	}
	got, added, err = f.BeginSend(ctx, sent)
	f.want("BeginSend(what was sent)", got, sent, err)
	f.want("BeginSend(what was sent) added", added, false, err)

	f.wantErr("Delete()", f.Delete(ctx, "CH1"), nil) // keeps what was sent
	all, err := f.Outgoing(ctx, "CH1")
	f.want("Outgoing()", all, []conversation.Outgoing{refused, o}, err)
	f.wantErr("DeleteOutgoing()", f.DeleteOutgoing(ctx, epoch), nil)
	all, err = f.Outgoing(ctx, "CH1")
	f.want("Outgoing() after DeleteOutgoing()", all, []conversation.Outgoing{o}, err)
}
