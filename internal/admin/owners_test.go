package admin_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
)

func TestService_MatchOwner(t *testing.T) {
	ts := newTestService(t)
	ts.people = []string{"ann", "alice@example.com"}
	const file = "id,name,owner\n1,A,Alice Adams\n2,B,Alice Adams\n3,C,alice@example.com\n4,D,Eve\n"
	i := ts.importText(file, admin.ImportOptions{})
	if p := i.Preview; len(p.OwnersWithoutAccount) != 2 || p.WithoutAccount != 3 {
		t.Errorf("Preview has %v without account, %d customers, want two owners of 3", p.OwnersWithoutAccount, p.WithoutAccount)
	}
	moved, err := ts.MatchOwner(t.Context(), "ann", " Alice Adams", "alice@example.com")
	if err != nil || moved.State != admin.Done || moved.Done != 2 {
		t.Fatalf("MatchOwner() = %+v, %v, want 2 reassigned", moved, err)
	}
	if got, want := ts.ownerCounts(), "Eve:1 alice@example.com:3"; got != want {
		t.Errorf("owners after MatchOwner() = %s, want %s", got, want)
	}
	again := ts.importText(file, admin.ImportOptions{})
	if r := again.Report; r.Unchanged != 4 || r.WithoutAccount != 1 || ts.ownerCounts() != "Eve:1 alice@example.com:3" {
		t.Errorf("the next import = %+v, owners %s, want no change", r, ts.ownerCounts())
	}
	if err := ts.UnmatchOwner(t.Context(), "ann", "Alice Adams"); err != nil {
		t.Errorf("UnmatchOwner() = %v", err)
	}
	if err := ts.UnmatchOwner(t.Context(), "ann", "Alice Adams"); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("UnmatchOwner() again = %v, want ErrNotFound", err)
	}
	ts.importText(file, admin.ImportOptions{})
	if got, want := ts.ownerCounts(), "Alice Adams:2 Eve:1 alice@example.com:1"; got != want {
		t.Errorf("owners after UnmatchOwner() and an import = %s, want %s", got, want)
	}
	lines := slices.DeleteFunc(ts.audit.lines(), func(line string) bool { return strings.Contains(line, " import ") })
	want := []string{
		`ann owner-matched "Alice Adams" "to=alice%40example.com" 0`, `ann reassigned "Alice Adams" "state=begun&to=alice%40example.com" 2`,
		`ann reassigned "Alice Adams" "to=alice%40example.com" 2`, `ann owner-unmatched "Alice Adams" "" 0`,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("audit = %q, want %q", lines, want)
	}
}

func TestService_MatchOwner_SurvivesARestart(t *testing.T) {
	ts := newTestService(t)
	ts.people = []string{"bob"}
	if moved, err := ts.MatchOwner(t.Context(), "ann", "Bob B", "bob"); err != nil || moved.State != admin.Done {
		t.Fatalf("MatchOwner() without customers = %+v, %v", moved, err)
	}
	db, err := store.Open(t.Context(), ts.file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got, err := db.Customers().OwnerMatches(t.Context()); err != nil || !slices.Equal(got, []customer.OwnerMatch{{Owner: "Bob B", Person: "bob"}}) {
		t.Errorf("OwnerMatches() of the file = %v, %v", got, err)
	}
}

func TestService_MatchOwner_Refuses(t *testing.T) {
	ts := newTestService(t)
	ts.people = []string{"bob", "carl"}
	ts.addCustomers(2, "Alice Adams")
	for _, c := range []struct {
		owner, person string
		want          error
	}{
		{"Alice Adams", "zoe", admin.ErrNoAccount}, {"Alice Adams", "", admin.ErrNoAccount}, {"Alice Adams", "*", admin.ErrNoAccount},
		{"bob", "carl", admin.ErrHasAccount}, {"*", "carl", admin.ErrHasAccount},
	} {
		if _, err := ts.MatchOwner(t.Context(), "ann", c.owner, c.person); !errors.Is(err, c.want) {
			t.Errorf("MatchOwner(%q, %q) = %v, want %v", c.owner, c.person, err, c.want)
		}
	}
	ts.audit.fail(errBroken)
	if _, err := ts.MatchOwner(t.Context(), "ann", "Alice Adams", "bob"); !errors.Is(err, errBroken) {
		t.Errorf("MatchOwner() with a broken audit = %v", err)
	}
	if got, err := ts.db.Customers().OwnerMatches(t.Context()); len(got) != 0 || err != nil || ts.ownerCounts() != "Alice Adams:2" {
		t.Errorf("OwnerMatches() = %v, %v, owners %s, want no change", got, err, ts.ownerCounts())
	}
}
