package cli

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/builtin"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/outbound"
)

// newServices makes what answers about customers; record is told of every question
// that was really put.
func (h *house) newServices(record external.Recorder) *services {
	s := &services{
		settings: settingsOf(h.db, h.key),
		journal:  h.journal,
		now:      time.Now,
		callee:   builtin.New(h.db.Customers(), h.key.Sealer("page tokens"), builtin.Options{}),
		people:   h.people.People,
		drop:     h.db.Blobs().DeleteOtherServices,
		handles:  h.key.Handles("masked customers"),
	}
	s.builtIn = external.NewInstrumented(s.callee, record, true, nil)
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
	record external.Recorder
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
	transport := external.MeasureTransport(outbound.Transport(f.limits.policy()))
	client, err := frontline.NewClient(url, frontline.ClientOptions{AuthToken: f.tokens.signing, Transport: transport})
	if err != nil {
		return nil, err
	}
	before, err := frontline.NewClient(url, frontline.ClientOptions{AuthToken: f.tokens.before, Transport: transport})
	if err != nil {
		return nil, err
	}
	stack := external.New(external.Options{
		Client: client,
		Previous: func() frontline.CRM {
			if f.tokens.resigning() == "" {
				return nil
			}
			return before
		},
		Service:  key,
		Blobs:    f.db.Blobs(),
		Sealer:   f.key.Sealer("copies"),
		Recorder: f.record,
		Limits:   external.QueueOptions{Calls: *f.limits.concurrency, PerSecond: *f.limits.rate},
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
