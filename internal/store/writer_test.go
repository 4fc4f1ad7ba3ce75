package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
)

func TestDB_OthersCanWriteDuringAnImport(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		importing, serving := openTwice(t, database, store.Options{Bulk: true}, store.Options{})
		ctx, stop := context.WithCancel(ctx)
		var transactions atomic.Int64
		begun, ended := make(chan struct{}), make(chan error, 1)
		go func() {
			for n := range 60 {
				err := importing.Customers().Update(ctx, func(tx customer.Tx) error {
					if n == 0 {
						close(begun)
					}
					time.Sleep(150 * time.Millisecond) // long enough for SQLite's own waiting to poll seldom
					return tx.Put(ctx, customer.Customer{ID: fmt.Sprint(n), Name: "Anna", Workers: []string{"ann"}})
				})
				if err != nil {
					ended <- err
					return
				}
				transactions.Add(1)
			}
			ended <- nil
		}()
		defer func() {
			stop()
			if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("Update() of the import = %v", err)
			}
		}()
		<-begun
		for name, write := range map[string]func() error{
			"AddPerson": func() error {
				return serving.Accounts().AddPerson(ctx, account.Person{Identity: "bob", Role: account.RoleWorker})
			},
			"SetPassword": func() error { return serving.Accounts().SetPassword(ctx, "nobody", "hash", time.Time{}, "") },
			"Put":         func() error { return putOne(serving, customer.Customer{ID: "new", Name: "New"}) },
		} {
			before := transactions.Load()
			if err := write(); err != nil && !errors.Is(err, account.ErrNotFound) {
				t.Errorf("%s() = %v", name, err)
			}
			if waited := transactions.Load() - before; waited > 3 {
				t.Errorf("%s() waited for %d transactions of the import, want at most 3", name, waited)
			}
		}
	})
}

func TestDB_WaitingForTheWriterEndsWithTheContext(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		writer, waiting := openTwice(t, database, store.Options{}, store.Options{})
		err := writer.Customers().Update(ctx, func(customer.Tx) error {
			ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			start := time.Now()
			err := waiting.Accounts().AddPerson(ctx, account.Person{Identity: "bob", Role: account.RoleWorker})
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
				t.Errorf("AddPerson() = %v after %v, want DeadlineExceeded", err, time.Since(start))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
