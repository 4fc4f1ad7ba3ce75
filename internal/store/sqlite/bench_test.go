package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/sample"
)

// benchWorkers gives every other customer to one worker's pool, and the others to
// as many workers as have 500 each.
func benchWorkers(n int) func(i int) []string {
	workers := max(n/2/500, 1)
	return func(i int) []string {
		if i%2 == 0 {
			return []string{"pool@example.com"}
		}
		return []string{"worker" + strconv.Itoa(i/2%workers) + "@example.com"}
	}
}

func fill(tb testing.TB, d *DB, n, batch int) {
	ctx := context.Background()
	var pending []customer.Customer
	flush := func() {
		err := d.Customers().Update(ctx, func(tx customer.Tx) error {
			for _, c := range pending {
				if err := tx.Put(ctx, c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
		pending = pending[:0]
	}
	for c := range sample.Customers(n, 1, benchWorkers(n)) {
		if pending = append(pending, c); len(pending) == batch {
			flush()
		}
	}
	flush()
}

func TestFillTime(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("FILL"))
	if n == 0 {
		t.Skip("set FILL")
	}
	batch, _ := strconv.Atoi(os.Getenv("BATCH"))
	cache, _ := strconv.Atoi(os.Getenv("CACHE"))
	file := filepath.Join(t.TempDir(), "b.db")
	d, err := Open(context.Background(), file, Options{Bulk: true, WriterCacheKiB: cache << 10})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	fill(t, d, n, batch)
	fmt.Println("puts", time.Since(start), time.Since(start)/time.Duration(n))
	start = time.Now()
	d.Close()
	fmt.Println("close", time.Since(start))
	info, _ := os.Stat(file)
	fmt.Println(info.Size()>>20, "MiB")
	status, _ := os.ReadFile("/proc/self/status")
	_ = status
}
