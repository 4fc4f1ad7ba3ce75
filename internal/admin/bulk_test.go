package admin_test

import (
	"context"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
)

// TestOthersWriteAndReadWhileVeryManyAreImported imports 100,000 customers, in which
// time somebody writes a customer again and again and reads a page. On a machine with
// nothing else to do, they wait a third of a second at most.
func TestOthersWriteAndReadWhileVeryManyAreImported(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	rows, patience := 100_000, 5*time.Second
	if raced == 1 {
		rows, patience = 10_000, 20*time.Second
	}
	h := newHouse(t)
	h.put(customer.Customer{ID: "x", Name: "X", Workers: []string{"bob"}})
	i := h.stage(rowsOfCSV(rows))
	h.until(i.ID, admin.Ready)
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var writing, reading time.Duration
	n := 0
	for ; ; n++ {
		if now, _ := h.Import(i.ID); now.State != admin.Importing {
			break
		}
		began := time.Now()
		h.put(customer.Customer{ID: "x", Name: "X", Workers: []string{"bob"}, Company: began.String()})
		writing = max(writing, time.Since(began))
		began = time.Now()
		if _, err := h.db.Customers().List(ctx, customer.ListQuery{Worker: "w1@example.com", Limit: 30}); err != nil {
			t.Fatal(err)
		}
		reading = max(reading, time.Since(began))
		time.Sleep(5 * time.Millisecond)
	}
	i = h.until(i.ID, admin.Done)
	t.Logf("in %d turns, writing took at most %s, reading %s; %+v", n, writing, reading, i.Progress)
	if i.Report.Created != rows || n < 2 {
		t.Errorf("it came to %+v after %d turns", i.Report, n)
	}
	if writing > patience || reading > patience {
		t.Errorf("writing took up to %s, reading %s", writing, reading)
	}
}
