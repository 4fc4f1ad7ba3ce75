package oidc

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/clientele-project/clientele/internal/outbound"
)

// Metadata is refreshed in the background after metadataTTL; old metadata stays in use when
// that fails. After a failed discovery, none is started for retryAfter.
const (
	metadataTTL = time.Hour
	retryAfter  = 2 * time.Second
)

// metadata is the provider's discovered metadata.
type metadata struct {
	fetched     time.Time
	provider    *oidc.Provider
	keys        oidc.KeySet
	keysURL     string
	endpoint    oauth2.Endpoint
	algs        []string
	logoutURL   string // "" when there is none
	requiresIss bool   // responses have the iss parameter
}

// discovery is a discovery in progress, shared by concurrent callers.
type discovery struct {
	done     chan struct{}
	metadata *metadata
	err      error
	retryAt  time.Time // after a failure
}

// discoveryDocument is the part of the discovery document that the library does not read.
type discoveryDocument struct {
	Keys      string   `json:"jwks_uri"`
	End       string   `json:"end_session_endpoint"`
	NamesIss  bool     `json:"authorization_response_iss_parameter_supported"`
	TokenAuth []string `json:"token_endpoint_auth_methods_supported"`
	Algs      []string `json:"id_token_signing_alg_values_supported"`
}

// discover returns the metadata, fetching it when it is missing or old. Concurrent callers
// share one fetch, which continues when one of them leaves.
func (p *Provider) discover(ctx context.Context) (*metadata, error) {
	p.mu.Lock()
	meta, pending := p.metadata, p.pending
	now := p.now()
	if meta != nil && now.Sub(meta.fetched) < metadataTTL {
		p.mu.Unlock()
		return meta, nil
	}
	if pending == nil || pending.retryable(now) {
		pending = &discovery{done: make(chan struct{})}
		p.pending = pending
		go p.runDiscovery(context.WithoutCancel(ctx), pending)
	}
	p.mu.Unlock()
	if meta != nil {
		return meta, nil // old, until the new one is there
	}
	select {
	case <-pending.done:
		return pending.metadata, pending.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Check returns nil when the provider's metadata is available: a check before anyone signs
// in.
func (p *Provider) Check(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

// retryable reports whether a discovery has failed long enough ago to be repeated.
func (d *discovery) retryable(now time.Time) bool {
	select {
	case <-d.done:
		return now.After(d.retryAt)
	default:
		return false
	}
}

func (p *Provider) runDiscovery(ctx context.Context, d *discovery) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	meta, err := p.fetchMetadata(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	d.metadata, d.err, d.retryAt = meta, err, p.now().Add(retryAfter)
	if err == nil {
		if p.metadata != nil && p.metadata.keysURL == meta.keysURL {
			meta.keys = p.metadata.keys // keeps the fetched keys
		}
		p.metadata, p.pending = meta, nil
	}
	close(d.done)
}

// fetchMetadata fetches the discovery document and checks it.
func (p *Provider) fetchMetadata(ctx context.Context) (*metadata, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.issuer)
	var other *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &other):
		return nil, unreachable("its issuer differs from --oidc-issuer: write it exactly as the provider does, with or without a / at the end")
	case err != nil:
		return nil, fetchError(ctx, "its discovery document", err)
	}
	var doc discoveryDocument
	if err := provider.Claims(&doc); err != nil {
		return nil, unreachable("its discovery document is invalid")
	}
	meta := &metadata{
		fetched: p.now(), provider: provider, keysURL: doc.Keys, endpoint: provider.Endpoint(),
		algs: algorithms(doc.Algs), logoutURL: doc.End, requiresIss: doc.NamesIss,
	}
	meta.endpoint.AuthStyle = authStyle(doc.TokenAuth, p.secret)
	for _, u := range []string{meta.endpoint.AuthURL, meta.endpoint.TokenURL, doc.Keys} {
		if !p.validEndpoint(u) {
			return nil, unreachable("its discovery document lacks an endpoint, or has one without https")
		}
	}
	if !p.validEndpoint(meta.logoutURL) {
		meta.logoutURL = ""
	}
	if len(meta.algs) == 0 {
		return nil, unreachable("it offers no trusted signature algorithm: it must offer RS256 or another one with a public key")
	}
	meta.keys = keySet(p.client, doc.Keys, p.now)
	return meta, nil
}

// validEndpoint reports whether an endpoint may be called, or a browser sent there.
func (p *Provider) validEndpoint(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || isPlainHTTP(p.issuer) && u.Scheme == "http" && outbound.IsLoopbackHost(u.Hostname())
}

// trustedAlgorithms are signatures with a private key. A signature with a shared secret
// could be forged with the client secret.
var trustedAlgorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512,
	oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// algorithms returns the trusted ones of the offered algorithms; RS256, which every
// provider must support, when none are offered.
func algorithms(offered []string) []string {
	if len(offered) == 0 {
		return []string{oidc.RS256}
	}
	var algs []string
	for _, a := range offered {
		if slices.Contains(trustedAlgorithms, a) {
			algs = append(algs, a)
		}
	}
	return algs
}

// authStyle returns how the client authenticates at the token endpoint. Trying both ways
// would use up the code.
func authStyle(methods []string, secret string) oauth2.AuthStyle {
	switch {
	case secret == "":
		return oauth2.AuthStyleInParams
	case len(methods) == 0, slices.Contains(methods, "client_secret_basic"):
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}
