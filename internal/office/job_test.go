package office_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/office"
)

// people puts n customers of a worker.
func (h *house) people(n int, workers ...string) {
	h.t.Helper()
	var list []customer.Customer
	for i := range n {
		list = append(list, customer.Customer{ID: fmt.Sprint(strings.Join(workers, "+"), "-", i), Name: fmt.Sprint("N", i), Workers: workers})
	}
	h.put(list...)
}

// untilOver waits for the end of a job.
func (h *house) untilOver(id string) office.Job {
	h.t.Helper()
	h.eventually("the job is over", func() bool { return h.mustJob(id).State != office.Importing })
	return h.mustJob(id)
}

// holdings is how many customers each has.
func (h *house) holdings() string {
	counts := map[string]int{}
	for _, c := range h.all() {
		if len(c.Workers) == 0 {
			counts["nobody"]++
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

func TestALeaversCustomersGoToTheSuccessor(t *testing.T) {
	for _, c := range []struct{ from, to, want, audit string }{
		{"bob", "zoe", "carl:3 nobody:7 zoe:1204", `"to zoe, within`},
		{"bob", "carl", "carl:1203 nobody:7 zoe:4", `"to carl, within`},
		{"bob", "", "carl:3 nobody:1207 zoe:4", `"to nobody, within`},
		{"", "zoe", "bob:1203 carl:3 zoe:11", `"to zoe, within`},
		{"nobody knows", "zoe", "bob:1203 carl:3 nobody:7 zoe:4", `"to zoe, within`},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			h := newHouse(t)
			h.people(1200, "bob")
			h.people(3, "bob", "carl")
			h.people(4, "zoe")
			h.people(7)
			j, err := h.Reassign(t.Context(), "ann", c.from, c.to)
			if err != nil {
				t.Fatal(err)
			}
			total := map[string]int{"bob": 1203, "": 7}[c.from]
			if j.Total != total || j.By != "ann" {
				t.Errorf("it begins as %+v", j)
			}
			j = h.untilOver(j.ID)
			if j.State != office.Done || j.Done != total || j.Total != total || j.Ended.IsZero() {
				t.Errorf("it ends as %+v", j)
			}
			if got := h.holdings(); got != strings.Replace(c.want, "zoe:1204", "zoe:1207", 1) {
				t.Errorf("now they are %s, want %s", got, c.want)
			}
			told := h.diary.told()
			if len(told) != 2 || !strings.Contains(told[0], "begun: to ") || !strings.Contains(told[1], c.audit) || !strings.HasSuffix(told[1], fmt.Sprint(" ", total)) {
				t.Errorf("the audit says %v", told)
			}
		})
	}
}

func TestAReassignmentThatWasCancelledGoesOnWhenItIsBegunAgain(t *testing.T) {
	h := newHouse(t)
	h.people(6000, "bob")
	j, err := h.Reassign(t.Context(), "ann", "bob", "zoe")
	if err != nil {
		t.Fatal(err)
	}
	var busy *office.BusyError
	if _, err := h.Reassign(t.Context(), "carl", "zoe", "bob"); !errors.As(err, &busy) || busy.By != "ann" || busy.What != "" {
		t.Errorf("a second one: %v", err)
	}
	h.eventually("the first are reassigned", func() bool { return h.mustJob(j.ID).Done > 0 })
	if err := h.CancelJob(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	j = h.mustJob(j.ID)
	if j.State != office.Cancelled || j.Done == 0 || j.Done >= 6000 || h.holdings() != fmt.Sprintf("bob:%d zoe:%d", 6000-j.Done, j.Done) {
		t.Fatalf("it is %+v, they are %s", j, h.holdings())
	}
	again, err := h.Reassign(t.Context(), "ann", "bob", "zoe")
	if err != nil || again.Total != 6000-j.Done {
		t.Fatalf("again: %+v, %v", again, err)
	}
	if again = h.untilOver(again.ID); again.State != office.Done || h.holdings() != "zoe:6000" {
		t.Errorf("it is %+v, they are %s", again, h.holdings())
	}
	if jobs := h.Jobs(); len(jobs) != 2 || jobs[0].ID != again.ID {
		t.Errorf("known are %+v", jobs)
	}
	if told := h.diary.told(); len(told) != 4 || !strings.Contains(told[1], "; cancelled") {
		t.Errorf("the audit says %v", told)
	}
	if err := h.CancelJob(t.Context(), again.ID); err != nil {
		t.Errorf("cancelling what is over: %v", err)
	}
}

func (h *house) mustJob(id string) office.Job {
	h.t.Helper()
	j, err := h.Job(id)
	if err != nil {
		h.t.Fatal(err)
	}
	return j
}

func TestAReassignmentThatMakesNoSenseIsRefused(t *testing.T) {
	h := newHouse(t)
	h.people(3, "Bob@example.com")
	for _, c := range [][2]string{{"bob@example.com", "BOB@example.com"}, {"", ""}, {" ", ""}} {
		if _, err := h.Reassign(t.Context(), "ann", c[0], c[1]); !errors.Is(err, office.ErrSamePlace) {
			t.Errorf("%q: %v", c, err)
		}
	}
	var invalid *customer.InvalidError
	if _, err := h.Reassign(t.Context(), "ann", "bob@example.com", strings.Repeat("x", 600)); !errors.As(err, &invalid) {
		t.Errorf("a long identity: %v", err)
	}
	h.diary.fail(errBroken)
	if _, err := h.Reassign(t.Context(), "ann", "bob@example.com", "zoe"); !errors.Is(err, office.ErrNotKept) || h.holdings() != "Bob@example.com:3" {
		t.Errorf("without the audit: %v, %s", err, h.holdings())
	}
	h.diary.fail(nil)
	if _, err := h.Job("unknown"); !errors.Is(err, office.ErrNoJob) {
		t.Errorf("an unknown job: %v", err)
	}
	if err := h.CancelJob(t.Context(), "unknown"); !errors.Is(err, office.ErrNoJob) {
		t.Errorf("an unknown job: %v", err)
	}
	if j, err := h.Reassign(t.Context(), "ann", " bob@example.com ", "zoe"); err != nil || h.untilOver(j.ID).Done != 3 {
		t.Errorf("%+v: %v", j, err)
	}
}

func TestAReassignmentThatFailsIsTold(t *testing.T) {
	fails := 2
	h := newHouse(t, func(o *office.Options) { o.Store = breaking{o.Store, &fails} })
	h.people(2000, "bob")
	j, err := h.Reassign(t.Context(), "ann", "bob", "zoe")
	if err != nil {
		t.Fatal(err)
	}
	if j = h.untilOver(j.ID); j.State != office.Failed || j.Done != 1000 || !strings.Contains(j.Problem, "cannot be reached") {
		t.Errorf("it is %+v", j)
	}
	if told := h.diary.told(); !strings.Contains(told[1], "; failed") {
		t.Errorf("the audit says %v", told)
	}
}

// breaking is a store that fails after some transactions.
type breaking struct {
	customer.Store
	left *int
}

func (b breaking) Update(ctx context.Context, fn func(customer.Tx) error) error {
	if *b.left--; *b.left < 0 {
		return fmt.Errorf("%w: %w", customer.ErrUnavailable, errBroken)
	}
	return b.Store.Update(ctx, fn)
}
