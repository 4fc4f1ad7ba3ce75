package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

func TestProviderFlags_Check(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	good := []string{"--oidc-issuer", "https://login.example.com", "--oidc-client-id", "clientele"}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"an id without an issuer":    {[]string{"--oidc-client-id", "x"}, "need --oidc-issuer"},
		"a secret without an issuer": {[]string{"--oidc-client-secret", "s3cret"}, "need --oidc-issuer"},
		"an issuer without an id":    {good[:2], "needs --oidc-client-id"},
		"an issuer without TLS":      {[]string{"--oidc-issuer", "http://login.example.com", "--oidc-client-id", "x"}, "must use https"},
		"an issuer that is no URL":   {[]string{"--oidc-issuer", "login.example.com", "--oidc-client-id", "x"}, "--oidc-issuer"},
		"a secret with a line break": {append(good[:4:4], "--oidc-client-secret", "s3cret\n"), "client secret"},
		"no URL for the way back":    {append(good[:4:4], "--addr", "0.0.0.0:0"), "needs --public-url"},
	} {
		got := run(t, "", append([]string{"serve", "--addr", "127.0.0.1:0", "--database", db}, c.args...)...)
		if got.code != exitUsage || !strings.Contains(got.err, c.want) || strings.Contains(got.err, "s3cret") {
			t.Errorf("serve with %s: exit code %d, %q; want 2 and %q", name, got.code, got.err, c.want)
		}
	}
	if _, err := os.Stat(db); err == nil {
		t.Error("serve with invalid flags created a database")
	}
	if got := run(t, "", "help", "serve"); !strings.Contains(got.out, "--oidc-client-secret SECRET") || !strings.Contains(got.out, "CLIENTELE_OIDC_CLIENT_SECRET") {
		t.Error("help serve does not name the variable of the client secret")
	}
}

func TestUserSetCommand(t *testing.T) {
	db := sqlitetest.File(t)
	on := func(want int, said string, args ...string) string {
		t.Helper()
		got := run(t, "correct horse", append(args, "--database", db)...)
		if got.code != want || !strings.Contains(got.err+got.out, said) {
			t.Errorf("clientele %v: exit code %d, %q; want %d and %q", args, got.code, got.err+got.out, want, said)
		}
		return got.out
	}
	on(exitDone, "Added ada", "user", "add", "ada", "--role", "admin", "--password-stdin")
	on(exitDone, "Added bob", "user", "add", "bob", "--no-password")
	on(exitDone, "Added eve", "user", "add", "eve", "--role", "admin", "--may-export=false", "--password-stdin")
	table := on(exitDone, "", "user", "list")
	for _, want := range []string{"ada        admin    password", "bob        worker   nothing yet", "never"} {
		if !strings.Contains(table, want) {
			t.Errorf("user list has no %q:\n%s", want, table)
		}
	}
	exports := func(identity string) string {
		for line := range strings.Lines(on(exitDone, "", "user", "list")) {
			if strings.HasPrefix(line, identity) {
				return line
			}
		}
		return ""
	}
	if !strings.Contains(exports("ada"), "yes") || strings.Contains(exports("eve"), "yes") || strings.Contains(exports("bob"), "yes") {
		t.Errorf("user list, want only ada to export:\n%s", table)
	}
	on(exitUsage, "nothing to change", "user", "set", "ada")
	on(exitUsage, "cannot be combined", "user", "set", "ada", "--deactivate", "--activate")
	on(exitUsage, "worker or admin", "user", "set", "ada", "--role", "root")
	on(exitUsage, "only administrators", "user", "set", "ada", "--role", "worker", "--may-export")
	on(exitFailed, "there is no person carol", "user", "set", "carol", "--role", "admin")
	on(exitFailed, "Only administrators can export", "user", "set", "bob", "--may-export")
	on(exitDone, "bob may export", "user", "set", "bob", "--role", "admin", "--may-export")
	on(exitDone, "ada is deactivated", "user", "set", "ada", "--deactivate")
	if !strings.Contains(exports("ada"), "deactivated") {
		t.Errorf("user list of ada = %q, want deactivated", exports("ada"))
	}
	on(exitDone, "eve now has the role worker", "user", "set", "eve", "--role", "worker")
	on(exitFailed, "the last active administrator", "user", "set", "bob", "--deactivate")
	on(exitDone, "ada can sign in again", "user", "set", "ada", "--activate")
	on(exitDone, "bob may not export", "user", "set", "bob", "--may-export=false")
	on(exitDone, "signed out", "user", "set", "bob", "--unbind")
	if out := on(exitDone, "", "user", "list", "--json"); !strings.Contains(out, `"may_export": true`) || strings.Contains(out, "argon2") {
		t.Errorf("user list --json, want an export permission and no password hash:\n%s", out)
	}
}

