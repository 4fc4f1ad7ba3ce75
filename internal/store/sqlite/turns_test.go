package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
)

func TestOthersGetTheirTurnDuringAnImport(t *testing.T) {
	importing, serving := openBoth(t, Options{Bulk: true}, Options{})
	ctx, stop := context.WithCancel(ctx)
	var transactions atomic.Int64
	begun, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := range 60 {
			err := importing.Customers().Update(ctx, func(tx customer.Tx) error {
				if n == 0 {
					close(begun)
				}
				time.Sleep(150 * time.Millisecond) // long enough for SQLite's waiters to look seldom
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
			t.Errorf("the import: %v", err)
		}
	}()
	<-begun
	for what, write := range map[string]func() error{
		"a statement": func() error {
			return serving.Accounts().AddPerson(ctx, account.Person{Identity: "bob", Role: account.RoleWorker})
		},
		"a transaction": func() error { return serving.Accounts().SetPassword(ctx, "nobody", "hash", false, "") },
		"a customer":    func() error { return putOne(serving, customer.Customer{ID: "new", Name: "New"}) },
	} {
		before := transactions.Load()
		if err := write(); err != nil && !errors.Is(err, account.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
		if waited := transactions.Load() - before; waited > 3 {
			t.Errorf("%s had to wait for %d transactions of the import", what, waited)
		}
	}
}

func TestWaitingForOthersEndsWithTheContext(t *testing.T) {
	holding, waiting := openBoth(t, Options{}, Options{})
	err := holding.Customers().Update(ctx, func(customer.Tx) error {
		ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		start := time.Now()
		err := waiting.Accounts().AddPerson(ctx, account.Person{Identity: "bob", Role: account.RoleWorker})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestManyProcessesMakeOneFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new.db")
	ended := make(chan error, 8)
	for i := range cap(ended) {
		go func() {
			d, err := Open(ctx, file, Options{})
			if err == nil {
				err = putOne(d, customer.Customer{ID: fmt.Sprint(i), Name: strings.Repeat("a", i+1), Workers: []string{"ann"}})
				err = errors.Join(err, d.Close())
			}
			ended <- err
		}()
	}
	for range cap(ended) {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
