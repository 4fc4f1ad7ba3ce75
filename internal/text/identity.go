package text

import (
	"slices"
	"strings"
)

// IdentityKey returns the key by which identities of workers are compared: two are the
// same if their keys are equal. In anything with an @ the case of ASCII letters is
// ignored; any other identity is its own key.
func IdentityKey(identity string) string {
	if strings.IndexByte(identity, '@') < 0 {
		return identity
	}
	for i := 0; i < len(identity); i++ {
		if isUpper(identity[i]) {
			key := []byte(identity)
			for ; i < len(key); i++ {
				if isUpper(key[i]) {
					key[i] += 'a' - 'A'
				}
			}
			return string(key)
		}
	}
	return identity
}

// SameIdentity reports whether two identities are the same.
func SameIdentity(a, b string) bool { return IdentityKey(a) == IdentityKey(b) }

// ContainsIdentity reports whether list has an identity.
func ContainsIdentity(list []string, identity string) bool {
	key := IdentityKey(identity)
	return slices.ContainsFunc(list, func(s string) bool { return IdentityKey(s) == key })
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
