// Package oidc signs people in with the company's own identity provider: OpenID
// Connect, the authorization code flow with PKCE. What the provider is, it tells
// itself (discovery); whom it vouches for, it signs, and everything about that is
// verified here. It keeps nothing: what must outlast the visit to the provider is
// handed to the caller as Started.
package oidc

import (
	"net/http"
	"sync"
	"time"
)

// Skew is how far the provider's clock may be from ours, either way.
const Skew = 2 * time.Minute

// Limits of what is asked of the provider.
const (
	callTimeout = 8 * time.Second
	maxAnswer   = 1 << 20 // bytes
)

// Options say which provider, and who we are there.
type Options struct {
	// Issuer is the provider's URL, written exactly as it writes it itself.
	Issuer string
	// ClientID is how the provider knows us. ClientSecret proves it; "" for a public
	// client, which PKCE alone protects.
	ClientID, ClientSecret string
	// Scopes are asked for beside "openid email profile".
	Scopes []string
	// Transport is how the provider is reached. Nil lets the issuer's own host be on
	// the company's network, and every other only on the public internet.
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

	mu     sync.Mutex
	known  *known   // what the provider told of itself; nil: not yet
	asking *inquiry // under way; nil: none
}

// Started is a sign-in that has begun. The caller keeps it with the browser, where
// nobody can read or change it, and hands it to Finish.
type Started struct {
	// URL is where the browser goes to, once.
	URL string
	// State comes back in the URL, Nonce in the ID token; Verifier proves that the
	// answer is fetched by who asked.
	State, Nonce, Verifier string
}

// Identity is whom the provider vouches for.
type Identity struct {
	// Issuer and Subject name the account, and are never given to somebody else.
	Issuer, Subject string
	// Claims are what the provider says about them; numbers are json.Number.
	Claims map[string]any
	// IDToken is what it was said with. It is as good as a name and a password to
	// whoever trusts this client, so it is best not kept.
	IDToken string
}

// New makes a Provider, without asking it anything: one that is down keeps nobody
// from starting. The errors are about the options, in plain words.
func New(o Options) (*Provider, error) {
	if err := CheckIssuer(o.Issuer); err != nil {
		return nil, err
	}
	if err := checkClient(o.ClientID, o.ClientSecret); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = reach(o.Issuer)
	}
	return &Provider{
		issuer: o.Issuer, clientID: o.ClientID, secret: o.ClientSecret, now: o.Now,
		scopes: append([]string{"openid", "email", "profile"}, o.Scopes...),
		client: client(o.Transport, plainHTTP(o.Issuer)),
	}, nil
}
