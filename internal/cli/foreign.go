package cli

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/directory"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/upstream"
)

// newServices makes the services of a database, as the flags allow them; start is
// yet to be called.
func newServices(db *sqlite.DB, key *secret.Key, people *account.Service, j *journal, limits *callbackFlags, record upstream.Recorder) *services {
	s := &services{
		settings: settingsOf(db, key),
		journal:  j,
		now:      time.Now,
		builtIn:  directory.New(db.Customers(), key.Sealer("page tokens"), directory.Options{}),
		workers: func(ctx context.Context) ([]string, error) {
			all, err := people.People(ctx)
			if err != nil {
				return nil, err
			}
			workers := make([]string, len(all))
			for i, p := range all {
				workers[i] = p.Identity
			}
			return workers, nil
		},
		drop: func(context.Context, string) error { return nil },
	}
	s.open = foreign{limits: limits, tokens: &s.tokens}.open
	return s
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
