package account

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxIdentityBytes limits an identity.
const MaxIdentityBytes = 256

// maxAgentBytes limits the stored User-Agent of a session.
const maxAgentBytes = 200

// everyone stands for all workers in the owners of a customer.
const everyone = "*"

// ValidateIdentity returns an *InvalidError when identity cannot be a person's.
func ValidateIdentity(identity string) error {
	switch {
	case identity == "":
		return &InvalidError{"Enter an identity."}
	case len(identity) > MaxIdentityBytes:
		return &InvalidError{fmt.Sprintf("The identity is too long. Use up to %d bytes.", MaxIdentityBytes)}
	case !utf8.ValidString(identity):
		return &InvalidError{"The identity isn't valid UTF-8."}
	case strings.ContainsFunc(identity, isInvisible):
		return &InvalidError{"The identity contains invisible characters."}
	case strings.TrimSpace(identity) != identity:
		return &InvalidError{"The identity starts or ends with a space."}
	case identity == everyone:
		return &InvalidError{"“*” means all workers. Choose another identity."}
	}
	return nil
}

// isInvisible reports whether r can make two identities look alike or break a line:
// controls, formats such as bidi marks, line separators.
func isInvisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// ValidateRole returns an *InvalidError for an unknown role.
func ValidateRole(r Role) error {
	if r != RoleWorker && r != RoleAdmin {
		return &InvalidError{"The role must be worker or admin."}
	}
	return nil
}

// Validate returns an *InvalidError when preferences cannot be stored. It checks only the
// form of Language: package locale knows which languages exist.
func (p Preferences) Validate() error {
	switch p.Theme {
	case "", "light", "dark":
	default:
		return &InvalidError{"The theme must be light, dark, or empty."}
	}
	if !isLanguageTag(p.Language) {
		return &InvalidError{"Unknown language."}
	}
	// time.LoadLocation takes "Local" for the server's own zone.
	if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" || len(p.TimeZone) > 64 {
		return &InvalidError{"Unknown time zone. Use a name such as Europe/Vienna."}
	}
	return nil
}

// isLanguageTag reports whether tag looks like a BCP 47 tag: runs of one to eight ASCII
// letters and digits, separated by dashes.
func isLanguageTag(tag string) bool {
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

// truncateAgent returns the printable beginning of a User-Agent.
func truncateAgent(agent string) string {
	agent = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if isInvisible(r) {
			return -1
		}
		return r
	}, agent), "")
	if len(agent) <= maxAgentBytes {
		return agent
	}
	return strings.ToValidUTF8(agent[:maxAgentBytes], "")
}
