package oidc

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// verify answers the claims of an ID token when all is well with it.
func (p *Provider) verify(ctx context.Context, k *known, raw, access, nonce string) (map[string]any, error) {
	keys := &noting{KeySet: k.keys}
	token, err := oidc.NewVerifier(p.issuer, keys, &oidc.Config{
		ClientID: p.clientID, SupportedSigningAlgs: k.algs,
		SkipExpiryCheck: true, // checkTimes does it, with a skew that is the same for all
	}).Verify(ctx, raw)
	switch {
	case err != nil && keys.down():
		return nil, reached(ctx, "its keys", keys.err)
	case err != nil && keys.err != nil:
		return nil, refused("the ID token's signature is not by one of the provider's keys")
	case err != nil:
		return nil, refused("the ID token is not for this client, not by this provider, or not signed in a way that can be trusted")
	}
	var text json.RawMessage
	if err := token.Claims(&text); err != nil {
		return nil, refused("the ID token could not be understood")
	}
	claims, err := parseClaims(text)
	if err != nil {
		return nil, err
	}
	switch sub, _ := claims["sub"].(string); {
	case token.Issuer != p.issuer: // the library lets one provider write it otherwise
		return nil, refused("the ID token is by another provider")
	case sub == "" || sub != token.Subject:
		return nil, refused("the ID token does not say whom it is about")
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return nil, refused("the ID token answers another sign-in (nonce)")
	case token.AccessTokenHash != "" && token.VerifyAccessToken(access) != nil:
		return nil, refused("the ID token belongs to another access token (at_hash)")
	}
	if err := p.checkParty(claims, len(token.Audience)); err != nil {
		return nil, err
	}
	return claims, p.checkTimes(claims)
}

// checkParty refuses a token that was issued to another client and names us beside it.
func (p *Provider) checkParty(claims map[string]any, audience int) error {
	azp, there := claims["azp"]
	if there && azp != p.clientID || !there && audience > 1 {
		return refused("the ID token was issued to another client (azp)")
	}
	return nil
}

// checkTimes refuses a token that is over, or not yet, by more than Skew. A token
// must say until when it is good, and since when it is there.
func (p *Provider) checkTimes(claims map[string]any) error {
	now := p.now()
	exp, ok := moment(claims["exp"])
	if !ok || !now.Before(exp.Add(Skew)) {
		return refused("the ID token has expired: see whether both clocks are right")
	}
	iat, ok := moment(claims["iat"])
	if !ok || iat.After(now.Add(Skew)) {
		return refused("the ID token is from the future: see whether both clocks are right")
	}
	if claims["nbf"] != nil {
		if nbf, ok := moment(claims["nbf"]); !ok || nbf.After(now.Add(Skew)) {
			return refused("the ID token is not good yet: see whether both clocks are right")
		}
	}
	return nil
}

// moment reads a time of a token: seconds since 1970, with or without a fraction.
func moment(v any) (time.Time, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return time.Time{}, false
	}
	seconds, err := n.Float64()
	if err != nil || seconds < 0 || seconds > 1<<40 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// parseClaims reads a JSON object, numbers as they are written.
func parseClaims(text []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var claims map[string]any
	if err := d.Decode(&claims); err != nil || claims == nil {
		return nil, refused("the provider's claims could not be understood")
	}
	return claims, nil
}

// complete adds to claims what the provider tells elsewhere, when one that is wanted
// is not in the token.
func (p *Provider) complete(ctx context.Context, k *known, token *oauth2.Token, claims map[string]any, wanted []string) error {
	if !lacking(claims, wanted) || !p.usable(k.provider.UserInfoEndpoint()) {
		return nil
	}
	info, err := k.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return reached(ctx, "its user information", err)
	}
	var text json.RawMessage
	if err := info.Claims(&text); err != nil {
		return unreachable("its user information could not be understood")
	}
	more, err := parseClaims(text)
	if err != nil {
		return err
	}
	if more["sub"] != claims["sub"] {
		return refused("the user information is about somebody else")
	}
	addClaims(claims, more)
	return nil
}
