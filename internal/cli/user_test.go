package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestUserCommands(t *testing.T) {
	db := filepath.Join(t.TempDir(), "my customers.db")
	done := func(stdin string, args ...string) result {
		t.Helper()
		got := run(t, stdin, append(args, "--database", db)...)
		if got.code != exitDone {
			t.Fatalf("clientele %v: exit code %d, want 0: %s", args, got.code, got.err)
		}
		return got
	}
	failed := func(want, stdin string, args ...string) {
		t.Helper()
		got := run(t, stdin, append(args, "--database", db)...)
		if got.code != exitFailed || !strings.Contains(got.err, want) {
			t.Errorf("clientele %v: exit code %d, %q; want 1 and %q", args, got.code, got.err, want)
		}
	}
	done("correct horse\n", "user", "add", "Zoë@example.com", "--role", "admin", "--password-stdin")
	done("correct horse\r\nignored\n", "user", "add", "bob", "--password-stdin")
	failed("already exists", "correct horse", "user", "add", "zoë@EXAMPLE.com", "--password-stdin")

	table := done("", "user", "list").out
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "Zo") && !strings.HasPrefix(lines[1], "bob") {
		t.Errorf("user list, want a header and two people:\n%s", table)
	}
	for _, want := range []string{"Zoë@example.com   admin", "bob               worker"} {
		if !strings.Contains(table, want) {
			t.Errorf("user list has no %q:\n%s", want, table)
		}
	}
	var people []struct {
		Identity, Role string
		HasPassword    bool `json:"has_password"`
	}
	if err := json.Unmarshal([]byte(done("", "user", "list", "--json").out), &people); err != nil {
		t.Fatal(err)
	}
	if len(people) != 2 || !people[0].HasPassword || strings.Contains(fmt.Sprint(people), "argon2") {
		t.Errorf("user list --json = %+v, want two people without password hashes", people)
	}

	done("battery staple", "user", "password", "bob", "--password-stdin")
	failed("there is no person eve", "battery staple", "user", "password", "eve", "--password-stdin")
	failed("can't be the identity", "zoë@example.com", "user", "password", "Zoë@example.com", "--password-stdin")
	failed("the last active administrator", "", "user", "remove", "ZOë@example.com")
	done("correct horse\n", "user", "add", "root", "--role", "admin", "--password-stdin")
	done("", "user", "remove", "ZOë@example.com")
	failed("there is no person Zoë@example.com", "", "user", "remove", "Zoë@example.com")
	done("", "user", "remove", "bob")

	db = filepath.Join(t.TempDir(), "nobody.db")
	importNothing := filepath.Join(t.TempDir(), "none.json")
	if err := os.WriteFile(importNothing, []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	done("", "import", importNothing)
	if got := done("", "user", "list"); got.out != "" || !strings.Contains(got.err, "No one can sign in yet") {
		t.Errorf("user list of an empty database = %+v", got)
	}
	if got := done("", "user", "list", "--json"); strings.TrimSpace(got.out) != "[]" {
		t.Errorf("user list --json of an empty database = %q, want []", got.out)
	}
}

func TestUserAdd_Concurrent(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			got := run(t, "correct horse", "user", "add", fmt.Sprintf("worker%d", i), "--password-stdin", "--database", db)
			if got.code != exitDone {
				t.Errorf("user add worker%d: exit code %d: %s", i, got.code, got.err)
			}
		})
	}
	all.Wait()
	if got := run(t, "", "user", "list", "--database", db); strings.Count(got.out, "worker ") != 6 {
		t.Errorf("user list, want six workers:\n%s", got.out)
	}
}

func TestTokenCommands(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "a.db")
	if got := run(t, "correct horse", "user", "add", "bob", "--password-stdin", "--database", db); got.code != exitDone {
		t.Fatal(got.err)
	}
	token := func(verb string, more ...string) (string, string) {
		t.Helper()
		got := run(t, "", append([]string{"token", verb, "--database", db}, more...)...)
		if got.code != exitDone || strings.Count(got.out, "\n") != 1 {
			t.Fatalf("token %s: %+v", verb, got)
		}
		return strings.TrimSpace(got.out), got.err
	}
	first, _ := token("show")
	if again, notice := token("show"); again != first || notice != "" {
		t.Errorf("second token show = %q, notice %q, want the same token and no notice", again, notice)
	}
	rotated, _ := token("rotate")
	if rotated == first {
		t.Error("token rotate printed the old token")
	}
	if again, _ := token("show"); again != rotated {
		t.Error("token show after token rotate printed another token")
	}
	// With another secret file no token is shown, and the stored one stays as it is.
	other := filepath.Join(dir, "other.secret")
	if err := os.WriteFile(other, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing.secret")
	for file, want := range map[string]string{missing: "does not exist", other: "is the wrong one"} {
		got := run(t, "", "token", "show", "--database", db, "--secret-file", file)
		if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, want) || !strings.Contains(got.err, "token rotate") {
			t.Errorf("token show --secret-file %s = %+v, want exit code 1 with %q", filepath.Base(file), got, want)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("token show created a secret file that cannot open the token")
	}
	if again, _ := token("show"); again != rotated {
		t.Error("token show after wrong secret files printed another token")
	}
	// A lost secret file allows a new token.
	fresh, _ := token("rotate", "--secret-file", missing)
	if again, _ := token("show", "--secret-file", missing); again != fresh || fresh == rotated {
		t.Error("token show after token rotate with a new secret file printed another token")
	}
}
