package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/sample"
)

// seed is what the customers are made from.
const seed = 1

const pool = "pool@example.com"

// A database has n customers of the sample.
type database struct {
	name     string          // a file, or the URL of PostgreSQL
	postgres *postgresServer // nil for a file
	n        int
	made     *importRun // nil when the database was there already
}

func (d database) String() string {
	if d.postgres != nil {
		return thousands(d.n) + " customers on PostgreSQL"
	}
	return thousands(d.n) + " customers"
}

// An importRun is the cost of an import.
type importRun struct {
	took time.Duration
	peak int64 // bytes of memory
	file int64 // bytes of the CSV
	size int64 // bytes of the database
}

// workers is the number of workers who share half of the customers, 500 each; the pool has
// the other half.
func (d database) workers() int { return max(d.n/1000, 1) }

// owner returns the owner of the customer at index i.
func (d database) owner(i int) string {
	if i%2 == 1 {
		return pool
	}
	return fmt.Sprintf("worker%03d@example.com", i/2%d.workers())
}

// worker draws one of the workers other than the pool's.
func (d database) worker(rng *rand.Rand) string { return d.owner(2 * rng.IntN(d.workers())) }

// customerOf draws the ID of one of a worker's customers. The pool has every second;
// another worker has every 2·workers-th.
func (d database) customerOf(worker string, rng *rand.Rand) string {
	if worker == pool {
		return strconv.Itoa(2*rng.IntN(d.n/2) + 2)
	}
	var number int
	fmt.Sscanf(worker, "worker%d@", &number)
	first, step := 2*number, 2*d.workers()
	return strconv.Itoa(first + step*rng.IntN((d.n-first+step-1)/step) + 1)
}

// onServer is the name of a database on PostgreSQL.
func (d database) onServer() string { return fmt.Sprintf("customers_%d", d.n) }

// size returns the bytes of the database, 0 if it is not there.
func (d database) size(ctx context.Context) int64 {
	if d.postgres != nil {
		return d.postgres.size(ctx, d.onServer())
	}
	return sizeOf(d.name)
}

// prepare makes a database by importing with the program, into PostgreSQL or, if that is nil,
// into a file, and measures the import.
func prepare(ctx context.Context, o options, postgres *postgresServer, n int) (d database, err error) {
	d = database{name: filepath.Join(o.cache, fmt.Sprintf("customers-%d.db", n)), postgres: postgres, n: n}
	if postgres != nil {
		d.name = postgres.url(d.onServer())
	}
	if o.reuse && d.size(ctx) > 0 {
		return d, nil
	}
	if postgres != nil {
		err = postgres.create(ctx, d.onServer())
	} else {
		err = removeDatabase(d.name)
	}
	if err != nil {
		return d, err
	}
	csv := filepath.Join(o.cache, "customers.csv")
	progress("%v: import", d)
	if err := writeCSV(csv, d); err != nil {
		return d, err
	}
	defer os.Remove(csv)
	cmd := exec.CommandContext(ctx, o.binary, "import", "--database", d.name, csv)
	cmd.Stderr = os.Stderr
	begun := time.Now()
	peak, err := runWatched(cmd)
	if err != nil {
		return d, err
	}
	d.made = &importRun{took: time.Since(begun), peak: peak, file: sizeOf(csv), size: d.size(ctx)}
	if postgres != nil {
		err = postgres.vacuum(ctx, d.onServer())
	}
	return d, err
}

// runWatched runs a program and returns its peak memory. The kernel's own figure for a
// program that has ended is at least that of the one which started it.
func runWatched(cmd *exec.Cmd) (peak int64, err error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			return peak, err
		case <-time.After(10 * time.Millisecond):
			if m, err := memoryOf(cmd.Process.Pid); err == nil { // else it has just ended
				peak = max(peak, m.peak)
			}
		}
	}
}

// removeDatabase removes a database, if it is there.
func removeDatabase(file string) error {
	for _, suffix := range []string{"", "-wal", "-shm", ".secret"} {
		if err := os.Remove(file + suffix); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

func writeCSV(name string, d database) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<20)
	if err := sample.WriteCSV(out, d.n, seed, d.owner); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return file.Close()
}

func sizeOf(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}
