package text

import "strings"

// IdentityKey is what a worker's identity is compared by: two identities are the
// same when their keys are equal. In an e-mail address, which is to say in
// anything with an @, the case of ASCII letters does not count; any other
// identity is its own key.
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
