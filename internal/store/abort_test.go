package store_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
)

// TestDB_WriteThatFailsChangesNothing cancels writes at any moment. The caller of a
// write that fails adds no audit entry, so it must not have happened.
func TestDB_WriteThatFailsChangesNothing(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		db := dbtest.Open(t, database, store.Options{})
		people, settings := db.Accounts(), db.Settings()
		name := func(i int) string { return "p" + strconv.Itoa(i) }
		person := func(i int) account.Person {
			t.Helper()
			p, err := people.Person(t.Context(), name(i))
			if err != nil && !errors.Is(err, account.ErrNotFound) {
				t.Fatal(err)
			}
			return p
		}
		steps := []struct {
			name string
			do   func(ctx context.Context, i int) error
			done func(i int) bool
		}{
			{"AddPerson", func(ctx context.Context, i int) error {
				return people.AddPerson(ctx, account.Person{Identity: name(i), Role: account.RoleAdmin, Created: time.Now()})
			}, func(i int) bool { return person(i).Identity != "" }},
			{"Reactivate", func(ctx context.Context, i int) error {
				_ = people.AddPerson(t.Context(), account.Person{Identity: name(i), Role: account.RoleWorker, Created: time.Now()})
				if err := people.Deactivate(t.Context(), name(i), time.Now()); err != nil {
					return err
				}
				return people.Reactivate(ctx, name(i))
			}, func(i int) bool { return person(i).Active() }},
			{"ReplaceSetting", func(ctx context.Context, i int) error {
				_, err := settings.ReplaceSetting(ctx, name(i), "", "x")
				return err
			}, func(i int) bool {
				value, _ := settings.Setting(t.Context(), name(i))
				return value != ""
			}},
		}
		first := people.AddPerson(t.Context(), account.Person{Identity: "admin", Role: account.RoleAdmin, Created: time.Now()})
		if first != nil {
			t.Fatal(first)
		}
		tries, moment := 400, 5*time.Microsecond
		if db.IsServer() { // which takes longer
			tries, moment = 100, 50*time.Microsecond
		}
		for s, step := range steps {
			failed := 0
			for i := s * 10_000; i < s*10_000+tries; i++ {
				ctx := &cancelable{Context: t.Context(), done: make(chan struct{})}
				time.AfterFunc(time.Duration(i%100)*moment, func() { close(ctx.done) })
				err := step.do(ctx, i)
				if err == nil {
					continue
				}
				if failed++; step.done(i) {
					t.Fatalf("%s(%s) = %v, but it is done", step.name, name(i), err)
				}
			}
			t.Logf("%s: %d of %d failed", step.name, failed, tries)
		}
	})
}

// cancelable is a context that ends when done is closed.
type cancelable struct {
	context.Context
	done chan struct{}
}

func (c *cancelable) Done() <-chan struct{} { return c.done }

func (c *cancelable) Err() error {
	select {
	case <-c.done:
		return context.Canceled
	default:
		return nil
	}
}
