package messaging_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi/fakeapitest"
	"github.com/clientele-project/clientele/internal/messaging"
)

func TestService_IncomingMessageOfAKnownCustomer(t *testing.T) {
	for name, fault := range map[string]fakeapitest.WebhookFault{
		"in order": fakeapitest.WebhooksInOrder, "twice": fakeapitest.WebhooksTwice, "reversed": fakeapitest.WebhooksReversed,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.api.SetWebhookFault(fault)
				sid := w.receive(bobby, conversation.SMS, "Is it ready?")
				if got := w.workersOf(sid); !slices.Equal(got, []string{"alice"}) {
					t.Fatalf("workers of the conversation = %q, want alice, who has the customer", got)
				}
				const want = `{"avatar":"https://example.com/b.png","customer_id":"C-1","display_name":"Bobby S."}`
				if got := w.customerOf(sid).Attributes; got != want {
					t.Errorf("attributes of the customer = %s, want %s", got, want)
				}
				rows := w.list("alice")
				if len(rows) != 1 || rows[0].Name != "Bobby S." || rows[0].CustomerID != "C-1" || rows[0].Text != "Is it ready?" || rows[0].Unread != 1 {
					t.Fatalf("List(alice) = %+v", rows)
				}
				if n, err := w.Unread(w.ctx, "alice"); n != 1 || err != nil {
					t.Errorf("Unread(alice) = %d, %v, want 1", n, err)
				}
				w.mu.Lock()
				notified := w.notified["alice"]
				w.mu.Unlock()
				if notified == 0 {
					t.Error("alice's pages were not told")
				}
				if thread := w.thread("alice", sid); len(thread.Messages) != 1 || thread.Messages[0].By != messaging.ByCustomer {
					t.Errorf("Thread(alice) = %+v", thread)
				}
				if n, _ := w.Unread(w.ctx, "alice"); n != 0 {
					t.Errorf("Unread(alice) after Thread = %d, want 0", n)
				}
			})
		})
	}
}

func TestService_MessagesOutOfOrder(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sid := w.receive(bobby, conversation.SMS, "Zero")
		now := time.Now()
		for _, m := range []conversation.Message{{Index: 2, Body: "Two", Created: now.Add(2)}, {Index: 1, Body: "One", Created: now.Add(1)}} {
			m.Author = bobby
			if err := w.Event(w.ctx, messaging.Event{SID: sid, Added: &m}); err != nil {
				t.Fatal(err)
			}
		}
		if row := w.list("alice")[0]; row.Text != "Two" || row.Unread != 3 {
			t.Errorf("List(alice) = %+v, want the latest message, and 3 unread", row)
		}
	})
}

