package messaging_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi/fakeapitest"
	"github.com/clientele-project/clientele/internal/messaging"
)

func TestService_SendAndDelivery(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sid := w.receive(bobby, conversation.SMS, "Is it ready?")
		o, err := w.Send(w.ctx, "alice", draft(sid, "1", " Yes,\r\nit is. "))
		if err != nil || o.State != conversation.OutgoingSent {
			t.Fatalf("Send = %+v, %v", o, err)
		}
		if _, err := w.Send(w.ctx, "alice", draft(sid, "1", "Yes, it is.")); err != nil {
			t.Errorf("Send with the same client id: %v", err)
		}
		synctest.Wait()
		if got, want := w.bodies(sid), []string{"Is it ready?", "Yes,\nit is."}; !slices.Equal(got, want) {
			t.Errorf("messages = %q, want %q", got, want)
		}
		if row := w.list("alice")[0]; row.Text != "Yes, it is." || row.LastBy != "alice" || row.Unread != 0 {
			t.Errorf("List(alice) = %+v", row)
		}
		for _, step := range []struct {
			status string
			code   int
			want   conversation.Delivery
		}{{"sent", 0, conversation.Sent}, {"delivered", 0, conversation.Delivered}, {"read", 0, conversation.Read}, {"failed", conversation.CodeOptedOut, conversation.Failed}} {
			w.api.Deliver(o.MessageSID, step.status, step.code)
			synctest.Wait()
			thread := w.thread("alice", sid)
			last := thread.Messages[len(thread.Messages)-1]
			if last.By != messaging.ByMe || last.Delivery != step.want || last.Code != step.code {
				t.Errorf("the message when %s = %+v", step.status, last)
			}
		}
	})
}

// A conversation that was not found for a while takes no message a second time.
func TestService_SendAfterTheConversationCameBack(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sid := w.receive(bobby, conversation.SMS, "Is it ready?")
		if _, err := w.Send(w.ctx, "alice", draft(sid, "1", "Yes.")); err != nil {
			t.Fatalf("Send: %v", err)
		}
		synctest.Wait()
		w.api.Fail(fakeapitest.Fault{Method: http.MethodGet, Path: sid, Times: 1, Status: http.StatusNotFound})
		if err := w.Event(w.ctx, messaging.Event{SID: sid}); err != nil {
			t.Fatalf("Event: %v", err)
		}
		if _, err := w.store.Entry(w.ctx, sid); !errors.Is(err, conversation.ErrNotFound) {
			t.Fatalf("Entry: %v, want ErrNotFound", err)
		}
		time.Sleep(time.Minute) // of the bubble
		if _, err := w.Send(w.ctx, "alice", draft(sid, "1", "Yes.")); err != nil {
			t.Errorf("Send again: %v", err)
		}
		if n := len(w.bodies(sid)); n != 2 {
			t.Errorf("%d messages, want 2", n)
		}
	})
}

// What a worker wrote who has left, or is deactivated, stays the company's: with the name
// and how far it came, and nobody's to read.
func TestService_MessagesOfColleagues(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sid := w.receive(bobby, conversation.SMS, "Is it ready?")
		o, err := w.Send(w.ctx, "alice", draft(sid, "1", "Bob will tell you."))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Transfer(w.ctx, "alice", sid, "bob"); err != nil {
			t.Fatal(err)
		}
		w.deactivate("alice")
		w.api.Deliver(o.MessageSID, "delivered", 0)
		synctest.Wait()
		if row := w.list("bob")[0]; row.LastBy != "alice" || row.Unread != 1 {
			t.Errorf("List(bob) = %+v, want alice's message, and the customer's unread", row)
		}
		if m := w.thread("bob", sid).Messages[1]; m.By != messaging.ByWorker || m.Author != "alice" || m.Delivery != conversation.Delivered {
			t.Errorf("alice's message = %+v, want a colleague's that was delivered", m)
		}
		// One who comes later finds only what customers wrote.
		if _, err := w.rest.AddWorker(w.ctx, sid, "carol"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if _, err := w.Send(w.ctx, "bob", draft(sid, "2", "Yes.")); err != nil {
			t.Fatal(err)
		}
		w.receive(bobby, conversation.SMS, "Thank you.")
		for worker, want := range map[string]int{"bob": 1, "carol": 2} {
			if row := w.list(worker)[0]; row.Unread != want {
				t.Errorf("List(%s) = %+v, want %d unread", worker, row, want)
			}
		}
	})
}

