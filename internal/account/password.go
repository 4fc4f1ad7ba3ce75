package account

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of passwords.
const (
	MinPasswordLetters = 8 // characters, not bytes
	MaxPasswordBytes   = 1024
)

// TemporaryPasswordLife is how long a generated password can be used to sign in.
const TemporaryPasswordLife = 72 * time.Hour

// ValidatePassword returns an *InvalidError when password cannot be this person's.
func ValidatePassword(identity, password string) error {
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return &InvalidError{"The password contains control characters."}
	case utf8.RuneCountInString(password) < MinPasswordLetters:
		return &InvalidError{fmt.Sprintf("The password is too short. Use at least %d characters.", MinPasswordLetters)}
	case len(password) > MaxPasswordBytes:
		return &InvalidError{fmt.Sprintf("The password is too long. Use up to %d bytes.", MaxPasswordBytes)}
	case strings.EqualFold(strings.TrimSpace(password), identity):
		return &InvalidError{"The password can't be the identity."}
	case IsCommonPassword(identity, password):
		return &InvalidError{"The password is easy to guess: it is a common one, a row of keys, or a name. Use several words, for example."}
	}
	return nil
}

// Generated passwords avoid letters that look alike or like digits, and vowels, so that
// no words appear.
const (
	generatedLetters     = "bcdfghjkmnpqrstvwxz"
	generatedGroups      = 4
	generatedGroupLength = 4 // 16 letters of 19: 67 bits
)

// generatePassword returns a password that is easy to read out and type.
func generatePassword() string {
	const usable = 256 / len(generatedLetters) * len(generatedLetters) // higher values would bias the choice
	var b strings.Builder
	for left := generatedGroups * generatedGroupLength; left > 0; {
		var random [1]byte
		if rand.Read(random[:]); int(random[0]) >= usable {
			continue
		}
		b.WriteByte(generatedLetters[int(random[0])%len(generatedLetters)])
		if left--; left > 0 && left%generatedGroupLength == 0 {
			b.WriteByte('-')
		}
	}
	return b.String()
}
