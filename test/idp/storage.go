package main

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// user is a user who can sign in, with their claims.
type user struct {
	Name    string         `json:"name"`
	Subject string         `json:"subject"`
	Claims  map[string]any `json:"claims"`
}

// storage is the provider's storage, in memory.
type storage struct {
	mu       sync.Mutex
	users    []user
	client   client
	requests map[string]*request
	codes    map[string]string // IDs of requests
	tokens   map[string]access
	keys     []key // the last one signs
	faults   faults
	down     bool
	fetched  int // how often the keys were fetched
}

// access is an access token.
type access struct {
	subject string
	scopes  []string
}

func newStorage() *storage {
	return &storage{
		requests: map[string]*request{}, codes: map[string]string{}, tokens: map[string]access{},
		keys: []key{newKey()}, client: client{ID: "clientele", InToken: true},
	}
}

var _ interface {
	op.Storage
	op.CanSetUserinfoFromRequest
} = (*storage)(nil)

var errUnknown = errors.New("unknown")

func (s *storage) user(match func(user) bool) (user, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		if match(u) {
			return u, true
		}
	}
	return user{}, false
}

func (s *storage) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := &request{id: rand.Text(), auth: *r}
	s.requests[made.id] = made
	return made, nil
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.requests[id]; ok {
		return r, nil
	}
	return nil, errUnknown
}

func (s *storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id := s.codes[code]
	delete(s.codes, code) // valid once
	s.mu.Unlock()
	return s.AuthRequestByID(ctx, id)
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	return nil
}

func (s *storage) CreateAccessToken(_ context.Context, r op.TokenRequest) (string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := rand.Text()
	s.tokens[id] = access{r.GetSubject(), r.GetScopes()}
	return id, time.Now().Add(5 * time.Minute), nil
}

func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, r op.IDTokenRequest, scopes []string) error {
	return s.describe(info, r.GetSubject(), scopes)
}

func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, tokenID, _, _ string) error {
	s.mu.Lock()
	t, ok := s.tokens[tokenID]
	s.mu.Unlock()
	if !ok {
		return errUnknown
	}
	return s.describe(info, t.subject, t.scopes)
}

// describe returns the claims that the scopes allow: with profile, all but the email
// address.
func (s *storage) describe(info *oidc.UserInfo, subject string, scopes []string) error {
	u, ok := s.user(func(u user) bool { return u.Subject == subject })
	if !ok {
		return errUnknown
	}
	info.Subject = u.Subject
	claims := maps.Clone(u.Claims)
	for _, scope := range scopes {
		switch scope {
		case oidc.ScopeEmail:
			info.AppendClaims("email", claims["email"])
			if verified, ok := claims["email_verified"]; ok {
				info.AppendClaims("email_verified", verified)
			}
		case oidc.ScopeProfile:
			for name, v := range claims {
				if name != "email" && name != "email_verified" {
					info.AppendClaims(name, v)
				}
			}
		}
	}
	return nil
}

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id != s.client.ID {
		return nil, errUnknown
	}
	return s.client, nil
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id != s.client.ID || secret != s.client.Secret {
		return errUnknown
	}
	return nil
}

// Methods that a client of the code flow never uses.

func (s *storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, errUnknown
}

func (s *storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, op.ErrInvalidRefreshToken
}

func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

func (s *storage) RevokeToken(context.Context, string, string, string) *oidc.Error { return nil }

func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errUnknown
}

func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errUnknown
}

func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errUnknown
}

func (s *storage) Health(context.Context) error { return nil }
