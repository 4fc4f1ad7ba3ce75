package oidc

import (
	"errors"
	"net/url"
	"strings"

	"github.com/clientele-project/clientele/internal/outbound"
)

// Limits of what an operator configures.
const (
	maxIssuerBytes = 500
	maxClientBytes = 500
)

// CheckIssuer returns an error in plain words when issuer cannot be the URL of a provider.
func CheckIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	switch {
	case err != nil, u.Host == "", u.Opaque != "", len(issuer) > maxIssuerBytes:
		return errors.New("enter the provider's full URL, such as https://login.example.com/realms/staff")
	case u.User != nil:
		return errors.New("remove the username and password from the issuer URL")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(issuer, "#"):
		return errors.New("remove the query and fragment from the issuer URL")
	case strings.HasSuffix(issuer, "/.well-known/openid-configuration"):
		return errors.New("remove /.well-known/openid-configuration from the issuer URL")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && outbound.IsLoopbackHost(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return errors.New("the issuer URL must use https (http only for this machine, such as http://127.0.0.1:8081)")
	}
	return errors.New("the issuer URL must start with https://")
}

// isPlainHTTP reports whether an issuer, which is on this machine then, uses http. Its
// endpoints may do so too.
func isPlainHTTP(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && u.Scheme == "http"
}

// validateClient returns an error for an invalid client id or secret, without the secret.
func validateClient(id, secret string) error {
	switch {
	case id == "":
		return errors.New("the client ID is missing: register Clientele with the provider to get one")
	case len(id) > maxClientBytes, strings.ContainsFunc(id, isUnprintable):
		return errors.New("the client ID is too long or contains invalid characters")
	case len(secret) > maxClientBytes, strings.ContainsFunc(secret, isUnprintable):
		return errors.New("the client secret is too long or contains invalid characters")
	}
	return nil
}

// isUnprintable reports whether RFC 6749 excludes r from client ids and secrets.
func isUnprintable(r rune) bool { return r < ' ' || r > '~' }
