package external

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// There are services that fail at an apostrophe: who looks for O'Brien, letter by
// letter, or opens a customer that the service trips over, is no reason to leave
// everybody without it.
func TestWhatOneWorkerAsksDoesNotCloseTheServiceToAll(t *testing.T) {
	for name, ask := range map[string]func(*testing.T, frontline.CRM, string, int) error{
		"a search": func(t *testing.T, crm frontline.CRM, worker string, n int) error {
			_, err := crm.CustomersList(t.Context(), frontline.ListRequest{Worker: worker, Query: fmt.Sprint("o'", n)})
			return err
		},
		"details": func(t *testing.T, crm frontline.CRM, worker string, n int) error {
			_, err := crm.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: worker, CustomerID: fmt.Sprint("a", n)})
			return err
		},
	} {
		for _, failure := range []error{errStatus500, errTimeout} {
			t.Run(name+", "+failure.Error(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g := &gauge{err: failure}
					b, crm := broken(g, QueueOptions{Calls: 1, PerSecond: 1000, Burst: 1000})
					for n := range 50 {
						worker := "alice@example.com"
						if n%2 == 0 {
							worker = "ALICE@example.com"
						}
						if err := ask(t, crm, worker, n); !errors.Is(err, failure) {
							t.Fatalf("the service's own failure became %v", err)
						}
					}
					if s := b.Stats(); s.State != "closed" || g.calls() != 50 {
						t.Errorf("after fifty failures of one worker: %+v, %d calls", s, g.calls())
					}
					// When many fail, it is the service.
					for n := range 4 {
						ask(t, crm, fmt.Sprint("worker", n), n)
					}
					if s := b.Stats(); s.State != "open" {
						t.Errorf("after failures of five workers: %+v", s)
					}
					// One who goes on with it does not keep it closed either.
					time.Sleep(breakFor + time.Millisecond)
					calls := g.calls()
					for n := range 5 {
						if err := ask(t, crm, "alice@example.com", n); !errors.Is(err, failure) {
							t.Errorf("trying got %v", err)
						}
					}
					if n := g.calls() - calls; n != 5 {
						t.Errorf("%d of 5 tries were made", n)
					}
					g.set(0, nil)
					if err := askFor(t.Context(), crm, "bob"); err != nil || b.Stats().State != "closed" {
						t.Errorf("another worker got %v: %+v", err, b.Stats())
					}
					g.set(0, failure)
					time.Sleep(breakWithin)
					for n := range 5 {
						ask(t, crm, "alice@example.com", n)
						askFor(t.Context(), crm, "bob")
					}
					if s := b.Stats(); s.State != "open" {
						t.Errorf("the list itself fails: %+v", s)
					}
				})
			})
		}
	}
}
