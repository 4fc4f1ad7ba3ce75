package oidc

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
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
		return errors.New("this is not the URL of an identity provider: write it in full, such as https://login.example.com/realms/staff")
	case u.User != nil:
		return errors.New("the issuer URL contains a user name or password: remove them")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(issuer, "#"):
		return errors.New("the issuer URL has a query or a fragment: remove it")
	case strings.HasSuffix(issuer, "/.well-known/openid-configuration"):
		return errors.New("this is the provider's discovery document: remove /.well-known/openid-configuration")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return errors.New("an identity provider needs https; http is only for one on this machine, such as http://127.0.0.1:8081")
	}
	return errors.New("the issuer URL must begin with https://")
}

// isPlainHTTP reports whether an issuer, which is on this machine then, uses http. Its
// endpoints may do so too.
func isPlainHTTP(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && u.Scheme == "http"
}

// isLoopback reports whether host is a loopback address or localhost.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Zone() == "" && ip.Unmap().IsLoopback()
}

// validateClient returns an error for an invalid client id or secret, without the secret.
func validateClient(id, secret string) error {
	switch {
	case id == "":
		return errors.New("the client id is missing: the provider assigns it when this program is registered there")
	case len(id) > maxClientBytes, strings.ContainsFunc(id, isUnprintable):
		return errors.New("the client id has invalid characters or is too long")
	case len(secret) > maxClientBytes, strings.ContainsFunc(secret, isUnprintable):
		return errors.New("the client secret has invalid characters or is too long")
	}
	return nil
}

// isUnprintable reports whether RFC 6749 excludes r from client ids and secrets.
func isUnprintable(r rune) bool { return r < ' ' || r > '~' }
