package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Begin answers where the browser goes to sign in, and what to keep of it. The
// provider sends the browser back to redirectURL, which must be registered there.
func (p *Provider) Begin(ctx context.Context, redirectURL string) (Started, error) {
	k, err := p.discover(ctx)
	if err != nil {
		return Started{}, err
	}
	s := Started{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	s.URL = p.config(k, redirectURL).AuthCodeURL(s.State, oidc.Nonce(s.Nonce), oauth2.S256ChallengeOption(s.Verifier))
	return s, nil
}

func (p *Provider) config(k *known, redirectURL string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.clientID, ClientSecret: p.secret, Endpoint: k.endpoint, RedirectURL: redirectURL, Scopes: p.scopes,
	}
}

// Finish answers whom the provider vouches for, given the query that the browser came
// back with. redirectURL is the one of Begin. wanted are the claims that the caller
// will look for, as Lookup names them: those that the ID token lacks are asked for.
func (p *Provider) Finish(ctx context.Context, redirectURL string, started Started, query url.Values, wanted ...string) (Identity, error) {
	code, err := p.answer(started, query)
	if err != nil {
		return Identity{}, err
	}
	k, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	if k.namesIss && query.Get("iss") == "" {
		return Identity{}, refused("the answer does not say which provider it is from")
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.config(k, redirectURL).Exchange(ctx, code, oauth2.VerifierOption(started.Verifier))
	if err != nil {
		return Identity{}, exchangeError(ctx, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok || raw == "" {
		return Identity{}, refused("the token endpoint gave no ID token: the client must be one of OpenID Connect")
	}
	claims, err := p.verify(ctx, k, raw, token.AccessToken, started.Nonce)
	if err != nil {
		return Identity{}, err
	}
	if err := p.complete(ctx, k, token, claims, wanted); err != nil {
		return Identity{}, err
	}
	return Identity{Issuer: p.issuer, Subject: claims["sub"].(string), Claims: claims, IDToken: raw}, nil
}

// answer answers the code that the browser brought, if it belongs to what was begun.
func (p *Provider) answer(started Started, query url.Values) (code string, err error) {
	if started.State == "" || started.Nonce == "" || started.Verifier == "" || len(query["state"]) != 1 ||
		subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(started.State)) != 1 {
		return "", &Error{ErrExpired, "the state is not that of a sign-in of this browser"}
	}
	// Where there are several providers, one could pass off its answer as another's.
	if iss, ok := query["iss"]; ok && (len(iss) != 1 || iss[0] != p.issuer) {
		return "", refused("the answer is from another provider")
	}
	if query.Has("error") {
		return "", turnedBack(query.Get("error"))
	}
	if len(query["code"]) != 1 || query.Get("code") == "" {
		return "", refused("the answer has no code")
	}
	return query.Get("code"), nil
}

// turnedBack tells what the provider's error means.
func turnedBack(code string) error {
	reason := "the provider said no"
	if safe := safeCode(code); safe != "" {
		reason = "the provider said " + safe
	}
	switch code {
	case "access_denied", "user_cancelled", "consent_required", "interaction_required", "login_required", "account_selection_required":
		return &Error{ErrCancelled, reason}
	case "server_error", "temporarily_unavailable":
		return unreachable(reason)
	}
	return refused(reason)
}

// LogoutURL answers where a browser goes to sign out at the provider too and then come
// back to after, a URL registered there; "" when the provider has no such place, or
// cannot be asked. An idTokenHint spares people a question, "" is none.
func (p *Provider) LogoutURL(ctx context.Context, idTokenHint, after string) string {
	k, err := p.discover(ctx)
	if err != nil || k.end == "" {
		return ""
	}
	u, err := url.Parse(k.end)
	if err != nil {
		return ""
	}
	query := u.Query()
	query.Set("client_id", p.clientID)
	if after != "" {
		query.Set("post_logout_redirect_uri", after)
	}
	if idTokenHint != "" {
		query.Set("id_token_hint", idTokenHint)
	}
	u.RawQuery = query.Encode()
	return u.String()
}
