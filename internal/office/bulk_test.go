package office_test

import (
	"context"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/office"
)

// TestOthersWriteAndReadWhileVeryManyAreImported imports 10,000 customers, in which
// time somebody writes a customer again and again and reads a page.
func TestOthersWriteAndReadWhileVeryManyAreImported(t *testing.T) {
	const rows = 10_000
	h := newHouse(t)
	h.put(customer.Customer{ID: "x", Name: "X", Workers: []string{"bob"}})
	i := h.stage(rowsOfCSV(rows))
	h.until(i.ID, office.Ready)
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var writing, reading time.Duration
	n := 0
	for ; ; n++ {
		if now, _ := h.Import(i.ID); now.State != office.Importing {
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
	i = h.until(i.ID, office.Done)
	t.Logf("in %d turns, writing took at most %s, reading %s; %+v", n, writing, reading, i.Progress)
	if i.Report.Created != rows || n < 3 {
		t.Errorf("it came to %+v after %d turns", i.Report, n)
	}
}
