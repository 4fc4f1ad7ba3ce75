package admin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
	"github.com/clientele-project/clientele/internal/text"
)

// auditRecorder is an audit that keeps its entries, or fails with err. Its transactions
// are those of the store.
type auditRecorder struct {
	store   audit.Store
	mu      sync.Mutex
	entries []audit.Entry
	err     error
}

func (d *auditRecorder) Write(_ context.Context, e audit.Entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.entries = append(d.entries, e)
	}
	return d.err
}

func (d *auditRecorder) Act(ctx context.Context, act func(ctx context.Context) ([]audit.Entry, error)) error {
	return d.store.Atomically(ctx, func(ctx context.Context) error {
		entries, err := act(ctx)
		for _, e := range entries {
			if err == nil {
				err = d.Write(ctx, e)
			}
		}
		return err
	})
}

func (d *auditRecorder) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

// lines returns the entries, one line each.
func (d *auditRecorder) lines() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var lines []string
	for _, e := range d.entries {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %q %q %d", e.Actor, e.Action, e.Subject, e.Params, e.Count)))
	}
	return lines
}

// testService is a Service over a real database.
type testService struct {
	*admin.Service
	t     testing.TB
	db    *store.DB
	file  string
	dir   string
	audit *auditRecorder
	// people have accounts.
	people []string
}

// newTestService starts a service that is closed with the test. change edits its options.
func newTestService(t testing.TB, change ...func(*admin.Options)) *testService {
	t.Helper()
	ts := &testService{t: t, audit: new(auditRecorder)}
	ts.file, ts.dir = sqlitetest.File(t), filepath.Join(t.TempDir(), "uploads")
	var err error
	if ts.db, err = store.Open(t.Context(), ts.file, store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ts.db.Close(); err != nil {
			t.Error(err)
		}
	})
	ts.audit.store = ts.db.Audit()
	options := admin.Options{Store: ts.db.Customers(), Reader: ts.db.Customers(), Dir: ts.dir, Audit: ts.audit, Bulk: ts.bulk, HasAccount: ts.hasAccount, Logger: slog.New(slog.DiscardHandler)}
	for _, fn := range change {
		fn(&options)
	}
	ts.Service = admin.New(options)
	t.Cleanup(func() {
		ts.Close()
		if left, err := os.ReadDir(ts.dir); err == nil && len(left) > 0 {
			t.Errorf("files left after Close: %v", left)
		}
	})
	return ts
}

// hasAccount implements admin.Options.HasAccount with ts.people.
func (ts *testService) hasAccount(context.Context, ...string) (func(string) bool, error) {
	return func(identity string) bool { return text.ContainsIdentity(ts.people, identity) }, nil
}

func (ts *testService) bulk(ctx context.Context) (customer.Store, func(context.Context) error, func() error, error) {
	db, err := store.Open(ctx, ts.file, store.Options{Bulk: true})
	if err != nil {
		return nil, nil, nil, err
	}
	return db.Customers(), db.Customers().Compact, db.Close, nil
}

// put stores customers.
func (ts *testService) put(list ...customer.Customer) {
	ts.t.Helper()
	err := ts.db.Customers().Update(context.Background(), func(tx customer.Tx) error {
		for _, c := range list {
			if err := tx.Put(context.Background(), c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		ts.t.Fatal(err)
	}
}

// all returns all customers.
func (ts *testService) all() (list []customer.Customer) {
	ts.t.Helper()
	for c, err := range ts.db.Customers().All(context.Background()) {
		if err != nil {
			ts.t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// onlyGroup returns the key of the only group of duplicates.
func (ts *testService) onlyGroup() string {
	ts.t.Helper()
	page, err := ts.db.Customers().Duplicates(context.Background(), customer.DuplicateQuery{Limit: 5})
	if err != nil || len(page.Groups) != 1 {
		ts.t.Fatalf("Duplicates() = %+v, %v, want one group", page, err)
	}
	return page.Groups[0].Key
}

func (ts *testService) get(id string) customer.Customer {
	ts.t.Helper()
	for _, c := range ts.all() {
		if c.ID == id {
			return c
		}
	}
	ts.t.Fatalf("no customer %s", id)
	return customer.Customer{}
}

// stage uploads text as ann. A refusal fails the test.
func (ts *testService) stage(text string) admin.Import {
	ts.t.Helper()
	i, err := ts.Upload(ts.t.Context(), "ann", "crm.csv", strings.NewReader(text))
	if err != nil {
		ts.t.Fatal(err)
	}
	return i
}

// waitFor waits until an import has one of the states.
func (ts *testService) waitFor(id string, states ...admin.State) admin.Import {
	ts.t.Helper()
	var i admin.Import
	ts.eventually(fmt.Sprintf("the import is %v", states), func() (ok bool) {
		var err error
		if i, err = ts.Import(id); err != nil {
			ts.t.Fatal(err)
		}
		return slices.Contains(states, i.State)
	})
	return i
}

// eventually waits until ok returns true. The deadline is long for a busy machine.
func (ts *testService) eventually(what string, ok func() bool) {
	ts.t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.t.Fatalf("timed out waiting until %s: %+v", what, ts.Imports())
		}
	}
}

// importText uploads and imports text.
func (ts *testService) importText(text string, c admin.ImportOptions) admin.Import {
	ts.t.Helper()
	i := ts.stage(text)
	if _, err := ts.SetOptions(ts.t.Context(), i.ID, c); err != nil {
		ts.t.Fatal(err)
	}
	ts.waitFor(i.ID, admin.Ready)
	if _, err := ts.Run(ts.t.Context(), "ann", i.ID); err != nil {
		ts.t.Fatal(err)
	}
	return ts.waitFor(i.ID, admin.Done)
}

// rejects returns the rows that were not used.
func (ts *testService) rejects(id string) (name, content string) {
	ts.t.Helper()
	f, name, err := ts.Rejects(id)
	if err != nil {
		ts.t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		ts.t.Fatal(err)
	}
	return name, string(b)
}

// dump returns all customers as JSON lines.
func (ts *testService) dump() string {
	ts.t.Helper()
	var b bytes.Buffer
	if _, err := importer.ExportJSON(context.Background(), &b, ts.db.Customers()); err != nil {
		ts.t.Fatal(err)
	}
	return b.String()
}

// csvRows returns a CSV of n customers with owners.
func csvRows(n int) string {
	var b strings.Builder
	b.WriteString("id,name,email,owner\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,Person %d,p%d@example.com,w%d@example.com\n", i, i, i, i%7)
	}
	return b.String()
}

var errBroken = errors.New("broken")
