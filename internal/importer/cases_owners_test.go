package importer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/text"
)

// accounts returns an Options.HasAccount for these people.
func accounts(people ...string) func(string) bool {
	return func(identity string) bool { return text.ContainsIdentity(people, identity) }
}

// ownersOf returns the owners of every customer, by name.
func ownersOf(t *testing.T, text string, opts importer.Options) (string, importer.Report) {
	t.Helper()
	store := newStore(t)
	report := run(t, store, text, opts)
	var list []string
	for _, c := range all(t, store) {
		list = append(list, c.Name+"="+strings.Join(c.Workers, "+"))
	}
	slices.Sort(list)
	return strings.Join(list, " "), report
}

// without returns the owners without an account in short.
func without(r importer.Report) string {
	var b strings.Builder
	for _, o := range r.OwnersWithoutAccount {
		fmt.Fprintf(&b, "%s:%d ", o.Owner, o.Customers)
	}
	fmt.Fprintf(&b, "more:%d customers:%d", r.MoreOwners, r.WithoutAccount)
	return b.String()
}

func TestImport_OwnersWithoutAccount(t *testing.T) {
	const file = "name,email,owner\nA,a@x.example,Alice Adams\nB,b@x.example,Alice Adams;Bob@Example.com\nC,c@x.example,*\n" +
		"D,d@x.example,\nE,e@x.example,bob@example.com\nF,f@x.example,eve@example.com;gone@example.com\nF,f@x.example,Skipped\n"
	for _, c := range []struct{ name, text, owners, without string }{
		{"CSV", file, "A=Alice Adams B=Alice Adams+Bob@Example.com C=* D= E=bob@example.com F=eve@example.com+gone@example.com",
			"Alice Adams:2 eve@example.com:1 gone@example.com:1 more:0 customers:3"},
		{"JSON", `[{"name":"A","owner":{"name":"Alice Adams"}},{"name":"B","workers":["bob@example.com"]},{"name":"C","owner":"eve@example.com"}]`,
			"A=Alice Adams B=bob@example.com C=eve@example.com", "Alice Adams:1 eve@example.com:1 more:0 customers:2"},
		{"a file without owners", "name\nA\nB\n", "A=Alice Adams B=Alice Adams", "Alice Adams:2 more:0 customers:2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, report := ownersOf(t, c.text, importer.Options{Worker: "Alice Adams", HasAccount: accounts("bob@example.com")})
			if got != c.owners {
				t.Errorf("owners = %s, want %s", got, c.owners)
			}
			if got := without(report); got != c.without {
				t.Errorf("without account = %s, want %s", got, c.without)
			}
		})
	}
}

// A second import changes nothing, and counts the owners of unchanged customers.
func TestImport_OwnerMatches(t *testing.T) {
	for name, text := range map[string]string{
		"CSV":                   "name,email,owner\nA,a@x.example,Alice Adams\nB,b@x.example,alice@example.com;Alice Adams;Bob\nC,c@x.example,Gone\n",
		"JSON":                  `[{"name":"A","owner":"Alice Adams"},{"name":"B","workers":["alice@example.com","Alice Adams","Bob"]},{"name":"C","owner":"Gone"}]`,
		"a file without owners": "name\nA\nB\nC\n",
	} {
		opts := importer.Options{
			Worker: "Alice Adams", HasAccount: accounts("alice@example.com"), TransactionRows: 1,
			OwnerMatches: map[string]string{"Alice Adams": "alice@example.com", "Gone": "left@example.com"},
		}
		wantOwners, wantWithout := "A=alice@example.com B=Bob+alice@example.com C=Gone", "Bob:1 Gone:1 more:0 customers:2"
		if strings.HasPrefix(name, "a file") {
			wantOwners, wantWithout = "A=alice@example.com B=alice@example.com C=alice@example.com", "more:0 customers:0"
		}
		t.Run(name, func(t *testing.T) {
			got, report := ownersOf(t, text, opts)
			if got != wantOwners || without(report) != wantWithout {
				t.Errorf("owners = %s, without account %s\nwant     %s, without account %s", got, without(report), wantOwners, wantWithout)
			}
			if told := strings.Contains(strings.Join(report.Notes, "\n"), `"Gone" was matched to "left@example.com", who no longer has an account`); told != strings.Contains(wantWithout, "Gone") {
				t.Errorf("Notes = %q", report.Notes)
			}
			store := newStore(t)
			run(t, store, text, opts)
			before := dump(t, store)
			again := run(t, store, text, opts)
			if again.Unchanged != 3 || without(again) != wantWithout {
				t.Errorf("the second import = %+v, without account %s", countsOf(again), without(again))
			}
			if diff := cmp.Diff(before, dump(t, store)); diff != "" {
				t.Errorf("the second import changed (-before +after):\n%s", diff)
			}
		})
	}
}

// A matched owner is the person in pruning, too.
func TestImport_OwnerMatches_Prune(t *testing.T) {
	store := newStore(t)
	run(t, store, "id,name,owner\n1,A,alice@example.com\n2,B,alice@example.com\n3,C,bob\n", importer.Options{})
	report := run(t, store, "id,name\n1,A\n", importer.Options{
		Worker: "Alice Adams", Prune: true, PruneAnyway: true, OwnerMatches: map[string]string{"Alice Adams": "alice@example.com"},
	})
	if report.PruneScope != 2 || report.Pruned != 1 || len(all(t, store)) != 2 {
		t.Errorf("Import with Prune = %d of %d, want 1 of 2", report.Pruned, report.PruneScope)
	}
}

func TestImport_OwnersWithoutAccount_AreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("name,owner\n")
	for i := range 150 {
		fmt.Fprintf(&b, "N%d,Owner %03d\nM%d,Owner %03d\n", i, i, i, i%40)
	}
	_, report := ownersOf(t, b.String(), importer.Options{HasAccount: accounts()})
	if n := len(report.OwnersWithoutAccount); n != 100 || report.MoreOwners != 50 || report.WithoutAccount != 300 || report.OwnersWithoutAccount[0] != (importer.OwnerCount{Owner: "Owner 000", Customers: 5}) {
		t.Errorf("%d owners, the first %v, %d more, %d customers; want 100, Owner 000 with 5, 50 and 300", n, report.OwnersWithoutAccount[0], report.MoreOwners, report.WithoutAccount)
	}
}

func TestImport_SharedCase_OwnerNames(t *testing.T) {
	_, report := ownersOf(t, shared(t, "cases/owner-names.csv"), importer.Options{HasAccount: accounts()})
	if got, want := without(report), "Alice Adams:2 Brown, Bob:1 more:0 customers:3"; got != want {
		t.Errorf("without account = %s, want %s", got, want)
	}
	if report.Rows != 4 || report.Created != 4 || report.Unassigned != 1 {
		t.Errorf("report = %+v, want four customers, one unassigned", countsOf(report))
	}
}
