package cli

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/directory"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/upstream"
)

// newServices makes what answers about customers; record is told of every question
// that was really put.
func (h *house) newServices(record upstream.Recorder) *services {
	s := &services{
		settings: settingsOf(h.db, h.key),
		journal:  h.journal,
		now:      time.Now,
		callee:   directory.New(h.db.Customers(), h.key.Sealer("page tokens"), directory.Options{}),
		people:   h.people.People,
		drop:     h.db.Copies().DropServicesExcept,
		handles:  h.key.Handles("masked customers"),
	}
	s.builtIn = upstream.NewRecorded(s.callee, record, true, nil)
	s.open = foreign{house: h, tokens: &s.tokens, record: record}.open
	return s
}

// listMemory bounds the lists of a foreign service that are held, in bytes, and
// foreignMemory all that is held of it: what searches make of the lists and the
// details that were viewed take as much again at most.
const (
	listMemory    = 64 << 20
	foreignMemory = 2 * listMemory
)

// closeWithin is how long a service that is no longer asked has to write what it
// holds.
const closeWithin = 10 * time.Second

// foreign makes services of somebody else's.
type foreign struct {
	*house
	tokens *signingTokens
	record upstream.Recorder
}

// open makes the service at a callback URL, or says why it cannot be called.
func (f foreign) open(url string) (*service, error) {
	if err := checkCallbackURL(url, f.limits.policy()); err != nil {
		return nil, err
	}
	key, err := serviceKey(url)
	if err != nil {
		return nil, err
	}
	transport := upstream.Measure(outbound.Transport(f.limits.policy()))
	client, err := frontline.NewClient(url, frontline.ClientOptions{AuthToken: f.tokens.signing, Transport: transport})
	if err != nil {
		return nil, err
	}
	before, err := frontline.NewClient(url, frontline.ClientOptions{AuthToken: f.tokens.before, Transport: transport})
	if err != nil {
		return nil, err
	}
	stack := upstream.Stack(upstream.Options{
		Client: client,
		Previous: func() frontline.CRM {
			if f.tokens.resigning() == "" {
				return nil
			}
			return before
		},
		Service:  key,
		Keeper:   f.db.Copies(),
		Sealer:   f.key.Sealer("copies"),
		Recorder: f.record,
		Gate:     upstream.GateOptions{Calls: *f.limits.concurrency, PerSecond: *f.limits.rate},
		Bytes:    listMemory,
		Logger:   f.journal.Logger,
	})
	return &service{
		crm: stack, key: key, memory: foreignMemory, held: stack,
		close: func() {
			ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
			defer cancel()
			if err := stack.Close(ctx); err != nil {
				f.journal.Warn("some copies of the last answers were not kept", "error", err)
			}
			client.CloseIdleConnections()
		},
	}, nil
}
