package account

import (
	"errors"
	"strings"
	"testing"
)

// isInvalid reports whether err is an *InvalidError with a sentence.
func isInvalid(t *testing.T, err error) bool {
	t.Helper()
	var invalid *InvalidError
	if err == nil {
		return false
	}
	if !errors.As(err, &invalid) || !strings.HasSuffix(invalid.Reason, ".") && !strings.Contains(invalid.Reason, ": ") {
		t.Errorf("error = %v, want an InvalidError with a sentence", err)
	}
	return true
}

func TestValidateIdentity(t *testing.T) {
	for identity, wantInvalid := range map[string]bool{
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
		if got := isInvalid(t, ValidateIdentity(identity)); got != wantInvalid {
			t.Errorf("ValidateIdentity(%.40q) fails: %v, want %v", identity, got, wantInvalid)
		}
	}
}

func TestValidatePassword(t *testing.T) {
	for password, wantInvalid := range map[string]bool{
		"pässwörd":                           false, // eight characters
		"密码是一只绿色的鸟":                          false,
		"with blanks in it ":                 false,
		strings.Repeat("word ", 204) + "end": false,
		"1234567":                            true,
		"pässwör":                            true, // seven characters, nine bytes
		"":                                   true,
		strings.Repeat("x", 1025):            true,
		"alice.liddell":                      true,
		"ALICE.Liddell":                      true,
		"null\x00null":                       true,
		"\xff\xff\xff\xff\xff\xff\xff\xff":   true,
	} {
		if got := isInvalid(t, ValidatePassword("alice.liddell", password)); got != wantInvalid {
			t.Errorf("ValidatePassword(%.40q) fails: %v, want %v", password, got, wantInvalid)
		}
	}
}

func TestIsCommonPassword(t *testing.T) {
	for password, want := range map[string]bool{
		"password": true, "Password1!": true, "P@ssw0rd": true, "passw0rd2026": true, "$un$hine": true, "__Sunshine__": true, "Summer2026!": true,
		"12345678": true, "87654321": true, "1234567890123": true, "abcdefgh": true, "        ": true, "aaaaaaaa": true, "abababab": true, "abc12abc12": true,
		"hellohello": true, "abcabcabc": true, "密码密码密码密码": true, "qwertyui": true, "Qwertz12": true, "ytrewqwe": false, "poiuytre": true, "1qaz2wsx": true,
		"q1234567": true, "1234567q": true, "abc12345": true, "123qwe123": true, "qwe123456!": true, "!QAZ2wsx": true, "abc-def-123": true, "fedc4321": true,
		"dragon monkey sunshine": false, "q7a2z9w4": false, "83920175q": false,
		"clientele": true, "Clientele-2026": true, "iloveyou": true, "trustno1": true, "ichliebedich": true,
		"alice.liddell@example.com": true, "ALICE.liddell99": true, "99alice.liddell": true,
		"correct horse": false, "alice in wonderland": false, "wonderland 1865": false, "kxzp-wqrt-bcdf-ghjk": false, "pässwörd": false, "sunshine and rain": false,
	} {
		if got := IsCommonPassword("Alice.Liddell@example.com", password); got != want {
			t.Errorf("IsCommonPassword(%q) = %v, want %v", password, got, want)
		}
	}
	for _, identity := range []string{"+15551234567", "12345678901", ""} {
		if IsCommonPassword(identity, "correct horse") {
			t.Errorf("IsCommonPassword(%q, correct horse) = true, want false", identity)
		}
	}
	if n := len(commonWords()); n < 1000 {
		t.Errorf("%d common words, want 1000 or more", n)
	}
	for range 100 {
		if p := generatePassword(); ValidatePassword("alice", p) != nil {
			t.Errorf("ValidatePassword(%q), a generated one = %v, want nil", p, ValidatePassword("alice", p))
		}
	}
}

func TestPreferences_Validate(t *testing.T) {
	for name, c := range map[string]struct {
		p           Preferences
		wantInvalid bool
	}{
		"zero value":           {Preferences{}, false},
		"all set":              {Preferences{"dark", "de-AT", "Europe/Vienna"}, false},
		"UTC":                  {Preferences{TimeZone: "UTC"}, false},
		"unknown theme":        {Preferences{Theme: "Dark"}, true},
		"zone of the server":   {Preferences{TimeZone: "Local"}, true},
		"zone with a path":     {Preferences{TimeZone: "../../etc/passwd"}, true},
		"unknown zone":         {Preferences{TimeZone: "Mars/Olympus"}, true},
		"language with a path": {Preferences{Language: "../de"}, true},
		"language with a dash": {Preferences{Language: "de-"}, true},
		"long language":        {Preferences{Language: strings.Repeat("ab-", 20) + "ab"}, true},
	} {
		if got := isInvalid(t, c.p.Validate()); got != c.wantInvalid {
			t.Errorf("Validate(%s) fails: %v, want %v", name, got, c.wantInvalid)
		}
	}
}

func TestValidateRole(t *testing.T) {
	for role, wantInvalid := range map[Role]bool{RoleWorker: false, RoleAdmin: false, "": true, "Admin": true, "root": true} {
		if got := isInvalid(t, ValidateRole(role)); got != wantInvalid {
			t.Errorf("ValidateRole(%q) fails: %v, want %v", role, got, wantInvalid)
		}
	}
}
