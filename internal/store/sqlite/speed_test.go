package sqlite

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
)

func TestSpeed(t *testing.T) {
	file := os.Getenv("SPEED")
	if file == "" {
		t.Skip("set SPEED")
	}
	ctx := context.Background()
	_, serr := os.Stat(file)
	d, err := Open(ctx, file, Options{Bulk: serr != nil, WriterCacheKiB: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if serr != nil {
		start := time.Now()
		fill(t, d, 1_000_000, 5000)
		fmt.Println("fill", time.Since(start))
		start = time.Now()
		if err := d.Customers().Compact(ctx); err != nil {
			t.Fatal(err)
		}
		fmt.Println("compact", time.Since(start))
	}
	for _, w := range []string{"pool@example.com", "worker7@example.com"} {
		for _, q := range []string{"a", "ma", "maria", "an so", "zzzzqq", "5550123", "07700900", "e", "garcia lopez", "example.com", "0", "@"} {
			best := time.Hour
			n := 0
			for range 5 {
				start := time.Now()
				p, err := d.Customers().Search(ctx, customer.SearchQuery{Worker: w, Query: q, Limit: 30})
				if err != nil {
					t.Fatal(err)
				}
				n = len(p.Rows)
				best = min(best, time.Since(start))
			}
			fmt.Println(w, q, n, best)
		}
	}
}
