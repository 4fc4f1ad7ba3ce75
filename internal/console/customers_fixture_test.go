package console_test

import (
	"context"
	"errors"
	"html"
	"path/filepath"
	"regexp"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// customersFixture is a fixture with a real store and a real admin.Service. Beside root
// it has the administrators rita and eve; eve may export.
type customersFixture struct {
	*fixture
	customers *store.Customers
	admin     *admin.Service
	// diskFull makes starting an import fail.
	diskFull atomic.Bool
}

// newCustomersFixture returns a fixture with these customers. around, if not nil, wraps
// the Admin that the console gets.
func newCustomersFixture(t testing.TB, around func(console.Admin) console.Admin, all ...customer.Customer) *customersFixture {
	t.Helper()
	db, err := store.Open(t.Context(), sqlitetest.File(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := &customersFixture{customers: db.Customers()}
	f.fixture = newFixture(t, func(o *console.Options) {
		f.admin = admin.New(admin.Options{
			Store: f.customers, Reader: f.customers, Dir: filepath.Join(t.TempDir(), "uploads"), Audit: o.Audit, Logger: o.Logger, Now: o.Now,
			HasAccount: func(ctx context.Context, _ ...string) (func(string) bool, error) {
				people, err := o.Accounts.People(ctx)
				return account.Contains(people), err
			},
			Bulk: func(context.Context) (customer.Store, func(context.Context) error, func() error, error) {
				if f.diskFull.Load() {
					return nil, nil, nil, syscall.ENOSPC
				}
				return f.customers, f.customers.Compact, func() error { return nil }, nil
			},
		})
		o.Reader, o.Admin = f.customers, f.admin
		if around != nil {
			o.Admin = around(o.Admin)
		}
	})
	t.Cleanup(func() {
		f.admin.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	f.accounts.all = append(f.accounts.all, account.Person{Identity: "rita", Role: account.RoleAdmin}, account.Person{Identity: "eve", Role: account.RoleAdmin, MayExport: true},
		account.Person{Identity: "gone", Role: account.RoleWorker, Deactivated: noon})
	f.put(all...)
	return f
}

// put stores customers.
func (f *customersFixture) put(all ...customer.Customer) {
	f.t.Helper()
	err := f.customers.Update(f.t.Context(), func(tx customer.Tx) error {
		for _, c := range all {
			if err := tx.Put(f.t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// storedCustomer returns a stored customer; ok is false when there is none.
func (f *customersFixture) storedCustomer(id string) (c customer.Customer, ok bool) {
	f.t.Helper()
	c, err := f.customers.Get(f.t.Context(), id)
	if err != nil && !errors.Is(err, customer.ErrNotFound) {
		f.t.Fatal(err)
	}
	return c, err == nil
}

// recorded reports whether the audit has such an entry.
func (f *customersFixture) recorded(who string, action audit.Action, subject string) bool {
	f.audit.mu.Lock()
	defer f.audit.mu.Unlock()
	return slices.ContainsFunc(f.audit.entries, func(e audit.Entry) bool {
		return e.Actor == who && e.Action == action && e.Subject == subject && e.Via == "console"
	})
}

// follow requests the address that a response redirects to.
func (f *customersFixture) follow(who string, a response) response {
	f.t.Helper()
	if a.StatusCode != 303 {
		f.t.Fatalf("follow: status %d, want 303:\n%.3000s", a.StatusCode, a.body)
	}
	return f.get(who, a.Header.Get("Location"))
}

// values returns the values of the inputs with this name.
func (a response) values(name string) (out []string) {
	for _, m := range regexp.MustCompile(`<input[^>]* name="`+name+`"[^>]*>`).FindAllString(a.body, -1) {
		if v := regexp.MustCompile(` value="([^"]*)"`).FindStringSubmatch(m); v != nil {
			out = append(out, html.UnescapeString(v[1]))
		}
	}
	return out
}

// value returns the value of the only input with this name.
func (a response) value(t testing.TB, name string) string {
	t.Helper()
	all := a.values(name)
	if len(all) != 1 {
		t.Fatalf("value(%s): %d inputs of this name, want 1", name, len(all))
	}
	return all[0]
}

// link returns the first address with this prefix.
func (a response) link(prefix string) string {
	m := regexp.MustCompile(`href="(` + regexp.QuoteMeta(html.EscapeString(prefix)) + `[^"]*)"`).FindStringSubmatch(a.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}
