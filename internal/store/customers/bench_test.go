package customers_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/sample"
	"github.com/clientele-project/clientele/internal/store/customers"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/migrations"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// The benchmarks run over 1,000 customers, and over as many more as BENCH_SIZES
// says ("100000 1000000"). Half belong to one worker, the pool; the others have
// 500 each. Large databases are made once and kept in the temporary directory.
//
// cpu-ns/op is the processor time of the whole process, which a busy machine
// does not change as it changes ns/op.

const poolWorker = "pool@example.com"

func smallWorkers(n int) int { return max(n/2/500, 1) }

func smallWorker(i int) string { return "worker" + strconv.Itoa(i) + "@example.com" }

func benchOwners(n int) func(i int) []string {
	return func(i int) []string {
		if i%2 == 0 {
			return []string{poolWorker}
		}
		return []string{smallWorker(i / 2 % smallWorkers(n))}
	}
}

// fill puts n sample customers in batches.
func fill(tb testing.TB, s *customers.Store, n, batch int) {
	tb.Helper()
	var waiting []customer.Customer
	flush := func() {
		if err := s.Update(context.Background(), func(tx customer.Tx) error {
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
	if err := s.Compact(context.Background()); err != nil {
		tb.Fatal(err)
	}
}

// openFilled opens a store of n customers, filling it when there is none yet.
func openFilled(b *testing.B, n int) *customers.Store {
	b.Helper()
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		b.Fatal(err)
	}
	schema := fnv.New32a() // another schema, another file
	for _, name := range names {
		statements, err := migrations.Files.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		schema.Write(statements)
	}
	file := filepath.Join(os.TempDir(), fmt.Sprintf("clientele-bench-%x-%d.db", schema.Sum32(), n))
	if n < 10_000 {
		file = filepath.Join(b.TempDir(), "bench.db")
	}
	if _, err := os.Stat(file); err != nil {
		partial := file + ".partial"
		os.Remove(partial)
		s, db := newStore(b, partial, sqlite.Options{Bulk: true, WriterCacheKiB: 64 << 10}, customers.Options{})
		fill(b, s, n, 5000)
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		if err := os.Rename(partial, file); err != nil {
			b.Fatal(err)
		}
	}
	s, _ := openStore(b, file, sqlite.Options{}, customers.Options{})
	return s
}

// eachSize runs a benchmark at every size.
func eachSize(b *testing.B, run func(b *testing.B, s *customers.Store, n int)) {
	for _, size := range append([]string{"1000"}, strings.Fields(os.Getenv("BENCH_SIZES"))...) {
		n, err := strconv.Atoi(size)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(size, func(b *testing.B) { run(b, openFilled(b, n), n) })
	}
}

// loop runs op over and over, and reports processor time too.
func loop(b *testing.B, op func() error) {
	b.Helper()
	for range 50 { // warm up
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

// chooser chooses random customers of random workers, half of the time the pool.
type chooser struct {
	rng *rand.Rand
	n   int
}

func (c chooser) worker() string {
	if c.rng.IntN(2) == 0 {
		return poolWorker
	}
	return smallWorker(c.rng.IntN(smallWorkers(c.n)))
}

// customer returns a worker and the id of one of its customers.
func (c chooser) customer() (worker, id string) {
	i := c.rng.IntN(c.n)
	return benchOwners(c.n)(i)[0], strconv.Itoa(i + 1)
}

func newChooser(n int) chooser { return chooser{rand.New(rand.NewPCG(1, 2)), n} }

func BenchmarkList(b *testing.B) {
	eachSize(b, func(b *testing.B, s *customers.Store, n int) {
		c := newChooser(n)
		loop(b, func() error {
			_, err := s.List(context.Background(), customer.ListQuery{Worker: c.worker(), Limit: 30})
			return err
		})
	})
}

func BenchmarkAnchored(b *testing.B) {
	eachSize(b, func(b *testing.B, s *customers.Store, n int) {
		c := newChooser(n)
		loop(b, func() error {
			worker, id := c.customer()
			_, err := s.List(context.Background(), customer.ListQuery{Worker: worker, Anchor: id, Limit: 30})
			return err
		})
	})
}

func BenchmarkDetails(b *testing.B) {
	eachSize(b, func(b *testing.B, s *customers.Store, n int) {
		c := newChooser(n)
		loop(b, func() error {
			worker, id := c.customer()
			_, err := s.Customer(context.Background(), worker, id)
			return err
		})
	})
}

// BenchmarkFindByContact finds the customers at an address of a sample customer, and no one
// at an address with the most keys.
func BenchmarkFindByContact(b *testing.B) {
	eachSize(b, func(b *testing.B, s *customers.Store, n int) {
		var known string
		for c := range sample.Customers(n, 1, benchOwners(n)) {
			for _, ch := range c.Channels {
				if ch.Type == customer.SMS {
					known = ch.Value
				}
			}
		}
		for name, address := range map[string]string{"known": known, "unknown": "+5493519999999"} {
			b.Run(name, func(b *testing.B) {
				loop(b, func() error {
					international, national := customer.AddressKeys(address)
					found, err := s.FindByContact(context.Background(), international)
					if err == nil && len(found) == 0 {
						_, err = s.FindByContact(context.Background(), national)
					}
					return err
				})
			})
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	eachSize(b, func(b *testing.B, s *customers.Store, n int) {
		for _, who := range []string{"worker", "pool"} {
			for _, query := range []string{"a", "ma", "maria", "an so", "garcia lopez", "example.com", "5550123", "zzzzqq"} {
				b.Run(who+"/"+query, func(b *testing.B) {
					worker := poolWorker
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

// BenchmarkUpdate puts one customer a transaction.
func BenchmarkUpdate(b *testing.B) {
	s, _ := openStore(b, sqlitetest.File(b), sqlite.Options{}, customers.Options{})
	n := 0
	loop(b, func() error {
		n++
		return putOne(s, customer.Customer{ID: strconv.Itoa(n % 500), Name: "Anna " + strconv.Itoa(n), Workers: []string{poolWorker}})
	})
}

// BenchmarkPut puts new customers, 2,000 at a time; an op is one customer.
func BenchmarkPut(b *testing.B) {
	s, _ := openStore(b, sqlitetest.File(b), sqlite.Options{Bulk: true}, customers.Options{})
	start := cpuTime()
	b.ResetTimer()
	fill(b, s, b.N, 2000)
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
}
