package cli

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/internal/settings"
)

// tokenRefresh is how often the signing token is read anew, so that one made by
// `clientele token rotate` is used without a restart.
const tokenRefresh = 5 * time.Second

// signingTokens answers the tokens with which callbacks may be signed. It is
// asked for every request.
type signingTokens struct {
	current atomic.Pointer[[]string]
}

func (t *signingTokens) set(token string) { t.current.Store(&[]string{token}) }

func (t *signingTokens) all() []string {
	if tokens := t.current.Load(); tokens != nil {
		return *tokens
	}
	return nil
}

// follow reads the kept token again and again until ctx ends.
func (t *signingTokens) follow(ctx context.Context, s *settings.Service, logger *slog.Logger) {
	tick := time.NewTicker(tokenRefresh)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		token, err := s.KeptAuthToken(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil: // the one in use stays good
			logger.Warn("the signing token could not be read again", "error", err)
		case token != t.all()[0]:
			logger.Info("the signing token has changed: the new one is used from now on")
			t.set(token)
		}
	}
}
