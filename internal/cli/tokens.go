package cli

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/internal/settings"
)

// tokenRefresh is how often the settings are read anew, so that a token made by
// `clientele token rotate` is used without a restart.
const tokenRefresh = 5 * time.Second

// signingTokens answers the tokens with which callbacks may be signed, the one that
// we sign with first. It is asked for every request.
type signingTokens struct {
	current atomic.Pointer[[]string]
}

// set makes token the one to sign with; those of before verify too.
func (t *signingTokens) set(token string, before ...string) {
	tokens := []string{token}
	for _, b := range before {
		if b != "" {
			tokens = append(tokens, b)
		}
	}
	t.current.Store(&tokens)
}

func (t *signingTokens) all() []string {
	if tokens := t.current.Load(); tokens != nil {
		return *tokens
	}
	return nil
}

// signing answers the token to sign with, "" when there is none.
func (t *signingTokens) signing() string {
	if tokens := t.all(); len(tokens) > 0 {
		return tokens[0]
	}
	return ""
}

// read takes over the kept tokens as they are at now.
func (t *signingTokens) read(ctx context.Context, s *settings.Service, now time.Time) (changed bool, err error) {
	tokens, err := s.Tokens(ctx, now)
	if err != nil {
		return false, err // those in use stay good
	}
	changed = tokens.Current != t.signing()
	t.set(tokens.Current, tokens.Previous)
	return changed, nil
}

// follow reads the kept tokens again and again until ctx ends.
func (t *signingTokens) follow(ctx context.Context, s *settings.Service, logger *slog.Logger) {
	tick := time.NewTicker(tokenRefresh)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		changed, err := t.read(ctx, s, time.Now())
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			logger.Warn("the signing token could not be read again", "error", err)
		case changed:
			logger.Info("the signing token has changed: the new one is used from now on")
		}
	}
}
