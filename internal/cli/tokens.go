package cli

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/internal/settings"
)

// signingTokens answers the tokens with which callbacks may be signed, the one that
// we sign with first. It is asked for every request.
type signingTokens struct {
	current atomic.Pointer[[]string]
	// since is when the one that we sign with became that, and asked what is set of
	// the service that is asked.
	since atomic.Pointer[time.Time]
	asked atomic.Pointer[settings.Callbacks]
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
func (t *signingTokens) signing() string { return t.at(0) }

// previous answers the token before, while it verifies too; "" when it does not.
func (t *signingTokens) previous() string { return t.at(1) }

// sameTime is how long the saving of a URL and a token together may take.
const sameTime = 10 * time.Second

// resigning answers the token before, when the service that is asked may have it
// still: not when its URL was set with the new token, or after it. That is somebody
// else perhaps, to whom nothing is to be signed with the old one.
func (t *signingTokens) resigning() string {
	asked, since := t.asked.Load(), t.since.Load()
	if asked != nil && since != nil {
		url := asked.Since
		if asked.WithToken {
			url = url.Add(sameTime)
		}
		if since.Before(url) {
			return ""
		}
	}
	return t.previous()
}

// before answers the token before, or the one of now should its time be over just
// then: what is asked with it is never unsigned.
func (t *signingTokens) before() string {
	if token := t.resigning(); token != "" {
		return token
	}
	return t.signing()
}

func (t *signingTokens) at(i int) string {
	if tokens := t.all(); i < len(tokens) {
		return tokens[i]
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
	t.since.Store(&tokens.Since)
	t.set(tokens.Current, tokens.Previous)
	return changed, nil
}
