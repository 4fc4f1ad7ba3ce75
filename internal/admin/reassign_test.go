package admin_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
)

// addCustomers stores n customers of the workers.
func (ts *testService) addCustomers(n int, workers ...string) {
	ts.t.Helper()
	var list []customer.Customer
	for i := range n {
		list = append(list, customer.Customer{ID: fmt.Sprint(strings.Join(workers, "+"), "-", i), Name: fmt.Sprint("N", i), Workers: workers})
	}
	ts.put(list...)
}

// waitForJob waits until a job is over.
func (ts *testService) waitForJob(id string) admin.Reassignment {
	ts.t.Helper()
	ts.eventually("the job is over", func() bool { return ts.mustJob(id).State != admin.Running })
	return ts.mustJob(id)
}

// ownerCounts returns the number of customers of each worker.
func (ts *testService) ownerCounts() string {
	counts := map[string]int{}
	for _, c := range ts.all() {
		if len(c.Workers) == 0 {
			counts["unassigned"]++
		}
		for _, w := range c.Workers {
			counts[w]++
		}
	}
	var list []string
	for w, n := range counts {
		list = append(list, fmt.Sprint(w, ":", n))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestService_Reassign(t *testing.T) {
	for _, c := range []struct{ from, to, want, audit string }{
		{"bob", "zoe", "carl:3 unassigned:7 zoe:1207", `"to=zoe"`},
		{"bob", "carl", "carl:1203 unassigned:7 zoe:4", `"to=carl"`},
		{"bob", "", "carl:3 unassigned:1207 zoe:4", `"to="`},
		{"", "zoe", "bob:1203 carl:3 zoe:11", `"to=zoe"`},
		{"unknown", "zoe", "bob:1203 carl:3 unassigned:7 zoe:4", `"to=zoe"`},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			ts := newTestService(t)
			ts.addCustomers(1200, "bob")
			ts.addCustomers(3, "bob", "carl")
			ts.addCustomers(4, "zoe")
			ts.addCustomers(7)
			j, err := ts.Reassign(t.Context(), "ann", c.from, c.to)
			if err != nil {
				t.Fatal(err)
			}
			total := map[string]int{"bob": 1203, "": 7}[c.from]
			if j.Total != total || j.By != "ann" {
				t.Errorf("Reassign() = %+v, want a total of %d", j, total)
			}
			j = ts.waitForJob(j.ID)
			if j.State != admin.Done || j.Done != total || j.Total != total || j.Ended.IsZero() {
				t.Errorf("Job() = %+v, want %d done", j, total)
			}
			if got := ts.ownerCounts(); got != c.want {
				t.Errorf("owners = %s, want %s", got, c.want)
			}
			lines := ts.audit.lines()
			if len(lines) != 2 || !strings.Contains(lines[0], "state=begun&to=") || !strings.Contains(lines[1], c.audit) || !strings.HasSuffix(lines[1], fmt.Sprint(" ", total)) {
				t.Errorf("audit = %v", lines)
			}
		})
	}
}

