package oidc

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// logoutEvent is the event of a logout token.
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// maxLogoutAge is how old a logout token may be: one that was recorded must not end the
// sessions that begin later.
const maxLogoutAge = 10 * time.Minute

// Logout says whose session the provider has ended: all of Subject if Session is "".
type Logout struct {
	Issuer, Subject, Session string
}

// VerifyLogout verifies a logout token, which the provider posts when a session there has
// ended (OpenID Connect Back-Channel Logout 1.0), as strictly as an ID token.
func (p *Provider) VerifyLogout(ctx context.Context, raw string) (Logout, error) {
	meta, err := p.discover(ctx)
	if err != nil {
		return Logout{}, err
	}
	_, claims, err := p.verifyToken(ctx, meta, raw)
	if err != nil {
		return Logout{}, err
	}
	events, _ := claims["events"].(map[string]any)
	issued, _ := Time(claims["iat"])
	if claims["exp"] == nil { // optional before the specification was final
		claims["exp"] = json.Number(strconv.FormatInt(issued.Add(maxLogoutAge).Unix(), 10))
	}
	l := Logout{Issuer: p.issuer, Subject: Text(claims["sub"]), Session: Text(claims["sid"])}
	switch _, isLogout := events[logoutEvent].(map[string]any); {
	case !isLogout:
		return Logout{}, refused("the token is no logout token (events)")
	case claims["nonce"] != nil:
		return Logout{}, refused("the logout token has a nonce, as ID tokens do")
	case l.Subject == "" && l.Session == "":
		return Logout{}, refused("the logout token names neither a subject nor a session")
	case p.now().Sub(issued) > maxLogoutAge:
		return Logout{}, refused("the logout token is too old: check both clocks")
	}
	return l, p.checkTimes(claims)
}
