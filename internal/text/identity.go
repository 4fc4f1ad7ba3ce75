package text

import "strings"

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

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
