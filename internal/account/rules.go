package account

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of what people may be called and of passwords.
const (
	MaxIdentityBytes   = 256
	MinPasswordLetters = 8 // characters, not bytes
	MaxPasswordBytes   = 1024
)

// maxAgentBytes bounds what is kept of a browser's description of itself.
const maxAgentBytes = 200

// everyone is the name that stands for all workers where customers are assigned.
const everyone = "*"

// ValidateIdentity tells with an *InvalidError why nobody can be called so.
func ValidateIdentity(identity string) error {
	switch {
	case identity == "":
		return &InvalidError{"The identity is empty."}
	case len(identity) > MaxIdentityBytes:
		return &InvalidError{fmt.Sprintf("The identity is longer than %d bytes.", MaxIdentityBytes)}
	case !utf8.ValidString(identity):
		return &InvalidError{"The identity is not valid UTF-8 text."}
	case strings.ContainsFunc(identity, invisible):
		return &InvalidError{"The identity has control or invisible characters in it."}
	case strings.TrimSpace(identity) != identity:
		return &InvalidError{"The identity begins or ends with a blank."}
	case identity == everyone:
		return &InvalidError{"“*” stands for all workers: choose another identity."}
	}
	return nil
}

// invisible tells the characters by which two identities could look alike or
// break a line: controls, formats such as bidi marks, line separators.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// ValidatePassword tells with an *InvalidError why a password cannot be used by
// this person.
func ValidatePassword(identity, password string) error {
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return &InvalidError{"The password has characters that cannot be typed."}
	case utf8.RuneCountInString(password) < MinPasswordLetters:
		return &InvalidError{fmt.Sprintf("The password is too short: use at least %d characters.", MinPasswordLetters)}
	case len(password) > MaxPasswordBytes:
		return &InvalidError{fmt.Sprintf("The password is too long: use at most %d bytes.", MaxPasswordBytes)}
	case strings.EqualFold(strings.TrimSpace(password), identity):
		return &InvalidError{"The password must not be the identity."}
	}
	return nil
}

// ValidateRole tells with an *InvalidError that there is no such role.
func ValidateRole(r Role) error {
	if r != RoleWorker && r != RoleAdmin {
		return &InvalidError{"The role must be worker or admin."}
	}
	return nil
}

// Validate tells with an *InvalidError why preferences cannot be kept. Language
// is checked for its form only: who offers languages knows which there are.
func (p Preferences) Validate() error {
	switch p.Theme {
	case "", "light", "dark":
	default:
		return &InvalidError{"The theme must be light, dark, or that of the device."}
	}
	if !languageForm(p.Language) {
		return &InvalidError{"This language is not known."}
	}
	// time.LoadLocation takes "Local" for the server's own zone, which is not a
	// name that means the same elsewhere.
	if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" || len(p.TimeZone) > 64 {
		return &InvalidError{"This time zone is not known: use a name such as Europe/Vienna."}
	}
	return nil
}

// languageForm tells whether tag looks like a BCP 47 tag: ASCII letters and
// digits in runs of one to eight, with dashes between.
func languageForm(tag string) bool {
	if tag == "" {
		return true
	}
	if len(tag) > 35 {
		return false
	}
	for part := range strings.SplitSeq(tag, "-") {
		if part == "" || len(part) > 8 || strings.ContainsFunc(part, func(r rune) bool {
			return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) {
			return false
		}
	}
	return true
}

// shortAgent keeps the readable beginning of a browser's description.
func shortAgent(agent string) string {
	agent = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, agent), "")
	if len(agent) <= maxAgentBytes {
		return agent
	}
	return strings.ToValidUTF8(agent[:maxAgentBytes], "")
}
