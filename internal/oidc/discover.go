package oidc

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// What the provider tells of itself is asked again after knownFor, and goes on being
// used meanwhile, or when it cannot be had. After a failure nobody asks for retryAfter.
const (
	knownFor   = time.Hour
	retryAfter = 2 * time.Second
)

// known is what a provider told of itself.
type known struct {
	at       time.Time
	provider *oidc.Provider
	keys     oidc.KeySet
	keysURL  string
	endpoint oauth2.Endpoint
	algs     []string
	end      string // where people sign out, "" when nowhere
	namesIss bool   // it puts its name into every answer
}

// inquiry is a discovery under way, which all who want it wait for.
type inquiry struct {
	done  chan struct{}
	known *known
	err   error
	until time.Time // a failure counts until then
}

// description is what else is read of what a provider tells of itself.
type description struct {
	Keys      string   `json:"jwks_uri"`
	End       string   `json:"end_session_endpoint"`
	NamesIss  bool     `json:"authorization_response_iss_parameter_supported"`
	TokenAuth []string `json:"token_endpoint_auth_methods_supported"`
	Algs      []string `json:"id_token_signing_alg_values_supported"`
}

// discover answers what the provider tells of itself, asking it when that is not
// known or old. However many want it at once, one question is put; it goes on when
// one of them leaves.
func (p *Provider) discover(ctx context.Context) (*known, error) {
	p.mu.Lock()
	k, asking := p.known, p.asking
	now := p.now()
	if k != nil && now.Sub(k.at) < knownFor {
		p.mu.Unlock()
		return k, nil
	}
	if asking == nil || asking.over(now) {
		asking = &inquiry{done: make(chan struct{})}
		p.asking = asking
		go p.ask(context.WithoutCancel(ctx), asking)
	}
	p.mu.Unlock()
	if k != nil {
		return k, nil // old, and good enough until there is a newer one
	}
	select {
	case <-asking.done:
		return asking.known, asking.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Reach tells whether the provider can be asked, nil when it can: for who wants to know
// before somebody signs in.
func (p *Provider) Reach(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

// over tells whether an inquiry is answered and may be made again.
func (q *inquiry) over(now time.Time) bool {
	select {
	case <-q.done:
		return now.After(q.until)
	default:
		return false
	}
}

func (p *Provider) ask(ctx context.Context, q *inquiry) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	k, err := p.describe(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	q.known, q.err, q.until = k, err, p.now().Add(retryAfter)
	if err == nil {
		if p.known != nil && p.known.keysURL == k.keysURL {
			k.keys = p.known.keys // with what was fetched already
		}
		p.known, p.asking = k, nil
	}
	close(q.done)
}

// describe asks the provider about itself.
func (p *Provider) describe(ctx context.Context) (*known, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.issuer)
	var other *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &other):
		return nil, unreachable("it calls itself otherwise than --oidc-issuer does: write it exactly as the provider does, with or without a / at the end")
	case err != nil:
		return nil, reached(ctx, "its description", err)
	}
	var d description
	if err := provider.Claims(&d); err != nil {
		return nil, unreachable("its description could not be understood")
	}
	k := &known{
		at: p.now(), provider: provider, keysURL: d.Keys, endpoint: provider.Endpoint(),
		algs: algorithms(d.Algs), end: d.End, namesIss: d.NamesIss,
	}
	k.endpoint.AuthStyle = authStyle(d.TokenAuth, p.secret)
	for _, u := range []string{k.endpoint.AuthURL, k.endpoint.TokenURL, d.Keys} {
		if !p.usable(u) {
			return nil, unreachable("its description lacks an endpoint, or one is not asked over https")
		}
	}
	if !p.usable(k.end) {
		k.end = ""
	}
	if len(k.algs) == 0 {
		return nil, unreachable("it signs in no way that can be trusted: it must offer RS256 or another signature with a public key")
	}
	k.keys = keySet(p.client, d.Keys, p.now)
	return k, nil
}

// usable tells whether an endpoint may be asked, or a browser sent there.
func (p *Provider) usable(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || plainHTTP(p.issuer) && u.Scheme == "http" && loopback(u.Hostname())
}

// trusted are the signatures that only the owner of a private key can make. One with
// a shared secret could be made by whoever learns the client's.
var trusted = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512,
	oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// algorithms answers the trusted ones of those that a provider says it uses; RS256,
// which every provider must know, when it says nothing.
func algorithms(offered []string) []string {
	if len(offered) == 0 {
		return []string{oidc.RS256}
	}
	var algs []string
	for _, a := range offered {
		if slices.Contains(trusted, a) {
			algs = append(algs, a)
		}
	}
	return algs
}

// authStyle answers how we say who we are when a code is exchanged. Trying both would
// spend the code on the first.
func authStyle(methods []string, secret string) oauth2.AuthStyle {
	switch {
	case secret == "":
		return oauth2.AuthStyleInParams
	case len(methods) == 0, slices.Contains(methods, "client_secret_basic"):
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}