func TestSignInPasswordsCommand(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "a.db")
	if got := run(t, "correct horse", "user", "add", "ada", "--role", "admin", "--password-stdin", "--database", db); got.code != exitDone {
		t.Fatal(got.err)
	}
	passwords := func(code int, said string, args ...string) string {
		t.Helper()
		got := run(t, "", append([]string{"signin", "passwords", "--database", db}, args...)...)
		if got.code != code || !strings.Contains(got.err, said) {
			t.Errorf("signin passwords %v: exit code %d, %q; want %d and %q", args, got.code, got.err, code, said)
		}
		return strings.TrimSpace(got.out)
	}
	if got := passwords(exitDone, "", "show"); got != "on" {
		t.Errorf("signin passwords show = %q, want on by default", got)
	}
	passwords(exitDone, "with it only", "off")
	if got := passwords(exitDone, "", "show"); got != "off" {
		t.Errorf("signin passwords show after off = %q, want off", got)
	}
	passwords(exitDone, "with it only", "off")
	if got := auditOf(t, db, "--action", "setting"); len(got) != 1 {
		t.Errorf("audit after signin passwords off twice = %v, want one entry", got)
	}
	passwords(exitUsage, "on, off or show", "maybe")
	passwords(exitUsage, "works only with on", "off", "--reset")
	// A wrong secret file changes nothing, and a missing one is not created.
	other, missing := filepath.Join(dir, "other"), filepath.Join(dir, "missing")
	if err := os.WriteFile(other, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	passwords(exitFailed, "is the wrong one", "on", "--secret-file", other)
	passwords(exitFailed, "does not exist", "on", "--secret-file", missing)
	if _, err := os.Stat(missing); err == nil {
		t.Error("signin passwords on created a secret file")
	}
	if got := passwords(exitDone, "", "show"); got != "off" {
		t.Errorf("signin passwords show after wrong secret files = %q, want off", got)
	}
	passwords(exitDone, "with their passwords", "on")
	if got := passwords(exitDone, "", "show"); got != "on" {
		t.Errorf("signin passwords show after on = %q, want on", got)
	}
	passwords(exitDone, "with their passwords", "on", "--reset", "--secret-file", other)
	if got := passwords(exitDone, "", "show", "--secret-file", other); got != "on" {
		t.Errorf("signin passwords show after on --reset = %q, want on", got)
	}
}

func TestSignInSessionsCommand(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "a.db")
	if got := run(t, "correct horse", "user", "add", "ada", "--role", "admin", "--password-stdin", "--database", db); got.code != exitDone {
		t.Fatal(got.err)
	}
	sessions := func(code int, out, said string, args ...string) {
		t.Helper()
		got := run(t, "", append([]string{"signin", "sessions", "--database", db}, args...)...)
		if got.code != code || got.out != out || !strings.Contains(got.err, said) {
			t.Errorf("signin sessions %v: exit code %d, %q, %q; want %d, %q and %q", args, got.code, got.out, got.err, code, out, said)
		}
	}
	sessions(exitDone, "idle-days 30\nmax-days 90\n", "")
	sessions(exitDone, "", "", "--idle-days", "7")
	sessions(exitDone, "idle-days 7\nmax-days 90\n", "")
	sessions(exitUsage, "", "from 1 to 365 days", "--max-days", "400")
	sessions(exitUsage, "", "can't last longer", "--max-days", "5")
	sessions(exitFailed, "", "does not exist", "--max-days", "60", "--secret-file", filepath.Join(dir, "missing"))
	sessions(exitDone, "idle-days 7\nmax-days 90\n", "")
}
