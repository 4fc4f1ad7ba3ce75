package server

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/internal/settings"
)

// signingTokens are the tokens that callbacks may be signed with, the one that we sign
// with first. Every request reads them.
type signingTokens struct {
	current atomic.Pointer[[]string]
	// since is when the first one came into use; urls are the callback URLs in the
	// settings.
	since atomic.Pointer[time.Time]
	urls  atomic.Pointer[settings.Callbacks]
}

// set makes token the one to sign with; previous ones still verify.
func (t *signingTokens) set(token string, previous ...string) {
	tokens := []string{token}
	for _, p := range previous {
		if p != "" {
			tokens = append(tokens, p)
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

// signing returns the token to sign with, "" when there is none.
func (t *signingTokens) signing() string { return t.at(0) }

// previous returns the token before while it still verifies, otherwise "".
func (t *signingTokens) previous() string { return t.at(1) }

// saveWindow is how long saving a URL and a token together may take.
const saveWindow = 10 * time.Second

// previousForService returns the previous token if the service that is called may
// still have it. A service whose URL was set with the new token, or after it, may be
// another one: nothing is signed for it with the old token.
func (t *signingTokens) previousForService() string {
	callbacks, since := t.urls.Load(), t.since.Load()
	if callbacks != nil && since != nil {
		urlSet := callbacks.Since
		if callbacks.WithToken {
			urlSet = urlSet.Add(saveWindow)
		}
		if since.Before(urlSet) {
			return ""
		}
	}
	return t.previous()
}

// previousOrSigning returns previousForService, or signing if that has just expired:
// no call goes unsigned.
func (t *signingTokens) previousOrSigning() string {
	if token := t.previousForService(); token != "" {
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

// read loads the stored tokens that are valid at now.
func (t *signingTokens) read(ctx context.Context, s *settings.Service, now time.Time) (changed bool, err error) {
	tokens, err := s.Tokens(ctx, now)
	if err != nil {
		return false, err // those in use stay
	}
	changed = tokens.Current != t.signing()
	t.since.Store(&tokens.Since)
	t.set(tokens.Current, tokens.Previous)
	return changed, nil
}
