package oidc

import (
	"encoding/json"
	"strings"
)

// Lookup answers the claim called name, nil when it is not there. A name with dots
// that is no claim itself leads into claims within claims: "realm_access.roles".
func Lookup(claims map[string]any, name string) any {
	if v, ok := claims[name]; ok {
		return v
	}
	for rest := name; ; {
		first, after, more := strings.Cut(rest, ".")
		v, ok := claims[first]
		if !ok || !more {
			return v
		}
		if claims, ok = v.(map[string]any); !ok {
			return nil
		}
		rest = after
	}
}

// Text answers the text of a claim: a string, or a number as it is written; "" for
// anything else.
func Text(claim any) string {
	switch v := claim.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Texts answers the texts of a claim that is a list, or is one text.
func Texts(claim any) []string {
	list, ok := claim.([]any)
	if !ok {
		list = []any{claim}
	}
	var texts []string
	for _, v := range list {
		if s := Text(v); s != "" {
			texts = append(texts, s)
		}
	}
	return texts
}

// True tells whether a claim is true, which some providers write as a text.
func True(claim any) bool { return claim == true || claim == "true" }

// The claims that say an e-mail address, and whether it is theirs. They count only
// together.
const (
	email         = "email"
	emailVerified = "email_verified"
)

// lacking tells whether a claim that is wanted is not there.
func lacking(claims map[string]any, wanted []string) bool {
	for _, name := range wanted {
		if Lookup(claims, name) == nil || name == email && claims[emailVerified] == nil {
			return true
		}
	}
	return false
}

// addClaims adds to claims what is only in more.
func addClaims(claims, more map[string]any) {
	if more[email] != nil && (claims[email] == nil || claims[emailVerified] == nil) {
		delete(claims, email)
		delete(claims, emailVerified)
	} else {
		delete(more, emailVerified)
	}
	for name, v := range more {
		if _, there := claims[name]; !there {
			claims[name] = v
		}
	}
}
