package cli

import (
	"net/url"

	"github.com/clientele-project/clientele/internal/oidc"
)

// providerFlags say which identity provider people may sign in with.
type providerFlags struct {
	issuer, clientID, clientSecret *string
	scopes                         list
}

func (f *flags) provider() *providerFlags {
	p := &providerFlags{
		issuer: f.String("oidc-issuer", "", "let people sign in with the identity provider at this `URL` (OpenID Connect),\n"+
			"written exactly as it calls itself"),
		clientID:     f.String("oidc-client-id", "", "the `ID` that the provider gave this program"),
		clientSecret: f.String("oidc-client-secret", "", "the `SECRET` that goes with it; none for a public client"),
	}
	f.Var(&p.scopes, "oidc-scopes", "ask the provider for these `SCOPES` too, such as groups, with commas between")
	return p
}

// set tells whether there is a provider.
func (p *providerFlags) set() bool { return p != nil && *p.issuer != "" }

// check refuses what cannot be used. The secret is not repeated.
func (p *providerFlags) check(publicOrigin, addr string) error {
	if !p.set() {
		if *p.clientID != "" || *p.clientSecret != "" || len(p.scopes) > 0 {
			return wrongUse("--oidc-client-id, --oidc-client-secret and --oidc-scopes need --oidc-issuer, the URL of the identity provider")
		}
		return nil
	}
	if err := oidc.CheckIssuer(*p.issuer); err != nil {
		return wrongUse("--oidc-issuer: %v", err)
	}
	if *p.clientID == "" {
		return wrongUse("--oidc-issuer needs --oidc-client-id: the provider gives it when this program is registered there")
	}
	if _, err := p.open(); err != nil {
		return wrongUse("--oidc-issuer: %v", err)
	}
	if publicOrigin == "" && !loopbackAddr(addr) {
		return wrongUse("--oidc-issuer needs --public-url: the provider sends people back to it")
	}
	return nil
}

// open makes the provider, which is not asked anything yet.
func (p *providerFlags) open() (*oidc.Provider, error) {
	return oidc.New(oidc.Options{Issuer: *p.issuer, ClientID: *p.clientID, ClientSecret: *p.clientSecret, Scopes: p.scopes})
}

// name is what people know the provider by: its host.
func (p *providerFlags) name() string {
	u, err := url.Parse(*p.issuer)
	if err != nil {
		return *p.issuer
	}
	return u.Host
}
