package importer_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// mixedCSV returns a file with what makes an import hard to repeat: rows without ids,
// duplicates, shared numbers, rejected rows.
func mixedCSV(rows int) string {
	rnd := rand.New(rand.NewPCG(7, 7))
	var b strings.Builder
	b.WriteString("id,name,phone,email,owner\n")
	for i := range rows {
		id := ""
		if rnd.IntN(3) > 0 {
			id = fmt.Sprint(rnd.IntN(rows))
		}
		name := fmt.Sprintf("Person %d", rnd.IntN(rows/4))
		if rnd.IntN(50) == 0 {
			name = ""
		}
		phone := fmt.Sprintf("+1555704%04d", rnd.IntN(rows/3))
		mail := fmt.Sprintf("p%d@example.com", rnd.IntN(rows/3))
		owner := []string{"alice", "bob", "", "alice;carol"}[rnd.IntN(4)]
		if rnd.IntN(60) == 0 {
			fmt.Fprintf(&b, "%s,%s\n", id, name)
			continue
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s\n", id, name, phone, []string{mail, "", mail}[i%3], owner)
	}
	return b.String()
}

// faulty is a store whose transactions fail at some row, as when the process is killed:
// what the transaction wrote is lost.
type faulty struct {
	customer.Store
	puts int // until it fails
}

var errKilled = errors.New("killed")

func (f *faulty) Update(ctx context.Context, fn func(customer.Tx) error) error {
	return f.Store.Update(ctx, func(tx customer.Tx) error { return fn(&faultyTx{tx, f}) })
}

type faultyTx struct {
	customer.Tx
	store *faulty
}

func (t *faultyTx) Put(ctx context.Context, c customer.Customer) error {
	if t.store.puts--; t.store.puts < 0 {
		return errKilled
	}
	return t.Tx.Put(ctx, c)
}

func TestImport_IsCompletedByASecondRunAfterAKill(t *testing.T) {
	text := mixedCSV(4000) // two batches
	before := newStore(t)
	old := "id,name,phone,email,owner\n"
	for i := range 600 {
		old += fmt.Sprintf("%s,Person %d,,p%d@example.com,dave\n", []string{"", fmt.Sprint(i), fmt.Sprintf("old-%d", i)}[i%3], i, i)
	}
	run(t, before, old, importer.Options{})
	start := dump(t, before)

	once := newStore(t)
	run(t, once, start, importer.Options{})
	first := run(t, once, text, importer.Options{})
	want := dump(t, once)
	if first.Created == 0 || first.Skipped == 0 || first.Rejected == 0 || first.Updated == 0 {
		t.Fatalf("the file tests too little: %+v", countsOf(first))
	}
	second := run(t, once, text, importer.Options{})
	if second.Created+second.Updated != 0 {
		t.Errorf("a second run reports %+v", countsOf(second))
	}
	if diff := cmp.Diff(want, dump(t, once)); diff != "" {
		t.Errorf("a second run changed (-once +twice):\n%s", diff)
	}

	rnd, left := rand.New(rand.NewPCG(1, 2)), map[int]bool{}
	for range 3 {
		store := newStore(t)
		run(t, store, start, importer.Options{})
		killed := 0
		for range 3 {
			at := rnd.IntN(first.Created)
			_, err := importer.Run(context.Background(), strings.NewReader(text), &faulty{store, at}, importer.Options{TransactionRows: 1})
			if err != nil && !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			if err != nil {
				killed++
			}
			left[len(all(t, store))] = true
		}
		if killed == 0 {
			t.Fatal("Import was never killed")
		}
		run(t, store, text, importer.Options{})
		if diff := cmp.Diff(want, dump(t, store)); diff != "" {
			t.Errorf("killed and completed differs from once (-once +killed):\n%s", diff)
		}
	}
	if len(left) < 3 {
		t.Errorf("Import was killed at %d different rows, want 3 at least", len(left))
	}
}

func TestImport_StopsWhenCanceled(t *testing.T) {
	store := newStore(t)
	ctx, cancel := context.WithCancel(context.Background())
	opts := importer.Options{TransactionRows: 1, Progress: func(p importer.Progress) {
		if p.Rows >= 4000 {
			cancel()
		}
	}}
	report, err := importer.Run(ctx, strings.NewReader(mixedCSV(10_000)), store, opts)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Import: %v, want %v", err, context.Canceled)
	}
	if got := len(all(t, store)); got != report.Created || got == 0 {
		t.Errorf("Import, canceled: %d customers stored, want the %d reported", got, report.Created)
	}
}

func TestImport_EndsWithTheStoresErrorAndTheLine(t *testing.T) {
	broken := &brokenStore{newStore(t)}
	_, err := importer.Run(context.Background(), strings.NewReader("id,name,owner\n1,Anna,bob\n"), broken, importer.Options{})
	if !errors.Is(err, customer.ErrUnavailable) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("Import: %v, want %v at line 2", err, customer.ErrUnavailable)
	}
}

type brokenStore struct{ customer.Store }

func (b *brokenStore) Update(ctx context.Context, fn func(customer.Tx) error) error {
	return b.Store.Update(ctx, func(tx customer.Tx) error { return fn(brokenTx{tx}) })
}

type brokenTx struct{ customer.Tx }

func (brokenTx) Get(context.Context, string) (customer.Customer, error) {
	return customer.Customer{}, customer.ErrUnavailable
}

func TestExportJSON_IsReadBackByteForByte(t *testing.T) {
	awkward := []customer.Customer{
		{ID: "a/b c\u2028", Name: "<script>&\u2029\u202e", Workers: []string{"*", "Jones, Carol", "é"}},
		{ID: "{\"json\":1}", Name: "\"quoted\" \\ back", Company: "A\tB", JobTitle: "x", Channels: []customer.Channel{sms("call the office"), {Type: customer.Chat, Value: "id;1,2"}, email("n/a"), whatsapp("07700 900015"), sms("0044 7700")},
			Links: []customer.Link{{Type: "", Value: "javascript:alert(1)", DisplayName: ""}}, Details: customer.Detail{Title: " t ", Content: "\n a\r\nb \n"}, Avatar: "http://example.com/ä?x=1"},
		{ID: "z", Name: "only a name"},
	}
	for _, name := range []string{"hubspot-contacts.csv", "salesforce-contacts.csv", "airtable-customers.csv", "google-contacts.csv", "contacts.vcf", "customers.json", "troubles.csv", ""} {
		t.Run("after importing "+name, func(t *testing.T) {
			ctx, store := context.Background(), newStore(t)
			if name != "" {
				run(t, store, shared(t, name), importer.Options{Worker: "alice"})
			}
			if err := store.Update(ctx, func(tx customer.Tx) error {
				for _, c := range awkward {
					if err := tx.Put(ctx, c); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			first := dump(t, store)
			copied := newStore(t)
			report := run(t, copied, first, importer.Options{})
			if report.Created != report.Rows || report.Rows == 0 || len(report.Remarks) != 0 {
				t.Errorf("reading it back reports %s", show(report))
			}
			if diff := cmp.Diff(first, dump(t, copied)); diff != "" {
				t.Errorf("(-first +second):\n%s", diff)
			}
			if diff := cmp.Diff(all(t, store), all(t, copied)); diff != "" {
				t.Errorf("customers (-first +second):\n%s", diff)
			}
			if again := run(t, store, first, importer.Options{}); again.Unchanged != again.Rows {
				t.Errorf("reading it back into the same store reports %s", show(again))
			}
		})
	}
}
