package messaging_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi/fakeapitest"
	"github.com/clientele-project/clientele/internal/conversation/rest"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	proxy = "+15557040100"
	bobby = "+15557040102" // alice's customer
	nora  = "+15557040103" // bob's customer
	both  = "+15557040104" // two customers
	wrong = "+15557040199" // of no customer
)

// A world is a Service over a real database and the invented messaging service, in a bubble
// of package synctest.
type world struct {
	*messaging.Service
	t     testing.TB
	ctx   context.Context
	store conversation.Store
	api   *fakeapitest.API
	rest  *rest.Client

	mu          sync.Mutex
	customers   map[string]messaging.Customer // by id
	addresses   map[string][]string           // ids by address
	deactivated map[string]bool
	available   []string
	fallback    fallback
	masked      bool
	notified    map[string]int
}

// A fallback is a worker, or the available ones in turn.
type fallback struct {
	Worker    string
	Available bool
}

// inWorld runs a test in a new world.
func inWorld(t *testing.T, test func(t *testing.T, w *world)) {
	file := sqlitetest.File(t)
	synctest.Test(t, func(t *testing.T) {
		test(t, newWorld(t, file))
		synctest.Wait()
	})
}

func newWorld(t testing.TB, file string) *world {
	t.Helper()
	db, err := store.Open(t.Context(), file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w := &world{
		t: t, ctx: t.Context(), store: db.Conversations(), deactivated: map[string]bool{}, notified: map[string]int{},
		customers: map[string]messaging.Customer{
			"C-1": {ID: "C-1", Name: "Bobby S.", Avatar: "https://example.com/b.png", Workers: []string{"alice"}},
			"C-2": {ID: "C-2", Name: "Nora T.", Workers: []string{"bob"}},
			"C-3": {ID: "C-3", Name: "Twin A", Workers: []string{"alice"}},
			"C-4": {ID: "C-4", Name: "Twin B", Workers: []string{"bob"}},
		},
		addresses: map[string][]string{bobby: {"C-1"}, nora: {"C-2"}, both: {"C-3", "C-4"}},
	}
	w.api = fakeapitest.New(fakeapi.Options{
		AccountSID: "AC" + digits32, AuthToken: "token", ServiceSID: "IS" + digits32,
		ProxyAddresses: []string{proxy, "whatsapp:" + proxy}, Webhooks: fakeapitest.Webhook(w.webhook),
	})
	w.rest = rest.New(rest.Options{AccountSID: "AC" + digits32, AuthToken: "token", ServiceSID: "IS" + digits32, Transport: w.api})
	w.Service = messaging.New(messaging.Options{
		Backend: func() (conversation.Backend, error) { return w.rest, nil }, Store: w.store, Sealer: secret.NewKey().Sealer("test"),
		Customers: w, Worker: w.worker, Fallback: w.nextFallback,
		ProxyAddress: func(context.Context, string, string, string, string) (string, error) { return proxy, nil },
		Router:       func(context.Context, string, string, string) (bool, error) { return false, nil },
		Notify:       func(worker string) { w.mu.Lock(); w.notified[worker]++; w.mu.Unlock() },
		Masked:       func() bool { return w.masked },
		MaskName:     text.MaskName,
		VisibleID:    func(_, id string) string { return id },
		Logger:       slog.New(slog.DiscardHandler),
	})
	t.Cleanup(w.Close)
	return w
}

const digits32 = "0123456789abcdef0123456789abcdef"

// webhook passes an event on, as the server does.
func (w *world) webhook(ctx context.Context, e url.Values) (int, []byte) {
	ev := messaging.Event{SID: e.Get("ConversationSid")}
	switch e.Get("EventType") {
	case "onConversationAdd":
		name, attributes, err := w.BeforeAdd(ctx, trimWhatsApp(e.Get("MessagingBinding.Address")), e.Get("Attributes"))
		if err != nil {
			return 500, nil
		}
		body, _ := json.Marshal(map[string]string{"friendly_name": name, "attributes": attributes})
		return 200, body
	case "onMessageAdded":
		at, _ := time.Parse(time.RFC3339, e.Get("DateCreated"))
		index, _ := strconv.Atoi(e.Get("Index"))
		ev.Added = &conversation.Message{SID: e.Get("MessageSid"), Index: index, Author: e.Get("Author"), Body: e.Get("Body"), Created: at}
	case "onDeliveryUpdated":
		ev.MessageChanged = true
	}
	if err := w.Event(ctx, ev); err != nil {
		return 500, nil
	}
	return 200, nil
}

func trimWhatsApp(s string) string {
	if len(s) > 9 && s[:9] == "whatsapp:" {
		return s[9:]
	}
	return s
}

func (w *world) ByAddress(_ context.Context, address string) (found []messaging.Customer, _ error) {
	for _, id := range w.addresses[address] {
		found = append(found, w.customers[id])
	}
	return found, nil
}

func (w *world) Customer(_ context.Context, id string) (messaging.Customer, error) {
	c, ok := w.customers[id]
	if !ok {
		return c, conversation.ErrNotFound
	}
	return c, nil
}

// deactivate deactivates a worker once no webhook is under way.
func (w *world) deactivate(worker string) {
	synctest.Wait()
	w.deactivated[worker] = true
}

func (w *world) worker(_ context.Context, identity string) (string, bool, error) {
	if !slices.Contains([]string{"alice", "bob", "carol"}, identity) {
		return "", false, conversation.ErrNotFound
	}
	return identity, !w.deactivated[identity], nil
}

func (w *world) nextFallback(context.Context) (string, error) {
	if !w.fallback.Available || len(w.available) == 0 {
		return w.fallback.Worker, nil
	}
	next := w.available[0]
	w.available = append(w.available[1:], next)
	return next, nil
}

// receive is a message from a customer, with all that follows from it.
func (w *world) receive(address, channel, body string) string {
	w.t.Helper()
	sid := w.api.Receive(address, proxy, channel, body)
	if sid == "" {
		w.t.Fatalf("Receive(%s) began no conversation", address)
	}
	synctest.Wait()
	return sid
}

// list returns a worker's open conversations.
func (w *world) list(worker string) []messaging.Summary {
	w.t.Helper()
	rows, _, err := w.List(w.ctx, worker, messaging.ListQuery{})
	if err != nil {
		w.t.Fatalf("List(%s): %v", worker, err)
	}
	synctest.Wait() // what it compares in the background
	return rows
}

// thread returns a conversation as a worker sees it.
func (w *world) thread(worker, sid string) messaging.Thread {
	w.t.Helper()
	t, err := w.Thread(w.ctx, worker, sid, "")
	if err == nil && len(t.Messages) > 0 {
		err = w.MarkRead(w.ctx, worker, sid, t.Messages[len(t.Messages)-1].Index)
	}
	if err != nil {
		w.t.Fatalf("Thread(%s): %v", worker, err)
	}
	synctest.Wait()
	return t
}

// workersOf returns who takes part in a conversation, according to the messaging service.
func (w *world) workersOf(sid string) (workers []string) {
	w.t.Helper()
	participants, err := w.rest.Participants(w.ctx, sid)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range participants {
		if p.Identity != "" {
			workers = append(workers, p.Identity)
		}
	}
	slices.Sort(workers)
	return workers
}

// customerOf returns the customer's participant.
func (w *world) customerOf(sid string) conversation.Participant {
	w.t.Helper()
	participants, err := w.rest.Participants(w.ctx, sid)
	i := slices.IndexFunc(participants, func(p conversation.Participant) bool { return p.Identity == "" })
	if err != nil || i < 0 {
		w.t.Fatalf("no customer takes part: %v", err)
	}
	return participants[i]
}

// bodies returns the texts of the messages that the messaging service has.
func (w *world) bodies(sid string) (bodies []string) {
	w.t.Helper()
	page, err := w.rest.Messages(w.ctx, sid, 50, "")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range slices.Backward(page.Messages) {
		bodies = append(bodies, m.Body)
	}
	return bodies
}

func draft(sid, id, body string) messaging.Draft {
	return messaging.Draft{SID: sid, ClientID: "client-id-0000000" + id, Body: body}
}
