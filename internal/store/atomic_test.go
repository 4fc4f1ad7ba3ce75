package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
)

// writeToAll writes to every store of a DB.
func writeToAll(ctx context.Context, d *store.DB, name string) error {
	_, err := d.Settings().ReplaceSetting(ctx, name, "", "value")
	return errors.Join(err,
		d.Accounts().AddPerson(ctx, account.Person{Identity: name, Role: account.RoleWorker}),
		d.Customers().Update(ctx, func(tx customer.Tx) error { return tx.Put(ctx, customer.Customer{ID: name, Name: name}) }),
		d.Audit().AddEntries(ctx, []audit.Entry{{Actor: name, When: auditEpoch}}))
}

// storesWith returns how many stores have what writeToAll wrote.
func storesWith(t *testing.T, d *store.DB, name string) (n int) {
	t.Helper()
	if _, err := d.Settings().Setting(ctx, name); err == nil {
		n++
	}
	if _, err := d.Accounts().Person(ctx, name); err == nil {
		n++
	}
	if _, err := d.Customers().Get(ctx, name); err == nil {
		n++
	}
	if page, err := d.Audit().FindEntries(ctx, audit.Query{Actor: name, Limit: 1}); err == nil && len(page.Entries) == 1 {
		n++
	}
	return n
}

func TestAudit_Atomically(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d := dbtest.Open(t, database, store.Options{})
		broken := errors.New("broken")
		canceled, cancel := context.WithCancel(ctx)
		for name, c := range map[string]struct {
			ctx  context.Context
			act  func(ctx context.Context, name string) error
			err  error
			kept int
		}{
			"done":   {ctx, func(ctx context.Context, name string) error { return writeToAll(ctx, d, name) }, nil, 4},
			"failed": {ctx, func(ctx context.Context, name string) error { return errors.Join(writeToAll(ctx, d, name), broken) }, broken, 0},
			"a failed write undoes itself only": {ctx, func(ctx context.Context, name string) error {
				if err := writeToAll(ctx, d, name); err != nil {
					return err
				}
				err := d.Customers().Update(ctx, func(tx customer.Tx) error {
					return errors.Join(tx.Delete(ctx, name), broken)
				})
				if !errors.Is(err, broken) {
					t.Errorf("Update() = %v, want broken", err)
				}
				if err := d.Accounts().AddPerson(ctx, account.Person{Identity: name, Role: account.RoleWorker}); !errors.Is(err, account.ErrExists) {
					t.Errorf("AddPerson(the same) = %v, want ErrExists", err)
				}
				return nil
			}, nil, 4},
			"canceled in between": {canceled, func(ctx context.Context, name string) error {
				err := writeToAll(ctx, d, name)
				cancel()
				return errors.Join(err, writeToAll(ctx, d, name+"2"))
			}, context.Canceled, 0},
			"nested": {ctx, func(ctx context.Context, name string) error {
				err := d.Audit().Atomically(ctx, func(ctx context.Context) error { return writeToAll(ctx, d, name) })
				return errors.Join(err, broken)
			}, broken, 0},
		} {
			err := d.Audit().Atomically(c.ctx, func(ctx context.Context) error { return c.act(ctx, name) })
			if !errors.Is(err, c.err) || c.err == nil && err != nil {
				t.Errorf("Atomically(%s) = %v, want %v", name, err, c.err)
			}
			if got := storesWith(t, d, name); got != c.kept {
				t.Errorf("Atomically(%s) kept what %d stores wrote, want %d", name, got, c.kept)
			}
		}
	})
}

// A transaction that fails leaves nothing in memory either: the id of an owner that was
// never stored goes to the next new one.
func TestAudit_Atomically_ForgetsOwners(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d := dbtest.Open(t, database, store.Options{})
		put := func(ctx context.Context, id, worker string) error {
			return d.Customers().Update(ctx, func(tx customer.Tx) error {
				return tx.Put(ctx, customer.Customer{ID: id, Name: id, Workers: []string{worker}})
			})
		}
		broken := errors.New("broken")
		err := d.Audit().Atomically(ctx, func(ctx context.Context) error { return errors.Join(put(ctx, "1", "ada"), broken) })
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if err := put(ctx, "2", "bob"); err != nil {
			t.Fatal(err)
		}
		if err := put(ctx, "3", "ada"); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]string{"2": "bob", "3": "ada"} {
			if c, err := d.Customers().Get(ctx, id); err != nil || len(c.Workers) != 1 || c.Workers[0] != want {
				t.Errorf("Get(%s) = %+v, %v, want the owner %s", id, c, err, want)
			}
			if n, err := d.Customers().OwnerCount(ctx, want); n != 1 || err != nil {
				t.Errorf("OwnerCount(%s) = %d, %v, want 1", want, n, err)
			}
		}
	})
}

// What is written in a transaction can be read in it, and not yet elsewhere.
func TestAudit_Atomically_IsIsolated(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d := dbtest.Open(t, database, store.Options{})
		var later context.Context
		err := d.Audit().Atomically(ctx, func(inside context.Context) error {
			later = inside
			err := writeToAll(inside, d, "new")
			if _, ierr := d.Settings().Setting(inside, "new"); ierr != nil {
				t.Errorf("Setting() inside = %v", ierr)
			}
			if got := storesWith(t, d, "new"); got != 0 {
				t.Errorf("%d stores show what is not committed", got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := writeToAll(later, d, "late"); err == nil || storesWith(t, d, "late") != 0 {
			t.Errorf("writing with the context of an ended transaction = %v, kept in %d stores", err, storesWith(t, d, "late"))
		}
		if _, err := d.Settings().Setting(later, "new"); err != nil && !errors.Is(err, settings.ErrUnavailable) {
			t.Errorf("Setting() with the context of an ended transaction = %v", err)
		}
		if err := writeToAll(ctx, d, "after"); err != nil || storesWith(t, d, "after") != 4 {
			t.Errorf("writing after Atomically = %v", err)
		}
	})
}
