package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store"
)

// auditLine is an entry as the command writes it.
type auditLine struct {
	When                                         time.Time
	Actor, Via, Action, Subject, Detail, Address string
	Count                                        int
	Unusual                                      bool
}

// auditOf returns the entries that the command writes with these filters, the oldest
// first.
func auditOf(t *testing.T, file string, filters ...string) (lines []auditLine) {
	t.Helper()
	got := run(t, "", append([]string{"audit", "--format", "json", "--database", file}, filters...)...)
	if got.code != exitDone {
		t.Fatal(got.err)
	}
	decoder := json.NewDecoder(strings.NewReader(got.out))
	for decoder.More() {
		var line auditLine
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		lines = append([]auditLine{line}, lines...)
	}
	return lines
}

func TestCommands_WriteAudit(t *testing.T) {
	dir := t.TempDir()
	file, customers := filepath.Join(dir, "a.db"), filepath.Join(dir, "customers.csv")
	if err := os.WriteFile(customers, []byte("id,name,owner\n1,Zoë,ada\n2,,\n3,Bob,ada\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := func(stdin string, args ...string) result {
		t.Helper()
		return run(t, stdin, append(args, "--database", file)...)
	}
	command("battery staple", "user", "add", "root", "--role", "admin", "--password-stdin")
	command("battery staple", "user", "add", "ada", "--password-stdin")
	command("battery staple", "user", "add", "ada", "--password-stdin") // is there already
	command("", "user", "set", "ada", "--role", "admin", "--may-export")
	command("", "user", "set", "ada", "--deactivate")
	command("", "user", "set", "ada", "--deactivate", "--role", "admin", "--may-export", "--unbind") // as it is already
	command("", "user", "set", "ada", "--activate", "--role", "worker")
	command("s3same open s3same", "user", "password", "ada", "--password-stdin")
	command("", "user", "list")
	command("", "token", "rotate")
	command("", "token", "show")
	command("", "import", customers, "--dry-run")
	command("", "import", customers)
	command("id,name\n4,Eve\n", "import", "-", "--worker", "ada")
	command("", "export", "--format", "csv")
	command("", "user", "remove", "root") // the last administrator
	command("", "user", "remove", "ada")

	want := []string{
		"person-added root role: Administrator, can export",
		"person-added ada role: Worker",
		"person-changed ada role: Administrator",
		"person-changed ada can export",
		"person-changed ada deactivated",
		"person-changed ada reactivated",
		"person-changed ada role: Worker",
		"person-changed ada new password",
		"setting token new token generated",
		"import customers.csv started",
		"import customers.csv 2 created, 1 rejected 3",
		"import standard input started",
		"import standard input 1 created 1",
		"export csv unusual",
		"person-removed ada",
		"audit-export all entries",
	}
	for i, e := range auditOf(t, file) {
		said := strings.Join(strings.Fields(e.Action+" "+e.Subject+" "+e.Detail), " ")
		if e.Count > 0 {
			said += " " + strings.TrimSpace(string(rune('0'+e.Count)))
		}
		if e.Unusual {
			said += " unusual"
		}
		if i >= len(want) {
			t.Fatalf("audit entry %d = %q, want none", i, said)
		}
		if said != want[i] {
			t.Errorf("audit entry %d = %q, want %q", i, said, want[i])
		}
		if e.Via != "command" || e.Actor != systemUser() || !strings.HasPrefix(e.Actor, "os:") || e.Address != "" || time.Since(e.When) > time.Minute {
			t.Errorf("audit entry %d = %+v, want one of this user by command, just now", i, e)
		}
		if i == len(want)-1 {
			return
		}
	}
	t.Errorf("audit has fewer than %d entries", len(want))
}

// Two commands at the same time may both find something to change.
func TestAct_WritesAnEntryOnlyForAChange(t *testing.T) {
	file := newDatabase(t)
	err := withDatabase(t.Context(), file, func(db *store.DB) error {
		for _, changed := range []bool{false, true} {
			e := audit.Entry{Action: audit.SettingChanged, Subject: fmt.Sprint(changed)}
			if err := act(t.Context(), db, e, func(context.Context) (bool, error) { return changed, nil }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := auditOf(t, file, "--action", "setting"); len(got) != 1 || got[0].Subject != "true" {
		t.Errorf("audit = %v, want the entry of the change", got)
	}
}

func TestAuditCommand_FiltersAndFormats(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.db")
	db, err := openDatabase(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	day := func(d int) time.Time { return time.Date(2026, 3, d, 23, 59, 59, 999_999_000, time.UTC) }
	if err := db.Audit().AddEntries(t.Context(), []audit.Entry{
		{When: day(1), Actor: "ada@example.com", Action: audit.Viewed, Subject: "=C-1", Name: "Zoë"},
		{When: day(2), Actor: "bob", Action: audit.Viewed, Subject: "C-2"},
		{When: day(3), Actor: "bob", Action: audit.UnusualViews, Count: 61, Unusual: true},
		{When: day(4), Actor: "bob", Action: audit.SignedOut},
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for filters, want := range map[string]string{
		"":                                      "view view unusual-views sign-out",
		"--actor ADA@example.com":               "view",
		"--actor bob --action view":             "view",
		"--action view,sign-out":                "view view sign-out",
		"--action view --action unusual-views":  "view view unusual-views",
		"--subject C-2":                         "view",
		"--unusual":                             "unusual-views",
		"--from 2026-03-02 --to 2026-03-03":     "view unusual-views",
		"--from 2026-03-05 --to 2026-03-20":     "",
		"--from 2026-03-04 --to 2026-03-04":     "sign-out",
		"--actor nobody":                        "",
		"--to 2026-03-01 --actor bob":           "",
		"--subject =C-1 --actor " + "A@b":       "",
		"--subject =C-1 --from 2026-03-01":      "view",
		"--subject c-2":                         "",
		"--actor BOB":                           "",
		"--action sign-out --unusual":           "",
		"--action sign-out --from 2026-03-04":   "sign-out",
		"--action person-added --actor os:root": "",
	} {
		var got []string
		for _, e := range auditOf(t, file, strings.Fields(filters)...) {
			if e.Action != string(audit.AuditExported) {
				got = append(got, e.Action)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("audit %s: actions %v, want %s", filters, got, want)
		}
	}
	got := run(t, "", "audit", "--database", file, "--to", "2026-03-01")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.out, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || strings.Join(rows[1][1:], "|") != "2026-03-01T23:59:59Z|ada@example.com||view|'=C-1|Zoë|||||" {
		t.Errorf("audit --to 2026-03-01: CSV %q, %v", rows, err)
	}
	if mine := auditOf(t, file, "--action", "audit-export"); len(mine) < 2 || mine[0].Detail == "" {
		t.Errorf("audit --action audit-export = %+v, want the exports above", mine)
	}
	for args, want := range map[string]string{
		"--format xml":       "csv or json",
		"--action view,fly":  "--action fly: unknown action",
		"--from 1.3.2026":    "write a day as 2026-03-01",
		"--to 2026-02-30":    "write a day as 2026-03-01",
		"--database none.db": "there is no database",
	} {
		if got := run(t, "", append([]string{"audit"}, strings.Fields(args)...)...); got.code == exitDone || !strings.Contains(got.err, want) {
			t.Errorf("audit %s: exit code %d, %q; want an error with %q", args, got.code, got.err, want)
		}
	}
}

// TestCommands_RefusedWithoutAudit checks that nothing is exported or changed without an
// audit entry.
func TestCommands_RefusedWithoutAudit(t *testing.T) {
	file := newDatabase(t)
	db := openRaw(t, file)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'broken'); END"); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"export", "export --format csv", "audit", "audit --format json"} {
		got := run(t, "", append(strings.Fields(args), "--database", file)...)
		if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, "writing the audit entry failed") {
			t.Errorf("clientele %s: exit code %d, standard output %q, standard error %q", args, got.code, got.out, got.err)
		}
	}
	got := run(t, "id,name\n4,Eve\n", "import", "-", "--worker", "ada", "--database", file)
	if got.code != exitFailed || !strings.Contains(got.err, "nothing was written") {
		t.Errorf("import: exit code %d, %q", got.code, got.err)
	}
	// What cannot be recorded is not changed.
	people := run(t, "", "user", "list", "--database", file).out
	for _, args := range []string{"token rotate", "masking on", "signin passwords off", "user set ada@example.com --deactivate", "user remove ada@example.com", "user add eve --no-password"} {
		got := run(t, "", append(strings.Fields(args), "--database", file)...)
		if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, "audit") {
			t.Errorf("clientele %s: exit code %d, %q, %q", args, got.code, got.out, got.err)
		}
	}
	if got := run(t, "", "user", "list", "--database", file).out; got != people {
		t.Errorf("user list = %s, want it unchanged:\n%s", got, people)
	}
	if got := run(t, "", "masking", "show", "--database", file).out; got != "off\n" {
		t.Errorf("masking show = %s, want off", got)
	}
}
