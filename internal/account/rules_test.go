package account

import (
	"errors"
	"strings"
	"testing"
)

// refused tells whether err is an *InvalidError with a plain sentence.
func refused(t *testing.T, err error) bool {
	t.Helper()
	var invalid *InvalidError
	if err == nil {
		return false
	}
	if !errors.As(err, &invalid) || !strings.HasSuffix(invalid.Reason, ".") && !strings.Contains(invalid.Reason, ": ") {
		t.Errorf("%v is not an InvalidError with a sentence", err)
	}
	return true
}

func TestIdentityRules(t *testing.T) {
	for identity, wantRefused := range map[string]bool{
		"alice":                  false,
		"Alice@Example.com":      false,
		"Łukasz O'Neil":          false,
		"王小龙":                    false,
		"+15551234567":           false,
		strings.Repeat("x", 256): false,
		"":                       true,
		" ":                      true,
		" alice":                 true,
		"alice\u00a0":            true,
		"al\nice":                true,
		"al\x00ice":              true,
		"al\u202eice":            true,
		"al\u200bice":            true,
		"al\u2028ice":            true,
		"al\xffice":              true,
		"*":                      true,
		strings.Repeat("x", 257): true,
		strings.Repeat("é", 129): true,
	} {
		if got := refused(t, ValidateIdentity(identity)); got != wantRefused {
			t.Errorf("identity %.40q: refused %v, want %v", identity, got, wantRefused)
		}
	}
}

func TestPasswordRules(t *testing.T) {
	for password, wantRefused := range map[string]bool{
		"12345678":                         false,
		"pässwörd":                         false, // eight characters
		"密码密码密码密码":                         false,
		"with blanks in it ":               false,
		strings.Repeat("x", 1024):          false,
		"1234567":                          true,
		"pässwör":                          true, // seven characters, nine bytes
		"":                                 true,
		strings.Repeat("x", 1025):          true,
		"alice.liddell":                    true,
		"ALICE.Liddell":                    true,
		"null\x00null":                     true,
		"\xff\xff\xff\xff\xff\xff\xff\xff": true,
	} {
		if got := refused(t, ValidatePassword("alice.liddell", password)); got != wantRefused {
			t.Errorf("password %.40q: refused %v, want %v", password, got, wantRefused)
		}
	}
}

func TestPreferenceRules(t *testing.T) {
	for name, c := range map[string]struct {
		p           Preferences
		wantRefused bool
	}{
		"the device's":         {Preferences{}, false},
		"all set":              {Preferences{"dark", "de-AT", "Europe/Vienna"}, false},
		"UTC":                  {Preferences{TimeZone: "UTC"}, false},
		"unknown theme":        {Preferences{Theme: "Dark"}, true},
		"zone of the server":   {Preferences{TimeZone: "Local"}, true},
		"zone with a way out":  {Preferences{TimeZone: "../../etc/passwd"}, true},
		"unknown zone":         {Preferences{TimeZone: "Mars/Olympus"}, true},
		"language with a path": {Preferences{Language: "../de"}, true},
		"language with a dash": {Preferences{Language: "de-"}, true},
		"long language":        {Preferences{Language: strings.Repeat("ab-", 20) + "ab"}, true},
	} {
		if got := refused(t, c.p.Validate()); got != c.wantRefused {
			t.Errorf("%s: refused %v, want %v", name, got, c.wantRefused)
		}
	}
}

func TestRolesAreTwo(t *testing.T) {
	for role, wantRefused := range map[Role]bool{RoleWorker: false, RoleAdmin: false, "": true, "Admin": true, "root": true} {
		if got := refused(t, ValidateRole(role)); got != wantRefused {
			t.Errorf("role %q: refused %v, want %v", role, got, wantRefused)
		}
	}
}