func TestService_Reassign_ContinuesAfterCancel(t *testing.T) {
	ts := newTestService(t)
	ts.addCustomers(6000, "bob")
	j, err := ts.Reassign(t.Context(), "ann", "bob", "zoe")
	if err != nil {
		t.Fatal(err)
	}
	var busy *admin.BusyError
	if _, err := ts.Reassign(t.Context(), "carl", "zoe", "bob"); !errors.As(err, &busy) || busy.By != "ann" || busy.What != "" {
		t.Errorf("second Reassign() = %v, want a BusyError", err)
	}
	ts.eventually("some are reassigned", func() bool { return ts.mustJob(j.ID).Done > 0 })
	if err := ts.CancelReassignment(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	j = ts.mustJob(j.ID)
	if j.State != admin.Canceled || j.Done == 0 || j.Done >= 6000 || ts.ownerCounts() != fmt.Sprintf("bob:%d zoe:%d", 6000-j.Done, j.Done) {
		t.Fatalf("canceled reassignment = %+v, owners %s", j, ts.ownerCounts())
	}
	again, err := ts.Reassign(t.Context(), "ann", "bob", "zoe")
	if err != nil || again.Total != 6000-j.Done {
		t.Fatalf("Reassign() after cancel = %+v, %v", again, err)
	}
	if again = ts.waitForJob(again.ID); again.State != admin.Done || ts.ownerCounts() != "zoe:6000" {
		t.Errorf("second job = %+v, owners %s, want zoe:6000", again, ts.ownerCounts())
	}
	if jobs := ts.Reassignments(); len(jobs) != 2 || jobs[0].ID != again.ID {
		t.Errorf("Jobs() = %+v", jobs)
	}
	if lines := ts.audit.lines(); len(lines) != 4 || !strings.Contains(lines[1], "&state=canceled") {
		t.Errorf("audit = %v", lines)
	}
	if err := ts.CancelReassignment(t.Context(), again.ID); err != nil {
		t.Errorf("CancelJob(finished) = %v", err)
	}
}

func (ts *testService) mustJob(id string) admin.Reassignment {
	ts.t.Helper()
	j, err := ts.Reassignment(id)
	if err != nil {
		ts.t.Fatal(err)
	}
	return j
}

func TestService_Reassign_RefusesInvalidRequests(t *testing.T) {
	ts := newTestService(t)
	ts.addCustomers(3, "Bob@example.com")
	for _, c := range [][2]string{{"bob@example.com", "BOB@example.com"}, {"", ""}, {" ", ""}} {
		if _, err := ts.Reassign(t.Context(), "ann", c[0], c[1]); !errors.Is(err, admin.ErrSameOwner) {
			t.Errorf("Reassign(%q) = %v, want ErrSameOwner", c, err)
		}
	}
	var invalid *customer.InvalidError
	if _, err := ts.Reassign(t.Context(), "ann", "bob@example.com", strings.Repeat("x", 600)); !errors.As(err, &invalid) {
		t.Errorf("Reassign(to a long identity) = %v, want an InvalidError", err)
	}
	ts.audit.fail(errBroken)
	if _, err := ts.Reassign(t.Context(), "ann", "bob@example.com", "zoe"); err == nil || ts.ownerCounts() != "Bob@example.com:3" {
		t.Errorf("Reassign() with a broken audit = %v, owners %s", err, ts.ownerCounts())
	}
	ts.audit.fail(nil)
	if _, err := ts.Reassignment("unknown"); !errors.Is(err, admin.ErrNoReassignment) {
		t.Errorf("Job(unknown) = %v, want ErrNoJob", err)
	}
	if err := ts.CancelReassignment(t.Context(), "unknown"); !errors.Is(err, admin.ErrNoReassignment) {
		t.Errorf("CancelJob(unknown) = %v, want ErrNoJob", err)
	}
	if j, err := ts.Reassign(t.Context(), "ann", " bob@example.com ", "zoe"); err != nil || ts.waitForJob(j.ID).Done != 3 {
		t.Errorf("Reassign() = %+v, %v, want 3 done", j, err)
	}
}

func TestService_Reassign_ReportsFailure(t *testing.T) {
	fails := 2
	ts := newTestService(t, func(o *admin.Options) { o.Store = failingStore{o.Store, &fails} })
	ts.addCustomers(2000, "bob")
	j, err := ts.Reassign(t.Context(), "ann", "bob", "zoe")
	if err != nil {
		t.Fatal(err)
	}
	if j = ts.waitForJob(j.ID); j.State != admin.Failed || j.Done != 1000 || !strings.Contains(j.Problem, "is unavailable") {
		t.Errorf("Job() = %+v, want Failed after 1000", j)
	}
	if lines := ts.audit.lines(); !strings.Contains(lines[1], "&state=failed") {
		t.Errorf("audit = %v", lines)
	}
}

// failingStore fails after some transactions.
type failingStore struct {
	customer.Store
	left *int
}

func (b failingStore) Update(ctx context.Context, fn func(customer.Tx) error) error {
	if *b.left--; *b.left < 0 {
		return fmt.Errorf("%w: %w", customer.ErrUnavailable, errBroken)
	}
	return b.Store.Update(ctx, fn)
}