// The worker sees what a content template said.
func TestService_SendTemplate(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sid := w.receive(bobby, conversation.WhatsApp, "Hello")
		d := draft(sid, "1", "Dear Bobby, it is ready.")
		d.ContentSID, d.ContentVariables = "HX"+digits32, `{"1":"Bobby"}`
		if _, err := w.Send(w.ctx, "alice", d); err != nil {
			t.Fatalf("Send: %v", err)
		}
		synctest.Wait()
		if thread := w.thread("alice", sid); thread.Messages[1].Body != d.Body || thread.Text != d.Body {
			t.Errorf("Thread(alice) = %+v, want the text of the template", thread)
		}
	})
}

// A message whose outcome is not known is never sent twice, and is found when it was sent.
func TestService_SendOfUnknownOutcome(t *testing.T) {
	for name, c := range map[string]struct {
		fault fakeapitest.Fault
		sent  bool
		state conversation.OutgoingState
		err   error
	}{
		"performed, no response":     {fakeapitest.Fault{Performed: true, Hang: true}, true, conversation.OutgoingSent, nil},
		"performed, then cut":        {fakeapitest.Fault{Performed: true}, true, conversation.OutgoingSent, nil},
		"performed, then an error":   {fakeapitest.Fault{Performed: true, Status: 500}, true, conversation.OutgoingSent, nil},
		"not performed, no response": {fakeapitest.Fault{Hang: true}, false, conversation.OutgoingUnknown, nil},
		"not performed, an error":    {fakeapitest.Fault{Status: 500}, false, conversation.OutgoingUnknown, nil},
		"too many requests":          {fakeapitest.Fault{Status: 429, RetryAfter: time.Second}, false, conversation.OutgoingRefused, conversation.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				sid := w.receive(bobby, conversation.SMS, "Is it ready?")
				c.fault.Method, c.fault.Path, c.fault.Times = http.MethodPost, "/Messages", 1
				w.api.Fail(c.fault)
				o, err := w.Send(w.ctx, "alice", draft(sid, "1", "Yes."))
				if o.State != c.state || !errors.Is(err, c.err) {
					t.Fatalf("Send = %+v, %v, want state %d, %v", o, err, c.state, c.err)
				}
				synctest.Wait()
				pending := w.thread("alice", sid).Pending
				if unknown := c.state == conversation.OutgoingUnknown; unknown != (len(pending) == 1 && pending[0].Unknown && pending[0].Body == "Yes.") {
					t.Errorf("pending messages = %+v", pending)
				}
				if c.err != nil {
					return
				}
				if again, err := w.Send(w.ctx, "alice", draft(sid, "1", "Yes.")); err != nil || again.State != c.state {
					t.Errorf("Send again = %+v, %v, want state %d", again, err, c.state)
				}
				if c.state == conversation.OutgoingUnknown {
					id := draft(sid, "1", "").ClientID
					if err := w.Discard(w.ctx, "bob", sid, id); !errors.Is(err, conversation.ErrNotFound) {
						t.Errorf("Discard by bob: %v, want ErrNotFound", err)
					}
					if err := w.Discard(w.ctx, "alice", sid, id); err != nil || len(w.thread("alice", sid).Pending) > 0 {
						t.Errorf("Discard: %v, or it is still pending", err)
					}
				}
				synctest.Wait()
				if n := len(w.bodies(sid)) - 1; n != 0 && !c.sent || n != 1 && c.sent {
					t.Errorf("%d messages sent, want one: %v", n, c.sent)
				}
			})
		})
	}
}

func TestService_SendRefusals(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sid := w.receive(bobby, conversation.SMS, "Hello")
		for name, c := range map[string]struct {
			d      messaging.Draft
			reason messaging.InvalidError
		}{
			"empty":     {draft(sid, "1", " \n "), messaging.EmptyMessage},
			"long":      {draft(sid, "2", strings.Repeat("😀", 801)), messaging.LongMessage},
			"NUL":       {draft(sid, "3", "a\x00b"), messaging.IncompleteForm},
			"no UTF-8":  {draft(sid, "4", "\xff"), messaging.IncompleteForm},
			"client id": {messaging.Draft{SID: sid, ClientID: "1", Body: "Yes"}, messaging.IncompleteForm},
		} {
			if _, err := w.Send(w.ctx, "alice", c.d); !errors.Is(err, c.reason) {
				t.Errorf("Send(%s): %v, want %q", name, err, c.reason)
			}
		}
		if err := w.Finish(w.ctx, "alice", sid); err != nil {
			t.Fatalf("Finish: %v", err)
		}
		refused := new(conversation.RefusedError)
		if _, err := w.Send(w.ctx, "alice", draft(sid, "5", "Yes")); !errors.As(err, &refused) || refused.Code != conversation.CodeClosed {
			t.Errorf("Send to a closed conversation: %v, want code %d", err, conversation.CodeClosed)
		}
		if rows := w.list("alice"); len(rows) != 0 {
			t.Errorf("open conversations = %+v, want none", rows)
		}
		if rows, _, err := w.List(w.ctx, "alice", messaging.ListQuery{Closed: true}); err != nil || len(rows) != 1 {
			t.Errorf("closed conversations = %+v, %v, want one", rows, err)
		}
	})
}

