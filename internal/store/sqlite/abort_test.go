package sqlite

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
)

// TestWhatFailsIsNotDone breaks writes off at any moment. Whoever asked for one that
// fails writes nothing down in the audit, so it must not have happened.
func TestWhatFailsIsNotDone(t *testing.T) {
	db, err := Open(t.Context(), emptyFile(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	people, kept := db.Accounts(), db.Settings()
	name := func(i int) string { return "p" + strconv.Itoa(i) }
	is := func(i int) account.Person {
		t.Helper()
		p, err := people.Person(t.Context(), name(i))
		if err != nil && !errors.Is(err, account.ErrNotFound) {
			t.Fatal(err)
		}
		return p
	}
	steps := []struct {
		what string
		do   func(ctx context.Context, i int) error
		done func(i int) bool
	}{
		{"adding a person", func(ctx context.Context, i int) error {
			return people.AddPerson(ctx, account.Person{Identity: name(i), Role: account.RoleAdmin, Created: time.Now()})
		}, func(i int) bool { return is(i).Identity != "" }},
		{"letting one in again", func(ctx context.Context, i int) error {
			_ = people.AddPerson(t.Context(), account.Person{Identity: name(i), Role: account.RoleWorker, Created: time.Now()})
			if err := people.Deactivate(t.Context(), name(i), time.Now()); err != nil {
				return err
			}
			return people.Reactivate(ctx, name(i))
		}, func(i int) bool { return is(i).Active() }},
		{"a setting", func(ctx context.Context, i int) error {
			_, err := kept.ReplaceSetting(ctx, name(i), "", "x")
			return err
		}, func(i int) bool {
			value, _ := kept.Setting(t.Context(), name(i))
			return value != ""
		}},
	}
	first := people.AddPerson(t.Context(), account.Person{Identity: "admin", Role: account.RoleAdmin, Created: time.Now()})
	if first != nil {
		t.Fatal(first)
	}
	for s, step := range steps {
		failed := 0
		for i := s * 10_000; i < s*10_000+400; i++ {
			ctx := &broken{Context: t.Context(), done: make(chan struct{})}
			time.AfterFunc(time.Duration(i%100)*5*time.Microsecond, func() { close(ctx.done) })
			err := step.do(ctx, i)
			if err == nil {
				continue
			}
			if failed++; step.done(i) {
				t.Fatalf("%s failed with %v, and is done", step.what, err)
			}
		}
		t.Logf("%s: %d of 400 failed", step.what, failed)
	}
}

// broken is a context that ends when done is closed.
type broken struct {
	context.Context
	done chan struct{}
}

func (b *broken) Done() <-chan struct{} { return b.done }

func (b *broken) Err() error {
	select {
	case <-b.done:
		return context.Canceled
	default:
		return nil
	}
}