// Attributes that are there stay, whatever they are.
func TestService_KeepsAttributes(t *testing.T) {
	for name, c := range map[string]struct {
		old  string // "" is null
		want string
	}{
		"null":         {``, `{"avatar":"https://example.com/b.png","customer_id":"C-1","display_name":"Bobby S."}`},
		"others":       {`{"vip":true,"display_name":"Mr. S."}`, `{"avatar":"https://example.com/b.png","customer_id":"C-1","display_name":"Mr. S.","vip":true}`},
		"a number":     {`{"customer_id":7}`, `{"customer_id":7}`},
		"no JSON":      {`VIP`, `VIP`},
		"no object":    {`["VIP"]`, `["VIP"]`},
		"nearly full":  {`{"n":"` + strings.Repeat("x", 4050) + `"}`, `{"customer_id":"C-1","n":"` + strings.Repeat("x", 4050) + `"}`},
		"full":         {`{"n":"` + strings.Repeat("x", 4085) + `"}`, `{"n":"` + strings.Repeat("x", 4085) + `"}`},
		"an empty one": {`{"customer_id":""}`, `{"avatar":"https://example.com/b.png","customer_id":"C-1","display_name":"Bobby S."}`},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.api.SetWebhookFault(fakeapitest.WebhooksLost)
				sid := w.receive(bobby, conversation.SMS, "Hello")
				w.api.SetAttributes(sid, w.customerOf(sid).SID, c.old)
				w.api.SetWebhookFault(fakeapitest.WebhooksInOrder)
				w.receive(bobby, conversation.SMS, "Hello?")
				if got := w.customerOf(sid).Attributes; got != c.want {
					t.Errorf("attributes = %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestService_WaitsForAConversationThatInitializes(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.api.SetInitializing(5 * time.Second)
		sid := w.receive(bobby, conversation.SMS, "Hello")
		if rows := w.list("alice"); len(rows) != 0 {
			t.Fatalf("List(alice) while initializing = %+v", rows)
		}
		time.Sleep(20 * time.Second) // of the bubble
		synctest.Wait()
		if rows := w.list("alice"); len(rows) != 1 || rows[0].SID != sid || rows[0].CustomerID != "C-1" {
			t.Errorf("List(alice) = %+v, want the conversation", rows)
		}
	})
}

func TestService_Routes(t *testing.T) {
	for name, c := range map[string]struct {
		address  string
		fallback fallback
		prepare  func(w *world)
		want     string // the worker
		customer string
	}{
		"the customer's worker":            {address: nora, want: "bob", customer: "C-2"},
		"a deactivated worker":             {address: bobby, prepare: func(w *world) { w.deactivate("alice") }, fallback: fallback{Worker: "carol"}, want: "carol", customer: "C-1"},
		"no customer":                      {address: wrong, fallback: fallback{Worker: "carol"}, want: "carol"},
		"a deactivated fallback":           {address: wrong, fallback: fallback{Worker: "carol"}, prepare: func(w *world) { w.deactivate("carol") }},
		"nobody":                           {address: wrong},
		"in turn":                          {address: wrong, fallback: fallback{Available: true}, prepare: func(w *world) { w.available = []string{"bob"} }, want: "bob"},
		"two customers of two workers":     {address: both, fallback: fallback{Worker: "carol"}, want: "carol"},
		"two customers, one is carol's":    {address: both, fallback: fallback{Worker: "carol"}, prepare: func(w *world) { w.own("C-4", "carol"); w.own("C-3") }, want: "carol", customer: "C-4"},
		"a customer of everyone":           {address: bobby, fallback: fallback{Worker: "bob"}, prepare: func(w *world) { w.own("C-1", messaging.Everyone) }, want: "bob", customer: "C-1"},
		"two customers of the same worker": {address: both, prepare: func(w *world) { w.own("C-4", "alice") }, want: "alice"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.fallback = c.fallback
				if c.prepare != nil {
					c.prepare(w)
				}
				sid := w.receive(c.address, conversation.SMS, "Hello")
				if got := strings.Join(w.workersOf(sid), " "); got != c.want {
					t.Errorf("workers = %q, want %q", got, c.want)
				}
				if c.want == "" {
					return
				}
				row := w.list(c.want)[0]
				if row.CustomerID != c.customer {
					t.Errorf("customer = %q, want %q", row.CustomerID, c.customer)
				}
				if several := c.address == both && c.customer == ""; several != (row.Candidates == 2) {
					t.Errorf("%d candidates for %s", row.Candidates, c.address)
				}
			})
		})
	}
}

// own gives a customer to workers.
func (w *world) own(id string, workers ...string) {
	c := w.customers[id]
	c.Workers = workers
	w.customers[id] = c
}

// Conversations follow their customers, but not those who were given to another worker.
func TestService_Follow(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fallback = fallback{Worker: "carol"}
		reassigned, given, left := w.receive(bobby, conversation.SMS, "A"), w.receive(nora, conversation.SMS, "B"), w.receive(wrong, conversation.SMS, "C")
		if err := w.Transfer(w.ctx, "bob", given, "alice"); err != nil {
			t.Fatal(err)
		}
		follow := func(want ...string) {
			t.Helper()
			if err := w.Follow(w.ctx); err != nil {
				t.Fatalf("Follow: %v", err)
			}
			synctest.Wait()
			for i, sid := range []string{reassigned, given, left} {
				if got := strings.Join(w.workersOf(sid), " "); got != want[i] {
					t.Errorf("workers of conversation %d = %q, want %q", i, got, want[i])
				}
			}
		}
		follow("alice", "alice", "carol")
		w.own("C-1", "bob")
		follow("bob", "alice", "carol")
		w.deactivate("alice")
		follow("bob", "bob", "carol")
		w.deactivate("carol")
		w.fallback.Worker = "bob"
		follow("bob", "bob", "bob")
		if rows := w.list("alice"); len(rows) != 0 {
			t.Errorf("List(alice) = %+v, want none", rows)
		}
	})
}

