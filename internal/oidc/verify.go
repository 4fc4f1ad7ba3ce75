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

// verify verifies an ID token and returns its claims.
func (p *Provider) verify(ctx context.Context, meta *metadata, raw, access, nonce string) (map[string]any, error) {
	token, claims, err := p.verifyToken(ctx, meta, raw)
	switch {
	case err != nil:
		return nil, err
	case claims["sub"] == nil || claims["sub"] == "" || claims["sub"] != token.Subject:
		return nil, refused("the ID token has no subject")
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return nil, refused("the ID token belongs to another sign-in (nonce)")
	case token.AccessTokenHash != "" && token.VerifyAccessToken(access) != nil:
		return nil, refused("the ID token belongs to another access token (at_hash)")
	}
	return claims, p.checkTimes(claims)
}

// verifyToken verifies the signature, the issuer and the audience of a token of the
// provider, and returns its claims.
func (p *Provider) verifyToken(ctx context.Context, meta *metadata, raw string) (*oidc.IDToken, map[string]any, error) {
	keys := &recordingKeySet{KeySet: meta.keys}
	token, err := oidc.NewVerifier(p.issuer, keys, &oidc.Config{
		ClientID: p.clientID, SupportedSigningAlgs: meta.algs,
		SkipExpiryCheck: true, // checkTimes does it, with maxSkew
	}).Verify(ctx, raw)
	switch {
	case err != nil && keys.unavailable():
		return nil, nil, fetchError(ctx, "its keys", keys.err)
	case err != nil && keys.err != nil:
		return nil, nil, refused("the token is not signed with one of the provider's keys")
	case err != nil:
		return nil, nil, refused("the token has another audience, another issuer, or no trusted signature")
	}
	var text json.RawMessage
	if err := token.Claims(&text); err != nil {
		return nil, nil, refused("the token is invalid")
	}
	claims, err := parseClaims(text)
	if err != nil {
		return nil, nil, err
	}
	if token.Issuer != p.issuer { // the library allows variants for one provider
		return nil, nil, refused("the token has another issuer")
	}
	return token, claims, p.checkAuthorizedParty(claims, len(token.Audience))
}

// checkAuthorizedParty refuses a token issued to another client.
func (p *Provider) checkAuthorizedParty(claims map[string]any, audience int) error {
	azp, exists := claims["azp"]
	if exists && azp != p.clientID || !exists && audience > 1 {
		return refused("the token was issued to another client (azp)")
	}
	return nil
}

// checkTimes refuses a token that has expired or is not valid yet, by more than maxSkew, or
// lacks its times.
func (p *Provider) checkTimes(claims map[string]any) error {
	now := p.now()
	exp, hasExp := Time(claims["exp"])
	iat, hasIat := Time(claims["iat"])
	switch {
	case !hasExp || !hasIat:
		return refused("the token does not say when it was issued and when it expires (iat and exp)")
	case !now.Before(exp.Add(maxSkew)):
		return refused("the token has expired: check both clocks")
	case iat.After(now.Add(maxSkew)):
		return refused("the token was issued in the future: check both clocks")
	}
	if claims["nbf"] != nil {
		if nbf, ok := Time(claims["nbf"]); !ok || nbf.After(now.Add(maxSkew)) {
			return refused("the token is not valid yet: check both clocks")
		}
	}
	return nil
}

// Time returns the time of a claim: seconds since 1970, possibly with a fraction.
func Time(v any) (time.Time, bool) {
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

// parseClaims reads a JSON object, with numbers as json.Number.
func parseClaims(text []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var claims map[string]any
	if err := d.Decode(&claims); err != nil || claims == nil {
		return nil, refused("the provider's claims are invalid")
	}
	return claims, nil
}

// addUserInfo adds the claims of the userinfo endpoint when a wanted claim is missing.
func (p *Provider) addUserInfo(ctx context.Context, meta *metadata, token *oauth2.Token, claims map[string]any, wanted []string) error {
	if !isMissing(claims, wanted) || !p.validEndpoint(meta.provider.UserInfoEndpoint()) {
		return nil
	}
	info, err := meta.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fetchError(ctx, "userinfo endpoint", err)
	}
	var text json.RawMessage
	if err := info.Claims(&text); err != nil {
		return unreachable("its user information is invalid")
	}
	more, err := parseClaims(text)
	if err != nil {
		return err
	}
	if more["sub"] != claims["sub"] {
		return refused("the user information has another subject")
	}
	mergeClaims(claims, more)
	return nil
}
