// Package oidc signs people in with the company's own identity provider: OpenID Connect,
// authorization code flow with PKCE. It discovers the provider's metadata and verifies its
// ID tokens completely. It stores nothing: what must outlast the visit to the provider is
// returned to the caller as Started.
package oidc

import (
	"net/http"
	"sync"
	"time"
)

// maxSkew is the accepted difference of the provider's clock, either way.
const maxSkew = 2 * time.Minute

// Limits of a call to the provider.
const (
	callTimeout = 8 * time.Second
	maxResponse = 1 << 20 // bytes
)

// Options identify the provider and the client.
type Options struct {
	// Issuer is the provider's URL, exactly as the provider writes it.
	Issuer string
	// ClientID and ClientSecret are those registered with the provider. ClientSecret is ""
	// for a public client, which PKCE alone protects.
	ClientID, ClientSecret string
	// Scopes are requested in addition to "openid email profile".
	Scopes []string
	// Transport carries the requests. Nil allows the issuer's own host on the company's
	// network, and all others on the public internet only.
	Transport http.RoundTripper
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Provider is an identity provider. It is safe for concurrent use.
type Provider struct {
	issuer, clientID, secret string
	scopes                   []string
	client                   *http.Client
	now                      func() time.Time

	mu       sync.Mutex
	metadata *metadata  // nil before the first discovery
	pending  *discovery // in progress or failed, nil when there is none
}

// Started is a sign-in in progress. The caller stores it with the browser, unreadable and
// tamper-proof, and passes it to Finish.
type Started struct {
	// URL is where the browser goes once.
	URL string
	// State returns in the callback URL, Nonce in the ID token. Verifier proves that the
	// code is exchanged by its requester.
	State, Nonce, Verifier string
}

// Identity is a verified account of the provider.
type Identity struct {
	// Issuer and Subject identify the account permanently.
	Issuer, Subject string
	// Claims of the account; numbers are json.Number.
	Claims map[string]any
}

// New returns a Provider, without any call: a provider that is down does not keep the
// program from starting. It returns an error for invalid options, in plain words.
func New(o Options) (*Provider, error) {
	if err := CheckIssuer(o.Issuer); err != nil {
		return nil, err
	}
	if err := validateClient(o.ClientID, o.ClientSecret); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = transportFor(o.Issuer)
	}
	return &Provider{
		issuer: o.Issuer, clientID: o.ClientID, secret: o.ClientSecret, now: o.Now,
		scopes: append([]string{"openid", "email", "profile"}, o.Scopes...),
		client: newClient(o.Transport, isPlainHTTP(o.Issuer)),
	}, nil
}
