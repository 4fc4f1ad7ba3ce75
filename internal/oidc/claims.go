package oidc

import (
	"encoding/json"
	"strings"
)

// Lookup returns the claim called name, or nil. A name with dots that is no claim itself
// leads into nested claims: "realm_access.roles".
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

// Text returns the text of a string or number claim, "" for others.
func Text(claim any) string {
	switch v := claim.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Texts returns the texts of a claim that is a list or a single text.
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

// IsTrue reports whether a claim is true, which some providers write as a text.
func IsTrue(claim any) bool { return claim == true || claim == "true" }

// The claims for an email address and its verification. They are used only together.
const (
	email         = "email"
	emailVerified = "email_verified"
)

// isMissing reports whether a wanted claim is missing.
func isMissing(claims map[string]any, wanted []string) bool {
	for _, name := range wanted {
		if Lookup(claims, name) == nil || name == email && claims[emailVerified] == nil {
			return true
		}
	}
	return false
}

// mergeClaims adds the claims that are only in more.
func mergeClaims(claims, more map[string]any) {
	if more[email] != nil && (claims[email] == nil || claims[emailVerified] == nil) {
		delete(claims, email)
		delete(claims, emailVerified)
	} else {
		delete(more, emailVerified)
	}
	for name, v := range more {
		if _, exists := claims[name]; !exists {
			claims[name] = v
		}
	}
}
