// Package messaging is what workers do with conversations, without HTTP: read and write
// messages, begin, transfer and close conversations. It also keeps the index of
// conversations up to date, links them to customers, and gives them to workers.
package messaging

import (
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/text"
)

// Customer is a customer whom a conversation can be linked to.
type Customer struct {
	ID, Name, Avatar string
	// Workers are the identities of the owners; Everyone's customer has Everyone.
	Workers []string
}

// Everyone, in Customer.Workers, stands for every worker.
const Everyone = "*"

// owns reports whether a worker is an owner of the customer.
func (c Customer) owns(worker string) bool {
	return text.ContainsIdentity(c.Workers, worker) || text.ContainsIdentity(c.Workers, Everyone)
}

// Customers finds customers of the built-in integration service. With an external one it
// finds none.
type Customers interface {
	// ByAddress returns the customers with this address, in whatever form it is stored.
	ByAddress(ctx context.Context, address string) ([]Customer, error)
	// Customer returns a customer, or ErrNotFound.
	Customer(ctx context.Context, id string) (Customer, error)
}

// Sealer encrypts values and binds them to a context; *secret.Sealer is one.
type Sealer interface {
	Seal(plain []byte, context string) string
	Open(sealed, context string) ([]byte, error)
}

// Options configures New. All fields are set.
type Options struct {
	// Backend returns the messaging service that is configured, or ErrOff.
	Backend   func() (conversation.Backend, error)
	Store     conversation.Store
	Sealer    Sealer
	Customers Customers
	// Worker returns a worker's identity as the account has it, and whether the worker is
	// active, or ErrNotFound.
	Worker func(ctx context.Context, identity string) (known string, active bool, err error)
	// Fallback returns who gets a conversation of a customer without an active worker, ""
	// for nobody. It may be another one each time.
	Fallback func(ctx context.Context) (string, error)
	// ProxyAddress returns the address to write from. It fails when the worker may not
	// write to the customer.
	ProxyAddress func(ctx context.Context, worker, customerID, channel, address string) (string, error)
	// Router asks the company's own service to add a worker to a conversation, and reports
	// whether there is such a service.
	Router func(ctx context.Context, sid, address, proxyAddress string) (asked bool, err error)
	// Notify is called when pages of a worker show something outdated.
	Notify func(worker string)
	// Masked reports whether numbers are masked. MaskName masks those in a name, and
	// VisibleID returns the id of a customer that a worker may see then.
	Masked    func() bool
	MaskName  func(name string) string
	VisibleID func(worker, id string) string
	Logger    *slog.Logger
}

// Service is what workers do with conversations, and what happens to these by webhooks. It
// is safe for concurrent use. What it returns to workers is masked while numbers are.
type Service struct {
	Options
	seed maphash.Seed
	// locks serialize the changes of a conversation. Each is for some of the SIDs.
	locks [64]chan struct{}
	codes *lru.Cache[string, int]
	begun *lru.Cache[string, bool]

	background sync.WaitGroup
	stop       context.Context
	cancel     context.CancelFunc
}

// The most failure codes of messages that are cached, and the most works whose beginning is
// remembered.
const (
	maxCodes = 1000
	maxBegun = 10_000
)

// New returns a Service. Call Close at the end.
func New(o Options) *Service {
	s := &Service{Options: o, seed: maphash.MakeSeed(), codes: lru.New[string, int](maxCodes, maxCodes, nil), begun: lru.New[string, bool](maxBegun, maxBegun, nil)}
	for i := range s.locks {
		s.locks[i] = make(chan struct{}, 1)
	}
	s.stop, s.cancel = context.WithCancel(context.Background())
	return s
}

// Close ends work in the background and waits for it.
func (s *Service) Close() {
	s.cancel()
	s.background.Wait()
}

// On reports whether a messaging service is configured.
func (s *Service) On() bool {
	_, err := s.Backend()
	return err == nil
}

