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
		workers:  h.workers,
		drop:     func(context.Context, string) error { return nil },
	}
	s.builtIn = upstream.NewRecorded(s.callee, record, true, nil)
	s.open = foreign{limits: h.limits, tokens: &s.tokens}.open
	return s
}

// workers are the people who may ask about customers.
func (h *house) workers(ctx context.Context) ([]string, error) {
	people, err := h.people.People(ctx)
	if err != nil {
		return nil, err
	}
	workers := make([]string, len(people))
	for i, p := range people {
		workers[i] = p.Identity
	}
	return workers, nil
}

// foreign makes services of somebody else's, all with the same limits.
type foreign struct {
	limits *callbackFlags
	tokens *signingTokens
}

// open makes the service at a callback URL.
func (f foreign) open(url string) (*service, error) {
	if err := checkCallbackURL(url, f.limits.policy()); err != nil {
		return nil, err
	}
	key, err := serviceKey(url)
	if err != nil {
		return nil, err
	}
	transport := outbound.Transport(f.limits.policy())
	client, err := frontline.NewClient(url, frontline.ClientOptions{
		AuthToken: f.tokens.signing,
		Transport: transport,
	})
	if err != nil {
		return nil, err
	}
	return &service{crm: client, key: key, close: client.CloseIdleConnections}, nil
}
