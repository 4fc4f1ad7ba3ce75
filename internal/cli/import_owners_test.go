package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestImport_OwnersWithoutAccount(t *testing.T) {
	const file = "name,owner\nA,Alice Adams\nB,Alice Adams\nC,bob@example.com\nD,eve@example.com\n"
	inTempDir(t, map[string]string{"crm.csv": file})
	mustRun(t, "", "user", "add", "alice@example.com", "--no-password", "--database", "x.db")
	mustRun(t, "", "user", "add", "eve@example.com", "--no-password", "--database", "x.db")
	const want = `
2 owners have no account yet, and can't see their 3 customers:
  Alice Adams (2), bob@example.com (1)
Add them with clientele user add, or match them to people who have an account:
import again with --owner 'Alice Adams=IDENTITY', or open People in the console.
`
	for _, args := range [][]string{{"--dry-run"}, nil, {"--dry-run", "--owner", "bob@example.com=alice@example.com"}} {
		r := mustRun(t, "", append([]string{"import", "--database", "x.db", "crm.csv"}, args...)...)
		if told := strings.Contains(r.out, want); told != (len(args) < 2) {
			t.Errorf("import %v: standard output\n%s\nwant%s", args, r.out, want)
		}
	}
	r := mustRun(t, "", "import", "--database", "x.db", "crm.csv", "--owner", "Alice Adams=alice@example.com")
	if !strings.Contains(r.out, "updated  2\n") || !strings.Contains(r.out, "1 owner has no account yet, and can't see their 1 customer:\n  bob@example.com (1)\n") {
		t.Errorf("import --owner: %s", r.out)
	}
	again := mustRun(t, "", "import", "--database", "x.db", "crm.csv", "--json")
	var report struct {
		Unchanged int
		Owners    []struct {
			Owner     string
			Customers int
		} `json:"owners_without_account"`
		WithoutAccount int `json:"without_account"`
	}
	if err := json.Unmarshal([]byte(again.out), &report); err != nil || fmt.Sprint(report) != "{4 [{bob@example.com 1}] 1}" {
		t.Errorf("import --json without --owner = %v, %v: %s", report, err, again.out)
	}
	var matched []string
	for _, e := range auditOf(t, "x.db") {
		if strings.HasPrefix(e.Action, "owner-") {
			matched = append(matched, e.Action+" "+e.Subject+" "+e.Detail)
		}
	}
	if got := strings.Join(matched, "; "); got != "owner-matched Alice Adams to alice@example.com" {
		t.Errorf("audit = %s, want one match", got)
	}
}

func TestImport_OwnerFlag_Refusals(t *testing.T) {
	inTempDir(t, map[string]string{"crm.csv": "name,owner\nA,Alice Adams\n"})
	mustRun(t, "", "user", "add", "bob", "--no-password", "--database", "x.db")
	for match, want := range map[string]string{
		"Alice Adams":       "write OWNER=IDENTITY",
		"=bob":              "write OWNER=IDENTITY",
		"Alice Adams= ":     "write OWNER=IDENTITY",
		"Alice Adams=alice": "alice has no account: add it first with clientele user add alice",
		"bob=bob":           "bob has an account and needs no match",
	} {
		for _, dry := range []string{"--dry-run", "--dry-run=false"} {
			r := run(t, "", "import", "--database", "x.db", "crm.csv", dry, "--owner", match)
			if r.code == exitDone || !strings.Contains(r.err, want) || r.out != "" {
				t.Errorf("import %s --owner %q: exit code %d, standard error %q, want %q", dry, match, r.code, r.err, want)
			}
		}
	}
	if got := mustRun(t, "", "export", "--database", "x.db").out; got != "" {
		t.Errorf("export = %s, want no customers", got)
	}
}

func TestImport_OwnersWithoutAccount_ListsTen(t *testing.T) {
	inTempDir(t, nil)
	var file strings.Builder
	file.WriteString("id,name,owner\n")
	for i := range 120 {
		fmt.Fprintf(&file, "%d,N,O'Owner %03d\n", i, i)
	}
	r := mustRun(t, file.String(), "import", "--database", "x.db", "-")
	if !strings.Contains(r.out, "120 owners have no account yet, and can't see their 120 customers:") || !strings.Contains(r.out, "and 110 more\n") ||
		strings.Count(r.out, "O'Owner ") != 10 || !strings.Contains(r.out, `--owner 'O'\''Owner 000=IDENTITY'`) {
		t.Errorf("import: %s", r.out)
	}
}
