package office_test

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

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/office"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// diary is an audit that remembers, or fails.
type diary struct {
	mu      sync.Mutex
	entries []audit.Entry
	err     error
}

func (d *diary) Keep(_ context.Context, e audit.Entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.entries = append(d.entries, e)
	}
	return d.err
}

func (d *diary) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

// told is what was kept, a line each.
func (d *diary) told() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var lines []string
	for _, e := range d.entries {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %q %q %d", e.Actor, e.Action, e.Subject, e.Detail, e.Count)))
	}
	return lines
}

// house is an office over a real database.
type house struct {
	*office.Office
	t     testing.TB
	db    *sqlite.DB
	file  string
	dir   string
	diary *diary
}

// newHouse makes an office that ends with the test, with options as change leaves them.
func newHouse(t testing.TB, change ...func(*office.Options)) *house {
	t.Helper()
	h := &house{t: t, diary: new(diary)}
	h.file, h.dir = sqlitetest.File(t), filepath.Join(t.TempDir(), "uploads")
	var err error
	if h.db, err = sqlite.Open(t.Context(), h.file, sqlite.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.db.Close(); err != nil {
			t.Error(err)
		}
	})
	options := office.Options{Store: h.db.Customers(), Register: h.db.Customers(), Dir: h.dir, Audit: h.diary, Bulk: h.bulk, Logger: slog.New(slog.DiscardHandler)}
	for _, fn := range change {
		fn(&options)
	}
	h.Office = office.New(options)
	t.Cleanup(func() {
		h.Close()
		if left, err := os.ReadDir(h.dir); err == nil && len(left) > 0 {
			t.Errorf("files are left: %v", left)
		}
	})
	return h
}

func (h *house) bulk(ctx context.Context) (customer.Store, func(context.Context) error, func() error, error) {
	db, err := sqlite.Open(ctx, h.file, sqlite.Options{Bulk: true, WriterCacheKiB: 24 << 10})
	if err != nil {
		return nil, nil, nil, err
	}
	return db.Customers(), db.Customers().Compact, db.Close, nil
}

// put keeps customers.
func (h *house) put(list ...customer.Customer) {
	h.t.Helper()
	err := h.db.Customers().Update(context.Background(), func(tx customer.Tx) error {
		for _, c := range list {
			if err := tx.Put(context.Background(), c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// all are the customers, an id and a name each.
func (h *house) all() (list []customer.Customer) {
	h.t.Helper()
	for c, err := range h.db.Customers().All(context.Background()) {
		if err != nil {
			h.t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

func (h *house) get(id string) customer.Customer {
	h.t.Helper()
	for _, c := range h.all() {
		if c.ID == id {
			return c
		}
	}
	h.t.Fatalf("there is no customer %s", id)
	return customer.Customer{}
}

// stage uploads a text as ann, and fails the test when that is refused.
func (h *house) stage(text string) office.Import {
	h.t.Helper()
	i, err := h.Stage(h.t.Context(), "ann", "crm.csv", strings.NewReader(text))
	if err != nil {
		h.t.Fatal(err)
	}
	return i
}

// until waits for an import to come to a state.
func (h *house) until(id string, states ...office.State) office.Import {
	h.t.Helper()
	var i office.Import
	h.eventually(fmt.Sprintf("the import is %v", states), func() (so bool) {
		var err error
		if i, err = h.Import(id); err != nil {
			h.t.Fatal(err)
		}
		return slices.Contains(states, i.State)
	})
	return i
}

// eventually waits until something is so; what is still not so after 90 s never will
// be, also on a busy machine.
func (h *house) eventually(what string, so func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatalf("it is still not so that %s: %+v", what, h.Imports())
		}
	}
}

// bring uploads a text, imports it and answers what it came to.
func (h *house) bring(text string, c office.Choices) office.Import {
	h.t.Helper()
	i := h.stage(text)
	if _, err := h.Choose(h.t.Context(), i.ID, c); err != nil {
		h.t.Fatal(err)
	}
	h.until(i.ID, office.Ready)
	if _, err := h.Run(h.t.Context(), "ann", i.ID); err != nil {
		h.t.Fatal(err)
	}
	return h.until(i.ID, office.Done)
}

// rejects are the rows that were not used.
func (h *house) rejects(id string) (name, content string) {
	h.t.Helper()
	f, name, err := h.Rejects(id)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		h.t.Fatal(err)
	}
	return name, string(b)
}

// dump is all customers, to compare.
func (h *house) dump() string {
	h.t.Helper()
	var b bytes.Buffer
	if _, err := importer.ExportJSON(context.Background(), &b, h.db.Customers()); err != nil {
		h.t.Fatal(err)
	}
	return b.String()
}

// rowsOfCSV is a CSV of n rows with owners.
func rowsOfCSV(n int) string {
	var b strings.Builder
	b.WriteString("id,name,email,owner\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,Person %d,p%d@example.com,w%d@example.com\n", i, i, i, i%7)
	}
	return b.String()
}

var errBroken = errors.New("broken")
