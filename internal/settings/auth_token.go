package settings

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// authToken is the name of the setting.
const authToken = "auth-token"

// Grace is how long the token that was replaced goes on verifying beside the new
// one, so that both ends need not change at the same moment.
const Grace = 24 * time.Hour

// How long a token that somebody chose may be, in characters.
const (
	MinTokenLength = 8
	MaxTokenLength = 256
)

// Tokens are what callbacks are signed with.
type Tokens struct {
	// Current signs what we send, and verifies what we get. Since is when it became
	// the current one, zero when that was not noted yet.
	Current string
	Since   time.Time
	// Previous is the one before, which verifies too until PreviousUntil; "" when
	// there is none, or its time is over.
	Previous      string
	PreviousUntil time.Time
}

// Origin tells where a signing token comes from.
type Origin int

// The origins.
const (
	OriginStored    Origin = iota // it was there
	OriginGenerated               // there was none, and one was made
	OriginLost                    // the one kept was sealed with another key; a new one was made
)

// HasAuthToken tells whether a token that signs callbacks is kept in store,
// whatever it was sealed with.
func HasAuthToken(ctx context.Context, store Store) (bool, error) {
	_, err := store.Setting(ctx, authToken)
	if errors.Is(err, ErrNotSet) {
		return false, nil
	}
	return err == nil, err
}

// Tokens answers the tokens that are good at now and changes nothing: ErrNotSet
// when there are none, ErrSealed when they cannot be opened.
func (s *Service) Tokens(ctx context.Context, now time.Time) (Tokens, error) {
	plain, _, err := s.read(ctx, authToken)
	if err != nil {
		return Tokens{}, err
	}
	return parseTokens(plain, now)
}

// StoredAuthToken answers the current token and changes nothing; its errors are
// those of Tokens.
func (s *Service) StoredAuthToken(ctx context.Context) (string, error) {
	t, err := s.Tokens(ctx, s.now())
	return t.Current, err
}

// AuthToken answers the token that signs callbacks. It makes and keeps one when
// there is none, or when the one there cannot be opened because the secret file
// was lost or exchanged; Origin tells, so that people can be told.
func (s *Service) AuthToken(ctx context.Context) (token string, origin Origin, err error) {
	_, err = s.replace(ctx, func(kept Tokens, kerr error) string {
		switch {
		case kerr == nil:
			token, origin = kept.Current, OriginStored
		case errors.Is(kerr, ErrSealed):
			token, origin = newToken(), OriginLost
		default:
			token, origin = newToken(), OriginGenerated
		}
		return token // another process may be doing the same: the first one wins
	})
	if err != nil {
		return "", 0, err
	}
	return token, origin, nil
}

// RotateAuthToken makes a new token. The old one goes on verifying for Grace.
func (s *Service) RotateAuthToken(ctx context.Context) (Tokens, error) {
	return s.replace(ctx, func(Tokens, error) string { return newToken() })
}

// SetAuthToken keeps a token that somebody chose: MinTokenLength to MaxTokenLength
// printable ASCII characters without blanks, else an *InvalidError. The old one
// goes on verifying for Grace. The token that is kept already changes nothing.
func (s *Service) SetAuthToken(ctx context.Context, token string) (Tokens, error) {
	if err := CheckToken(token); err != nil {
		return Tokens{}, err
	}
	return s.replace(ctx, func(Tokens, error) string { return token })
}

// CheckToken says as an *InvalidError why a token cannot be set, or nil.
func CheckToken(token string) error {
	for _, c := range []byte(token) {
		if c <= ' ' || c > '~' {
			return &InvalidError{"The signing token may have letters, digits and signs of ASCII, and no blanks."}
		}
	}
	if len(token) < MinTokenLength || len(token) > MaxTokenLength {
		return &InvalidError{fmt.Sprintf("The signing token must have %d to %d characters.", MinTokenLength, MaxTokenLength)}
	}
	return nil
}

// EndGrace makes the previous token, if any, verify no more.
func (s *Service) EndGrace(ctx context.Context) error {
	return s.revise(ctx, authToken, func(plain []byte, err error) ([]byte, error) {
		if errors.Is(err, ErrNotSet) || errors.Is(err, ErrSealed) {
			return nil, nil // nothing that could verify
		}
		t, err := parseTokens(plain, s.now())
		if err != nil || t.Previous == "" {
			return nil, err
		}
		t.Previous, t.PreviousUntil = "", time.Time{}
		return formatTokens(t)
	})
}

// replace makes current whatever choose answers, and what was current the previous
// one. choose is told why, when there was none.
func (s *Service) replace(ctx context.Context, choose func(kept Tokens, err error) string) (Tokens, error) {
	var tokens Tokens
	err := s.revise(ctx, authToken, func(plain []byte, err error) ([]byte, error) {
		now := s.now().UTC().Truncate(time.Second)
		var kept Tokens
		if err == nil {
			var perr error
			if kept, perr = parseTokens(plain, now); perr != nil {
				return nil, perr
			}
		}
		token := choose(kept, err)
		if err == nil && token == kept.Current {
			tokens = kept
			return nil, nil
		}
		tokens = Tokens{Current: token, Since: now}
		if kept.Current != "" {
			tokens.Previous, tokens.PreviousUntil = kept.Current, now.Add(Grace)
		}
		return formatTokens(tokens)
	})
	if err != nil {
		return Tokens{}, err
	}
	return tokens, nil
}

// keptTokens is how tokens are written. Before there was a previous one, the token
// alone was kept as it is: 32 hexadecimal digits, which no JSON object is.
type keptTokens struct {
	Current       string    `json:"current"`
	Since         time.Time `json:"since,omitzero"`
	Previous      string    `json:"previous,omitempty"`
	PreviousUntil time.Time `json:"previous_until,omitzero"`
}

func formatTokens(t Tokens) ([]byte, error) {
	return json.Marshal(keptTokens(t))
}

// parseTokens reads what is kept, and leaves out what is over at now.
func parseTokens(plain []byte, now time.Time) (Tokens, error) {
	if len(plain) == 0 || plain[0] != '{' {
		return Tokens{Current: string(plain)}, nil
	}
	var k keptTokens
	if err := json.Unmarshal(plain, &k); err != nil {
		return Tokens{}, fmt.Errorf("read setting %s: %w", authToken, err)
	}
	t := Tokens{Current: k.Current, Since: k.Since}
	if k.Previous != "" && now.Before(k.PreviousUntil) {
		t.Previous, t.PreviousUntil = k.Previous, k.PreviousUntil
	}
	return t, nil
}

// newToken makes a token of 32 hexadecimal digits, the form of those in use.
func newToken() string {
	var raw [16]byte
	rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}