// lock waits until no other change of the conversation is in progress.
func (s *Service) lock(ctx context.Context, sid string) (unlock func(), err error) {
	l := s.locks[maphash.String(s.seed, sid)%uint64(len(s.locks))]
	select {
	case l <- struct{}{}:
		return func() { <-l }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inBackground runs fn after delay, unless the Service is closed before. fn ends with the
// Service.
func (s *Service) inBackground(delay time.Duration, fn func(ctx context.Context)) {
	s.background.Go(func() {
		select {
		case <-time.After(delay):
			fn(s.stop)
		case <-s.stop.Done():
		}
	})
}

// begin reports whether no work with this key began within the time every, and remembers
// that one begins now.
func (s *Service) begin(key string, every time.Duration) bool {
	if _, lately := s.begun.Get(key); lately {
		return false
	}
	s.begun.PutUntil(key, true, 1, time.Now().Add(every))
	return true
}

// contents is what an entry has sealed.
type contents struct {
	Name           string `json:"name,omitempty"` // of the customer
	Avatar         string `json:"avatar,omitempty"`
	Channel        string `json:"channel,omitempty"`
	Address        string `json:"address,omitempty"`
	ProxyAddress   string `json:"proxy,omitempty"`
	ParticipantSID string `json:"participant,omitempty"` // the customer's
	// Addresses are those of all customers who take part, separated by blanks.
	Addresses string `json:"others,omitempty"`
	// Candidates is how many customers have the address, when it is not known which.
	Candidates int `json:"candidates,omitempty"`
	// Ours is how many messages the company's people wrote, as far as they were seen.
	Ours int `json:"ours,omitempty"`
	// Text is the beginning of the last message, By its author: a worker's identity or "",
	// and File reports whether it is only a file.
	Text string `json:"text,omitempty"`
	By   string `json:"by,omitempty"`
	File bool   `json:"file,omitempty"`
}

const (
	entryContext    = "conversation "
	outgoingContext = "outgoing message "
)

// open returns the contents of an entry. What another key sealed is empty: refreshing the
// conversation restores it.
func (s *Service) open(e conversation.Entry) (c contents) {
	plain, err := s.Sealer.Open(string(e.Sealed), entryContext+e.SID)
	if err == nil {
		err = json.Unmarshal(plain, &c)
	}
	if err != nil {
		return contents{}
	}
	return c
}

// seal puts the contents into an entry, unless they are there.
func (s *Service) seal(e *conversation.Entry, c contents) {
	if len(e.Sealed) > 0 && s.open(*e) == c {
		return
	}
	e.Sealed = []byte(s.Sealer.Seal(encode(c), entryContext+e.SID))
}

// addresses returns the addresses of all customers in the conversation.
func (c contents) addresses() []string { return append(strings.Fields(c.Addresses), c.Address) }

// own returns the messaging service and a conversation that a worker takes part in, or
// ErrNotFound.
func (s *Service) own(ctx context.Context, worker, sid string) (conversation.Backend, conversation.Entry, error) {
	b, err := s.Backend()
	if err != nil {
		return nil, conversation.Entry{}, err
	}
	e, err := s.Store.Entry(ctx, sid)
	if err == nil && e.Member(worker) == nil {
		err = conversation.ErrNotFound
	}
	return b, e, err
}

// current is own, confirmed by the messaging service: the index may not know yet that the
// worker has left.
func (s *Service) current(ctx context.Context, worker, sid string) (conversation.Backend, conversation.Entry, error) {
	b, e, err := s.own(ctx, worker, sid)
	if err != nil {
		return nil, conversation.Entry{}, err
	}
	p, err := b.Participant(ctx, sid, e.Member(worker).ParticipantSID)
	if errors.Is(err, conversation.ErrNotFound) || err == nil && !text.SameIdentity(p.Identity, worker) {
		s.refreshLater(sid, firstRetry)
		err = conversation.ErrNotFound
	}
	return b, e, err
}

// notify tells the workers of a conversation that their pages are outdated.
func (s *Service) notify(members ...conversation.Member) {
	for _, m := range members {
		s.Notify(m.Worker)
	}
}
