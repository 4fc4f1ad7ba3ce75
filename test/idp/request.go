package main

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// request is a sign-in under way.
type request struct {
	id      string
	auth    oidc.AuthRequest
	subject string // "" until a user has signed in
	at      time.Time
}

func (r *request) GetID() string                      { return r.id }
func (r *request) GetACR() string                     { return "" }
func (r *request) GetAMR() []string                   { return []string{"pwd"} }
func (r *request) GetAudience() []string              { return []string{r.auth.ClientID} }
func (r *request) GetAuthTime() time.Time             { return r.at }
func (r *request) GetClientID() string                { return r.auth.ClientID }
func (r *request) GetNonce() string                   { return r.auth.Nonce }
func (r *request) GetRedirectURI() string             { return r.auth.RedirectURI }
func (r *request) GetResponseType() oidc.ResponseType { return r.auth.ResponseType }
func (r *request) GetResponseMode() oidc.ResponseMode { return r.auth.ResponseMode }
func (r *request) GetScopes() []string                { return r.auth.Scopes }
func (r *request) GetState() string                   { return r.auth.State }
func (r *request) GetSubject() string                 { return r.subject }
func (r *request) Done() bool                         { return r.subject != "" }

func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	if r.auth.CodeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: r.auth.CodeChallenge, Method: r.auth.CodeChallengeMethod}
}

// client is a client of this provider. Without a secret it is a public one.
type client struct {
	ID        string   `json:"id"`
	Secret    string   `json:"secret"`
	Redirects []string `json:"redirects"`
	Logouts   []string `json:"logouts"`
	// InToken puts the user's claims into the ID token, too; else only the userinfo
	// endpoint has them, as in the standard.
	InToken bool `json:"in_token"`
}

func (c client) GetID() string                       { return c.ID }
func (c client) RedirectURIs() []string              { return c.Redirects }
func (c client) PostLogoutRedirectURIs() []string    { return c.Logouts }
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c client) GrantTypes() []oidc.GrantType         { return []oidc.GrantType{oidc.GrantTypeCode} }
func (c client) LoginURL(id string) string            { return "/login?id=" + id }
func (c client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (c client) IDTokenLifetime() time.Duration       { return 5 * time.Minute }
func (c client) DevMode() bool                        { return true } // redirects without TLS
func (c client) IsScopeAllowed(string) bool           { return true }
func (c client) IDTokenUserinfoClaimsAssertion() bool { return c.InToken }
func (c client) ClockSkew() time.Duration             { return 0 }

func (c client) AuthMethod() oidc.AuthMethod {
	if c.Secret == "" {
		return oidc.AuthMethodNone
	}
	return oidc.AuthMethodBasic
}

func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string     { return all }
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return all }

func all(scopes []string) []string { return scopes }