func TestService_Start(t *testing.T) {
	sms := messaging.Channel{Type: "SMS", Address: "+1 (555) 704-0102"}
	inWorld(t, func(t *testing.T, w *world) {
		sid, created, err := w.Start(w.ctx, "alice", w.customers["C-1"], sms)
		if err != nil || !created {
			t.Fatalf("Start = %q, %v, %v", sid, created, err)
		}
		synctest.Wait()
		p := w.customerOf(sid)
		if p.Address != bobby || p.ProxyAddress != proxy || !strings.Contains(p.Attributes, `"customer_id":"C-1"`) || !strings.Contains(p.Attributes, `"display_name":"Bobby S."`) {
			t.Errorf("the customer's participant = %+v", p)
		}
		if again, created, err := w.Start(w.ctx, "alice", w.customers["C-1"], sms); again != sid || created || err != nil {
			t.Errorf("Start again = %q, %v, %v, want %q", again, created, err, sid)
		}
		taken := new(messaging.TakenError)
		if _, _, err := w.Start(w.ctx, "bob", w.customers["C-1"], sms); !errors.As(err, &taken) || !slices.Equal(taken.Workers, []string{"alice"}) {
			t.Errorf("Start by bob: %v, want a TakenError of alice", err)
		}
		other, created, err := w.Start(w.ctx, "alice", w.customers["C-1"], messaging.Channel{Type: conversation.WhatsApp, Address: bobby})
		if err != nil || !created || other == sid {
			t.Errorf("Start over WhatsApp = %q, %v, %v", other, created, err)
		}
		for address, reason := range map[string]messaging.InvalidError{"030 1234": messaging.NoNumber, bobby + ";ext=5": messaging.NoNumber, "": messaging.NoNumber} {
			if _, _, err := w.Start(w.ctx, "alice", w.customers["C-1"], messaging.Channel{Type: conversation.SMS, Address: address}); !errors.Is(err, reason) {
				t.Errorf("Start at %q: %v, want %q", address, err, reason)
			}
		}
	})
	t.Run("one that the index does not know", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			w.api.SetWebhookFault(fakeapitest.WebhooksLost)
			seeded := w.api.Seed(fakeapi.SeedConversation{Workers: []string{"alice"}, Channel: conversation.SMS, Address: bobby, ProxyAddress: proxy})
			if sid, created, err := w.Start(w.ctx, "alice", w.customers["C-1"], sms); sid != seeded || created || err != nil {
				t.Errorf("Start = %q, %v, %v, want %q", sid, created, err, seeded)
			}
		})
	})
	t.Run("twice at once", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			var begun atomic.Int32
			for range 2 {
				go func() {
					if _, created, err := w.Start(w.ctx, "alice", w.customers["C-1"], sms); err != nil {
						t.Errorf("Start: %v", err)
					} else if created {
						begun.Add(1)
					}
				}()
			}
			synctest.Wait()
			if rows := w.list("alice"); begun.Load() != 1 || len(rows) != 1 {
				t.Errorf("%d conversations begun, List(alice) = %+v, want one", begun.Load(), rows)
			}
		})
	})
	t.Run("of unknown outcome", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			w.api.Fail(fakeapitest.Fault{Method: http.MethodPost, Path: "ConversationWithParticipants", Times: 1, Performed: true, Hang: true})
			sid, _, err := w.Start(w.ctx, "alice", w.customers["C-1"], sms)
			if err != nil || len(w.list("alice")) != 1 || w.list("alice")[0].SID != sid {
				t.Errorf("Start = %q, %v", sid, err)
			}
		})
	})
}

func TestService_LinkAndMute(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fallback.Worker = "alice"
		sid := w.receive(wrong, conversation.SMS, "Hello")
		if row := w.list("alice")[0]; row.CustomerID != "" || row.Name != "" || row.Address != wrong {
			t.Fatalf("List(alice) = %+v, want no customer", row)
		}
		if err := w.Link(w.ctx, "alice", sid, w.customers["C-3"]); err != nil {
			t.Fatalf("Link: %v", err)
		}
		if row := w.list("alice")[0]; row.CustomerID != "C-3" || row.Name != "Twin A" {
			t.Errorf("List(alice) after Link = %+v", row)
		}
		if err := w.Mute(w.ctx, "alice", sid, true); err != nil {
			t.Fatalf("Mute: %v", err)
		}
		w.receive(wrong, conversation.SMS, "Hello?")
		if n, err := w.Unread(w.ctx, "alice"); n != 0 || err != nil {
			t.Errorf("Unread of a muted conversation = %d, %v", n, err)
		}
	})
}

