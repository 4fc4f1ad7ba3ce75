package oidc

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// maxIssuer and maxClient bound what an operator writes, in bytes.
const (
	maxIssuer = 500
	maxClient = 500
)

// CheckIssuer tells in plain words why nobody can be asked at this URL.
func CheckIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	switch {
	case err != nil, u.Host == "", u.Opaque != "", len(issuer) > maxIssuer:
		return errors.New("this is no URL of an identity provider: write it whole, such as https://login.example.com/realms/staff")
	case u.User != nil:
		return errors.New("the issuer's URL has a user or a password in it: leave them out")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(issuer, "#"):
		return errors.New("the issuer's URL has a query or a fragment: an issuer has neither")
	case strings.HasSuffix(issuer, "/.well-known/openid-configuration"):
		return errors.New("this is where the provider describes itself: leave out /.well-known/openid-configuration")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return errors.New("an identity provider is asked over https: http is for one on this machine, such as http://127.0.0.1:8081")
	}
	return errors.New("the issuer's URL begins with https://")
}

// plainHTTP tells whether this issuer is on this machine and asked without TLS; its
// endpoints may be so too.
func plainHTTP(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && u.Scheme == "http"
}

// loopback tells whether a host is this machine, by a name that no other can have.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Zone() == "" && ip.Unmap().IsLoopback()
}

// checkClient tells why a client cannot be called so. The secret is not repeated.
func checkClient(id, secret string) error {
	switch {
	case id == "":
		return errors.New("the client id is missing: the provider gives it when this program is registered there")
	case len(id) > maxClient, strings.ContainsFunc(id, unprintable):
		return errors.New("the client id has characters that no client id has, or is too long")
	case len(secret) > maxClient, strings.ContainsFunc(secret, unprintable):
		return errors.New("the client secret has characters that no client secret has, or is too long")
	}
	return nil
}

// unprintable tells what RFC 6749 leaves out of client ids and secrets.
func unprintable(r rune) bool { return r < ' ' || r > '~' }