// What webhooks did not bring is found when the list is opened.
func TestService_Reconcile(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sid := w.receive(bobby, conversation.SMS, "One")
		w.api.SetWebhookFault(fakeapitest.WebhooksLost)
		w.receive(bobby, conversation.SMS, "Two")
		seeded := w.api.Seed(fakeapi.SeedConversation{Workers: []string{"alice"}, Channel: conversation.SMS, Address: both, ProxyAddress: proxy,
			Messages: []fakeapi.SeedMessage{{Body: "Three", At: time.Now()}}})
		time.Sleep(2 * time.Minute)
		w.list("alice")
		rows := w.list("alice")
		if len(rows) != 2 || !slices.ContainsFunc(rows, func(r messaging.Summary) bool { return r.SID == sid && r.Text == "Two" && r.Unread == 2 }) ||
			!slices.ContainsFunc(rows, func(r messaging.Summary) bool { return r.SID == seeded && r.Name == "Twin A" }) {
			t.Fatalf("List(alice) = %+v", rows)
		}
		// Taken away elsewhere.
		participants, err := w.rest.Participants(w.ctx, sid)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range participants {
			if p.Identity == "alice" {
				if err := w.rest.RemoveParticipant(w.ctx, sid, p.SID); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := w.Thread(w.ctx, "alice", sid, ""); err == nil {
			t.Error("Thread(alice) of a conversation that she left: no error")
		}
	})
}

// A conversation that began while no webhook came is found, and given to a worker.
func TestService_ReconcileAll(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.api.SetWebhookFault(fakeapitest.WebhooksLost)
		sid := w.receive(bobby, conversation.SMS, "Hello")
		if err := w.Reconcile(w.ctx, ""); err != nil {
			t.Fatalf("Reconcile: %v", err)
		}
		if rows := w.list("alice"); len(rows) != 1 || rows[0].SID != sid {
			t.Errorf("List(alice) = %+v, want the conversation", rows)
		}
	})
}

// Programs and chat customers have identities that no account knows: they stay. One
// conversation that cannot be moved does not keep the others from it.
func TestService_FollowMovesWorkersOnly(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fallback.Worker = "carol"
		first, second := w.receive(bobby, conversation.SMS, "A"), w.receive(nora, conversation.SMS, "B")
		if _, err := w.rest.AddWorker(w.ctx, first, "a program"); err != nil {
			t.Fatal(err)
		}
		chat := w.api.Seed(fakeapi.SeedConversation{Workers: []string{"a visitor", "a program"}, Channel: conversation.SMS, Address: wrong, ProxyAddress: proxy})
		follow := func() {
			t.Helper()
			if err := w.Follow(w.ctx); err != nil {
				t.Fatalf("Follow: %v", err)
			}
			synctest.Wait()
		}
		follow()
		if got := strings.Join(w.workersOf(first), " "); got != "a program alice" {
			t.Errorf("participants = %q, want a program and alice", got)
		}
		if got := strings.Join(w.workersOf(chat), " "); got != "a program a visitor" {
			t.Errorf("participants of a conversation that is not ours = %q", got)
		}
		w.own("C-1", "carol")
		w.own("C-2", "carol")
		w.api.Fail(fakeapitest.Fault{Method: "POST", Path: min(first, second) + "/Participants", Times: 1, Status: 403, Code: 50000})
		follow()
		if got := strings.Join(w.workersOf(max(first, second)), " "); !strings.Contains(got, "carol") {
			t.Errorf("participants of the other conversation = %q, want carol", got)
		}
	})
}

// Entries that another secret file sealed are read again.
func TestService_RestoresUnreadableEntries(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sid := w.receive(bobby, conversation.SMS, "One")
		if _, err := w.store.Update(w.ctx, sid, func(e *conversation.Entry) error { e.Sealed = []byte("x"); return nil }); err != nil {
			t.Fatal(err)
		}
		w.receive(bobby, conversation.SMS, "Two")
		if row := w.list("alice")[0]; row.Name != "Bobby S." || row.Text != "Two" || row.Address != bobby {
			t.Errorf("List(alice) = %+v", row)
		}
	})
}
