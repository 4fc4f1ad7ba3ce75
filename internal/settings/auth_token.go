package settings

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// authToken is the name of the setting.
const authToken = "auth-token"

// Grace is how long the previous token still verifies, so that both ends need not change at
// the same moment.
const Grace = 24 * time.Hour

// Length of a token set by an administrator, in characters.
const (
	MinTokenLength = 8
	MaxTokenLength = 256
)

// Tokens sign callbacks.
type Tokens struct {
	// Current signs outgoing callbacks and verifies incoming ones. Since is when it was set,
	// zero when unknown.
	Current string
	Since   time.Time
	// Previous also verifies until PreviousUntil; "" when there is none, or it has expired.
	Previous      string
	PreviousUntil time.Time
}

// Origin is where a signing token comes from.
type Origin int

// Origins.
const (
	OriginStored    Origin = iota // already stored
	OriginGenerated               // generated, since there was none
	OriginLost                    // generated, since another key sealed the stored one
)

// HasAuthToken reports whether a signing token is stored, whatever key sealed it.
func HasAuthToken(ctx context.Context, store Store) (bool, error) {
	return isSet(ctx, store, authToken)
}

// Tokens returns the tokens valid at now: ErrNotSet when there are none, ErrWrongKey when
// they cannot be opened.
func (s *Service) Tokens(ctx context.Context, now time.Time) (Tokens, error) {
	plain, _, err := s.read(ctx, authToken)
	if err != nil {
		return Tokens{}, err
	}
	return parseTokens(plain, now)
}

// StoredAuthToken returns the current token; its errors are those of Tokens.
func (s *Service) StoredAuthToken(ctx context.Context) (string, error) {
	t, err := s.Tokens(ctx, s.now())
	return t.Current, err
}

// AuthToken returns the current token. It generates and stores one when there is none, or
// when the stored one cannot be opened since the secret file was lost or replaced; origin
// tells the caller.
func (s *Service) AuthToken(ctx context.Context) (token string, origin Origin, err error) {
	_, err = s.replaceToken(ctx, func(stored Tokens, storedErr error) string {
		switch {
		case storedErr == nil:
			token, origin = stored.Current, OriginStored
		case errors.Is(storedErr, ErrWrongKey):
			token, origin = newToken(), OriginLost
		default:
			token, origin = newToken(), OriginGenerated
		}
		return token // a concurrent process may do the same: the first one wins
	})
	if err != nil {
		return "", 0, err
	}
	return token, origin, nil
}

// RotateAuthToken generates a new token. The previous one verifies for Grace.
func (s *Service) RotateAuthToken(ctx context.Context) (Tokens, error) {
	return s.replaceToken(ctx, func(Tokens, error) string { return newToken() })
}

// SetAuthToken stores a token: MinTokenLength to MaxTokenLength printable ASCII characters
// without blanks, else it returns an *InvalidError. The previous one verifies for Grace.
// Setting the current token changes nothing.
func (s *Service) SetAuthToken(ctx context.Context, token string) (Tokens, error) {
	if err := CheckToken(token); err != nil {
		return Tokens{}, err
	}
	return s.replaceToken(ctx, func(Tokens, error) string { return token })
}

// CheckToken returns an *InvalidError when token cannot be set.
func CheckToken(token string) error {
	if !isPrintable(token) {
		return &InvalidError{Reason: "Use ASCII letters, digits, and symbols in the signing token, without spaces."}
	}
	if len(token) < MinTokenLength || len(token) > MaxTokenLength {
		return &InvalidError{Reason: fmt.Sprintf("Use %d to %d characters in the signing token.", MinTokenLength, MaxTokenLength)}
	}
	return nil
}

// isPrintable reports whether s is printable ASCII without blanks.
func isPrintable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// EndGrace removes the previous token, if any.
func (s *Service) EndGrace(ctx context.Context) error {
	return s.update(ctx, authToken, func(plain []byte, err error) ([]byte, error) {
		if errors.Is(err, ErrNotSet) || errors.Is(err, ErrWrongKey) {
			return nil, nil // there is no previous token
		}
		t, err := parseTokens(plain, s.now())
		if err != nil || t.Previous == "" {
			return nil, err
		}
		t.Previous, t.PreviousUntil = "", time.Time{}
		return formatTokens(t)
	})
}

// replaceToken makes the result of choose the current token, and the current one the
// previous. choose gets the current tokens, or the reason why there are none.
func (s *Service) replaceToken(ctx context.Context, choose func(stored Tokens, err error) string) (Tokens, error) {
	var tokens Tokens
	err := s.update(ctx, authToken, func(plain []byte, err error) ([]byte, error) {
		now := s.now().UTC().Truncate(time.Second)
		var stored Tokens
		if err == nil {
			var parseErr error
			if stored, parseErr = parseTokens(plain, now); parseErr != nil {
				return nil, parseErr
			}
		}
		token := choose(stored, err)
		if err == nil && token == stored.Current {
			tokens = stored
			return nil, nil
		}
		tokens = Tokens{Current: token, Since: now}
		if stored.Current != "" {
			tokens.Previous, tokens.PreviousUntil = stored.Current, now.Add(Grace)
		}
		return formatTokens(tokens)
	})
	if err != nil {
		return Tokens{}, err
	}
	return tokens, nil
}

// storedTokens is the stored form. Earlier versions stored the token alone: 32 hexadecimal
// digits, which no JSON object is.
type storedTokens struct {
	Current       string    `json:"current"`
	Since         time.Time `json:"since,omitzero"`
	Previous      string    `json:"previous,omitempty"`
	PreviousUntil time.Time `json:"previous_until,omitzero"`
}

func formatTokens(t Tokens) ([]byte, error) {
	return json.Marshal(storedTokens(t))
}

// parseTokens reads stored tokens and drops a previous one that has expired.
func parseTokens(plain []byte, now time.Time) (Tokens, error) {
	if len(plain) == 0 || plain[0] != '{' {
		return Tokens{Current: string(plain)}, nil
	}
	var k storedTokens
	if err := json.Unmarshal(plain, &k); err != nil {
		return Tokens{}, fmt.Errorf("read setting %s: %w", authToken, err)
	}
	t := Tokens{Current: k.Current, Since: k.Since}
	if k.Previous != "" && now.Before(k.PreviousUntil) {
		t.Previous, t.PreviousUntil = k.Previous, k.PreviousUntil
	}
	return t, nil
}

// newToken generates a token of 32 hexadecimal digits, the usual form.
func newToken() string {
	var raw [16]byte
	rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}
