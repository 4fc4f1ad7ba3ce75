package sqlite

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/sample"
)

// The benchmarks run over 1,000 customers, and over as many more as BENCH_SIZES
// says ("100000 1000000"). Half belong to one worker, the pool; the others have
// 500 each. Large databases are made once and kept in the temporary directory.
//
// cpu-ns/op is the processor time of the whole process, which a busy machine
// does not change as it changes ns/op.

const pool500k = "pool@example.com"

func smallWorkers(n int) int { return max(n/2/500, 1) }

func smallWorker(i int) string { return "worker" + strconv.Itoa(i) + "@example.com" }

func benchOwners(n int) func(i int) []string {
	return func(i int) []string {
		if i%2 == 0 {
			return []string{pool500k}
		}
		return []string{smallWorker(i / 2 % smallWorkers(n))}
	}
}

// fill puts n invented customers in batches.
func fill(tb testing.TB, d *DB, n, batch int) {
	tb.Helper()
	var waiting []customer.Customer
	flush := func() {
		if err := d.Customers().Update(context.Background(), func(tx customer.Tx) error {
			for _, c := range waiting {
				if err := tx.Put(context.Background(), c); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			tb.Fatal(err)
		}
		waiting = waiting[:0]
	}
	for c := range sample.Customers(n, 1, benchOwners(n)) {
		if waiting = append(waiting, c); len(waiting) == batch {
			flush()
		}
	}
	flush()
	if err := d.Customers().Compact(context.Background()); err != nil {
		tb.Fatal(err)
	}
}

// benchDB opens a database of n customers, making it when there is none yet.
func benchDB(b *testing.B, n int) *DB {
	b.Helper()
	all, err := readMigrations(migrations)
	if err != nil {
		b.Fatal(err)
	}
	schema := fnv.New32a() // another schema, another file
	for _, m := range all {
		schema.Write([]byte(m.sql))
	}
	file := filepath.Join(os.TempDir(), fmt.Sprintf("clientele-bench-%x-%d.db", schema.Sum32(), n))
	if n < 10_000 {
		file = filepath.Join(b.TempDir(), "bench.db")
	}
	if _, err := os.Stat(file); err != nil {
		making := file + ".making"
		os.Remove(making)
		d, err := Open(context.Background(), making, Options{Bulk: true, WriterCacheKiB: 64 << 10})
		if err != nil {
			b.Fatal(err)
		}
		fill(b, d, n, 5000)
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
		if err := os.Rename(making, file); err != nil {
			b.Fatal(err)
		}
	}
	d, err := Open(context.Background(), file, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	return d
}

// eachSize runs a benchmark at every size.
func eachSize(b *testing.B, run func(b *testing.B, s *Customers, n int)) {
	for _, size := range append([]string{"1000"}, strings.Fields(os.Getenv("BENCH_SIZES"))...) {
		n, err := strconv.Atoi(size)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(size, func(b *testing.B) { run(b, benchDB(b, n).Customers(), n) })
	}
}

// loop runs op over and over, and reports processor time too.
func loop(b *testing.B, op func() error) {
	b.Helper()
	for range 50 { // warm
		if err := op(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	start := cpuTime()
	n := 0
	for b.Loop() {
		if err := op(); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(cpuTime()-start)/float64(n), "cpu-ns/op")
}

func cpuTime() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

// asker asks for random customers of random workers, half of the time the pool.
type asker struct {
	rng *rand.Rand
	n   int
}

func (a asker) worker() string {
	if a.rng.IntN(2) == 0 {
		return pool500k
	}
	return smallWorker(a.rng.IntN(smallWorkers(a.n)))
}

// customer answers a worker and the id of one of its customers.
func (a asker) customer() (worker, id string) {
	i := a.rng.IntN(a.n)
	return benchOwners(a.n)(i)[0], strconv.Itoa(i + 1)
}

func newAsker(n int) asker { return asker{rand.New(rand.NewPCG(1, 2)), n} }

func BenchmarkList(b *testing.B) {
	eachSize(b, func(b *testing.B, s *Customers, n int) {
		a := newAsker(n)
		loop(b, func() error {
			_, err := s.List(context.Background(), customer.ListQuery{Worker: a.worker(), Limit: 30})
			return err
		})
	})
}

func BenchmarkAnchored(b *testing.B) {
	eachSize(b, func(b *testing.B, s *Customers, n int) {
		a := newAsker(n)
		loop(b, func() error {
			worker, id := a.customer()
			_, err := s.List(context.Background(), customer.ListQuery{Worker: worker, Anchor: id, Limit: 30})
			return err
		})
	})
}

func BenchmarkDetails(b *testing.B) {
	eachSize(b, func(b *testing.B, s *Customers, n int) {
		a := newAsker(n)
		loop(b, func() error {
			worker, id := a.customer()
			_, err := s.Customer(context.Background(), worker, id)
			return err
		})
	})
}

func BenchmarkSearch(b *testing.B) {
	eachSize(b, func(b *testing.B, s *Customers, n int) {
		for _, who := range []string{"worker", "pool"} {
			for _, query := range []string{"a", "ma", "maria", "an so", "garcia lopez", "example.com", "5550123", "zzzzqq"} {
				b.Run(who+"/"+query, func(b *testing.B) {
					worker := pool500k
					if who == "worker" {
						worker = smallWorker(0)
					}
					loop(b, func() error {
						_, err := s.Search(context.Background(), customer.SearchQuery{Worker: worker, Query: query, Limit: 30})
						return err
					})
				})
			}
		}
	})
}

// BenchmarkPut puts new customers, 2,000 at a time; an op is one customer.
func BenchmarkPut(b *testing.B) {
	d := openTest(b, Options{Bulk: true, WriterCacheKiB: 24 << 10})
	start := cpuTime()
	b.ResetTimer()
	fill(b, d, b.N, 2000)
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
}