// A worker who takes no part learns nothing, and nothing is asked of the messaging service.
func TestService_OnlyOwnConversations(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sid := w.receive(bobby, conversation.SMS, "Hello")
		w.api.Fail(fakeapitest.Fault{Times: 100, Status: 500}) // whatever is asked
		for name, call := range map[string]func() error{
			"Thread":   func() error { _, err := w.Thread(w.ctx, "bob", sid, ""); return err },
			"Send":     func() error { _, err := w.Send(w.ctx, "bob", draft(sid, "1", "Hi")); return err },
			"Link":     func() error { return w.Link(w.ctx, "bob", sid, w.customers["C-2"]) },
			"Transfer": func() error { return w.Transfer(w.ctx, "bob", sid, "bob") },
			"Finish":   func() error { return w.Finish(w.ctx, "bob", sid) },
			"Mute":     func() error { return w.Mute(w.ctx, "bob", sid, true) },
			"Media":    func() error { _, err := w.Media(w.ctx, "bob", sid, "IM"+digits32, "ME"+digits32); return err },
		} {
			if err := call(); !errors.Is(err, conversation.ErrNotFound) {
				t.Errorf("%s by bob: %v, want ErrNotFound", name, err)
			}
		}
	})
}

func TestService_Masked(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.masked = true
		w.own("C-1", "alice")
		c := w.customers["C-1"]
		c.Name = "Bobby 555-704-0102"
		w.customers["C-1"] = c
		sid := w.receive(bobby, conversation.WhatsApp, "Call +1 555 704 0102 about order 20261128001")
		row := w.list("alice")[0]
		if row.Name != "Bobby 555-704-XXXX" && row.Name != "Bobby 555-7XX-XXXX" || row.Address != "+1555704XXXX" {
			t.Errorf("List(alice) = %+v, want masked numbers", row)
		}
		thread := w.thread("alice", sid)
		if got, want := thread.Messages[0].Body, "Call +1 555 704 XXXX about order 20261128001"; got != want || row.Text != want {
			t.Errorf("body = %q, snippet = %q, want %q", got, row.Text, want)
		}
		w.receive(bobby, conversation.WhatsApp, strings.Repeat("x", 125)+" +1 555 704 0102")
		if text := w.list("alice")[0].Text; strings.Contains(text, "704 0") {
			t.Errorf("snippet = %q, want the cut number masked", text)
		}
		if strings.Contains(thread.Messages[0].Author, "0102") {
			t.Errorf("author = %q", thread.Messages[0].Author)
		}
	})
}

func TestService_Window(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sid := w.receive(bobby, conversation.WhatsApp, "Hello")
		if w.thread("alice", sid).WindowClosed {
			t.Error("closed right after the customer's message")
		}
		time.Sleep(25 * time.Hour)
		if !w.thread("alice", sid).WindowClosed {
			t.Error("open after 25 hours")
		}
		if _, err := w.Send(w.ctx, "alice", draft(sid, "1", "Still there?")); err != nil {
			t.Fatal(err)
		}
		if err := w.Transfer(w.ctx, "alice", sid, "bob"); err != nil {
			t.Fatal(err)
		}
		if !w.thread("bob", sid).WindowClosed {
			t.Error("opened by the message of a worker who left")
		}
		started, _, err := w.Start(w.ctx, "bob", w.customers["C-2"], messaging.Channel{Type: conversation.WhatsApp, Address: nora})
		if err != nil || !w.thread("bob", started).WindowClosed {
			t.Errorf("open, though the customer never wrote: %v", err)
		}
	})
}

// The old worker leaves only when the new one is known to be there.
func TestService_TransferOfUnknownOutcome(t *testing.T) {
	for name, performed := range map[string]bool{"performed": true, "not performed": false} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				sid := w.receive(bobby, conversation.SMS, "Hello")
				w.api.Fail(fakeapitest.Fault{Method: http.MethodPost, Path: "/Participants", Times: 1, Performed: performed})
				err := w.Transfer(w.ctx, "alice", sid, "carol")
				synctest.Wait()
				want := "alice"
				if performed {
					want = "carol"
				}
				if got := strings.Join(w.workersOf(sid), " "); got != want || (err == nil) != performed {
					t.Errorf("Transfer: %v, participants %q, want %q", err, got, want)
				}
			})
		})
	}
}
