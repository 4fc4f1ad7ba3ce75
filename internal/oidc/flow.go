package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Begin starts a sign-in. The provider sends the browser back to redirectURL, which must be
// registered there.
func (p *Provider) Begin(ctx context.Context, redirectURL string) (Started, error) {
	return p.begin(ctx, redirectURL)
}

// BeginReauthentication is Begin for a person who is to enter their password at the provider
// again, although they are signed in there. A provider that does so says when, in auth_time.
func (p *Provider) BeginReauthentication(ctx context.Context, redirectURL string) (Started, error) {
	prompt := "login"
	if p.issuer == googleIssuer {
		prompt = "select_account" // it shows an error for "login", and returns no auth_time
	}
	return p.begin(ctx, redirectURL, oauth2.SetAuthURLParam("prompt", prompt), oauth2.SetAuthURLParam("max_age", "0"))
}

const googleIssuer = "https://accounts.google.com"

func (p *Provider) begin(ctx context.Context, redirectURL string, more ...oauth2.AuthCodeOption) (Started, error) {
	meta, err := p.discover(ctx)
	if err != nil {
		return Started{}, err
	}
	s := Started{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	s.URL = p.config(meta, redirectURL).AuthCodeURL(s.State, append(more, oidc.Nonce(s.Nonce), oauth2.S256ChallengeOption(s.Verifier))...)
	return s, nil
}

func (p *Provider) config(meta *metadata, redirectURL string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.clientID, ClientSecret: p.secret, Endpoint: meta.endpoint, RedirectURL: redirectURL, Scopes: p.scopes,
	}
}

// Finish verifies the response, the query of the redirect, and returns the account.
// redirectURL is that of Begin. wanted are the claims that the caller needs, as Lookup
// names them: those missing in the ID token are fetched.
func (p *Provider) Finish(ctx context.Context, redirectURL string, started Started, query url.Values, wanted ...string) (Identity, error) {
	code, err := p.parseResponse(started, query)
	if err != nil {
		return Identity{}, err
	}
	meta, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	if meta.requiresIss && query.Get("iss") == "" {
		return Identity{}, refused("the response has no iss parameter, which the provider promises")
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.config(meta, redirectURL).Exchange(ctx, code, oauth2.VerifierOption(started.Verifier))
	if err != nil {
		return Identity{}, exchangeError(ctx, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok || raw == "" {
		return Identity{}, refused("the token endpoint returned no ID token: the client must be registered for OpenID Connect")
	}
	claims, err := p.verify(ctx, meta, raw, token.AccessToken, started.Nonce)
	if err != nil {
		return Identity{}, err
	}
	if err := p.addUserInfo(ctx, meta, token, claims, wanted); err != nil {
		return Identity{}, err
	}
	return Identity{Issuer: p.issuer, Subject: claims["sub"].(string), Claims: claims}, nil
}

// parseResponse returns the code of a response that belongs to the sign-in.
func (p *Provider) parseResponse(started Started, query url.Values) (code string, err error) {
	if started.State == "" || started.Nonce == "" || started.Verifier == "" || len(query["state"]) != 1 ||
		subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(started.State)) != 1 {
		return "", &Error{ErrExpired, "the state does not match a sign-in of this browser"}
	}
	// RFC 9207: with several providers, one could replay its response as another's.
	if iss, ok := query["iss"]; ok && (len(iss) != 1 || iss[0] != p.issuer) {
		return "", refused("the response is from another provider")
	}
	if query.Has("error") {
		return "", authorizationError(query.Get("error"))
	}
	if len(query["code"]) != 1 || query.Get("code") == "" {
		return "", refused("the response has no code")
	}
	return query.Get("code"), nil
}

// authorizationError maps the provider's error code.
func authorizationError(code string) error {
	reason := "the provider returned an error"
	if safe := safeCode(code); safe != "" {
		reason = "the provider returned " + safe
	}
	switch code {
	case "access_denied", "user_cancelled", "consent_required", "interaction_required", "login_required", "account_selection_required":
		return &Error{ErrCanceled, reason}
	case "server_error", "temporarily_unavailable":
		return unreachable(reason)
	}
	return refused(reason)
}

// LogoutURL returns the URL that signs a browser out at the provider and then redirects it
// to after, which must be registered there; "" when the provider has none or is
// unreachable.
func (p *Provider) LogoutURL(ctx context.Context, after string) string {
	meta, err := p.discover(ctx)
	if err != nil || meta.logoutURL == "" {
		return ""
	}
	u, err := url.Parse(meta.logoutURL)
	if err != nil {
		return ""
	}
	query := u.Query()
	query.Set("client_id", p.clientID)
	if after != "" {
		query.Set("post_logout_redirect_uri", after)
	}
	u.RawQuery = query.Encode()
	return u.String()
}
