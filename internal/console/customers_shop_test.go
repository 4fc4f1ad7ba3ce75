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
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// shop is a bench with real customers and a real office. Beside root there are the
// administrators rita and eve, of whom eve may export.
type shop struct {
	*bench
	customers *sqlite.Customers
	office    *admin.Service
	// full: the disk is, so that no import can be begun.
	full atomic.Bool
}

// newShop makes one with these customers. around, when it is not nil, stands between
// the console and the office.
func newShop(t testing.TB, around func(console.Admin) console.Admin, all ...customer.Customer) *shop {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlitetest.File(t), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{customers: db.Customers()}
	s.bench = newBench(t, func(o *console.Options) {
		s.office = admin.New(admin.Options{
			Store: s.customers, Reader: s.customers, Dir: filepath.Join(t.TempDir(), "uploads"), Audit: o.Audit, Logger: o.Logger, Now: o.Now,
			Bulk: func(context.Context) (customer.Store, func(context.Context) error, func() error, error) {
				if s.full.Load() {
					return nil, nil, nil, syscall.ENOSPC
				}
				return s.customers, s.customers.Compact, func() error { return nil }, nil
			},
		})
		o.Reader, o.Admin = s.customers, s.office
		if around != nil {
			o.Admin = around(o.Admin)
		}
	})
	t.Cleanup(func() {
		s.office.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s.staff.all = append(s.staff.all, account.Person{Identity: "rita", Role: account.RoleAdmin}, account.Person{Identity: "eve", Role: account.RoleAdmin, MayExport: true},
		account.Person{Identity: "gone", Role: account.RoleWorker, Deactivated: noon})
	s.put(all...)
	return s
}

// put keeps customers as if they had been there before.
func (s *shop) put(all ...customer.Customer) {
	s.t.Helper()
	err := s.customers.Update(s.t.Context(), func(tx customer.Tx) error {
		for _, c := range all {
			if err := tx.Put(s.t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// kept is a customer as the store has them; ok is false when it has none.
func (s *shop) keptCustomer(id string) (c customer.Customer, ok bool) {
	s.t.Helper()
	c, err := s.customers.Get(s.t.Context(), id)
	if err != nil && !errors.Is(err, customer.ErrNotFound) {
		s.t.Fatal(err)
	}
	return c, err == nil
}

// did tells whether the audit has an act of root, or of somebody else.
func (s *shop) did(who string, action audit.Action, subject string) bool {
	s.trail.mu.Lock()
	defer s.trail.mu.Unlock()
	return slices.ContainsFunc(s.trail.entries, func(e audit.Entry) bool {
		return e.Actor == who && e.Action == action && e.Subject == subject && e.Via == "console"
	})
}

// follow asks for where an answer leads to.
func (s *shop) follow(who string, a answer) answer {
	s.t.Helper()
	if a.StatusCode != 303 {
		s.t.Fatalf("status %d leads nowhere:\n%.3000s", a.StatusCode, a.body)
	}
	return s.get(who, a.Header.Get("Location"))
}

// values are those of the inputs of this name.
func (a answer) values(name string) (out []string) {
	for _, m := range regexp.MustCompile(`<input[^>]* name="`+name+`"[^>]*>`).FindAllString(a.body, -1) {
		if v := regexp.MustCompile(` value="([^"]*)"`).FindStringSubmatch(m); v != nil {
			out = append(out, html.UnescapeString(v[1]))
		}
	}
	return out
}

// value is the only one of its name.
func (a answer) value(t testing.TB, name string) string {
	t.Helper()
	all := a.values(name)
	if len(all) != 1 {
		t.Fatalf("there are %d inputs %s", len(all), name)
	}
	return all[0]
}

// link is the first address that begins like this.
func (a answer) link(prefix string) string {
	m := regexp.MustCompile(`href="(` + regexp.QuoteMeta(html.EscapeString(prefix)) + `[^"]*)"`).FindStringSubmatch(a.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}
