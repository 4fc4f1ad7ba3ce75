package cli

import "github.com/clientele-project/clientele/internal/oidc"

// providerFlags say which identity provider people may sign in with.
type providerFlags struct {
	issuer, clientID, clientSecret string
	scopes                         list
}

func (f *flags) provider() *providerFlags {
	p := new(providerFlags)
	f.StringVar(&p.issuer, "oidc-issuer", "", "let people sign in with the identity provider at this `URL` (OpenID Connect),\n"+
		"written exactly as it calls itself")
	f.StringVar(&p.clientID, "oidc-client-id", "", "the `ID` that the provider issued for this program")
	f.StringVar(&p.clientSecret, "oidc-client-secret", "", "the `SECRET` of that ID; none for a public client")
	f.Var(&p.scopes, "oidc-scopes", "request these additional `SCOPES` from the provider, such as groups, separated by commas")
	return p
}

// options returns what the flags say; nil without a provider.
func (p *providerFlags) options() *oidc.Options {
	if p.issuer == "" {
		return nil
	}
	return &oidc.Options{Issuer: p.issuer, ClientID: p.clientID, ClientSecret: p.clientSecret, Scopes: p.scopes}
}

// check refuses values that cannot be used. It does not repeat the secret.
func (p *providerFlags) check(publicOrigin, addr string) error {
	if p.issuer == "" {
		if p.clientID != "" || p.clientSecret != "" || len(p.scopes) > 0 {
			return usageErrorf("--oidc-client-id, --oidc-client-secret and --oidc-scopes need --oidc-issuer, the URL of the identity provider")
		}
		return nil
	}
	if err := oidc.CheckIssuer(p.issuer); err != nil {
		return usageErrorf("--oidc-issuer: %v", err)
	}
	if p.clientID == "" {
		return usageErrorf("--oidc-issuer needs --oidc-client-id: the provider issues it when you register this program there")
	}
	if _, err := oidc.New(*p.options()); err != nil {
		return usageErrorf("--oidc-issuer: %v", err)
	}
	if publicOrigin == "" && !isLoopbackAddr(addr) {
		return usageErrorf("--oidc-issuer needs --public-url: the provider sends people back to it")
	}
	return nil
}
