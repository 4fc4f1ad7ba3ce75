package cli

import (
	"slices"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/oidc"
	"github.com/clientele-project/clientele/internal/settings"
)

// wanted are the claims that the settings speak of.
func wanted(s settings.SignIn) []string {
	claims := []string{s.Claim}
	if s.RoleClaim != "" {
		claims = append(claims, s.RoleClaim)
	}
	return claims
}

// proofOf reads what a provider says as the settings say to.
func proofOf(who oidc.Identity, s settings.SignIn) account.Assertion {
	proof := account.Assertion{Issuer: who.Issuer, Subject: who.Subject, Identity: oidc.Text(oidc.Lookup(who.Claims, s.Claim))}
	// People write their e-mail address themselves, so the provider must have seen to
	// it that it is theirs. Any other claim was chosen by an administrator as one that
	// people cannot change.
	proof.IdentityVerified = proof.Identity != "" &&
		(s.Claim != settings.DefaultClaim || oidc.True(who.Claims["email_verified"]))
	if s.RoleClaim != "" {
		// Who lost their last role has no such claim any more with many providers.
		proof.Role = account.RoleWorker
		if slices.Contains(oidc.Texts(oidc.Lookup(who.Claims, s.RoleClaim)), s.AdminValue) {
			proof.Role = account.RoleAdmin
		}
	}
	return proof
}
