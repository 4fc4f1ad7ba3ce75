// Command bench measures what docs/benchmarks.md shows: whole requests to the real
// program beside a bare handler that writes the same bytes, its memory and start, the
// store by itself, and an import of a million rows.
//
// It needs the built program, and a directory for its databases (about a
// gigabyte), which it keeps for the next run; see -h.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
)

// options are the flags.
type options struct {
	binary, cache string
	sizes         []int
	reuse         bool
	each          time.Duration
	only          string
	write         string

	// connections is the number of callers, each on one kept connection; many of them is
	// what one row of the load is measured with.
	connections, many int

	external                        string
	workers, perSecond, concurrency int
	// serviceRate is how many requests a second the external service accepts; it rejects
	// the others with 429. 0 accepts all.
	serviceRate int
	// part divides the repetitions that each does not bound, for a test.
	part int
}

// times returns n divided by part.
func (o options) times(n int) int { return max(n/max(o.part, 1), 1) }

func main() {
	if len(os.Args) > 1 && os.Args[1] == floorCommand {
		exit(floorMain())
	}
	var o options
	var sizes string
	flag.StringVar(&o.binary, "binary", "bin/clientele", "the built `program`")
	flag.StringVar(&o.cache, "cache", ".cache/bench", "where databases are kept, a `directory`")
	flag.StringVar(&sizes, "sizes", "1000,100000,1000000", "how many customers, `numbers`")
	flag.BoolVar(&o.reuse, "keep", false, "use the databases of the last time (no import is measured)")
	flag.DurationVar(&o.each, "each", 2*time.Second, "how `long` each figure is measured (whole requests: two and a half times as long, and the floor as well)")
	flag.StringVar(&o.only, "only", "", "measure only `parts`: any of load, store, console, rush, comma-separated, and postgres to measure load and store on PostgreSQL as well")
	flag.StringVar(&o.write, "write", "", "also write the tables into this `file`, between its bench marks, and the chart into images/load.svg beside it")
	flag.IntVar(&o.connections, "connections", 16, "over how many connections requests are sent, a `number`")
	flag.IntVar(&o.many, "many", 2000, "over how many in the row with many connections, a `number`")
	flag.StringVar(&o.external, "external-service", ".cache/bench/externalservice", "the external service: the built `program` of test/externalservice")
	flag.IntVar(&o.workers, "workers", 1000, "how many workers open their lists at once, a `number`")
	flag.IntVar(&o.perSecond, "rate", 10, "how many `requests` a second the external service gets")
	flag.IntVar(&o.concurrency, "concurrency", 4, "how many `requests` at once")
	flag.Parse()
	for _, s := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 {
			exit(fmt.Errorf("-sizes: %q is not a number of customers", s))
		}
		o.sizes = append(o.sizes, n)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(run(ctx, o))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (o options) wants(part string) bool {
	return o.only == "" || strings.Contains(","+o.only+",", ","+part+",")
}

func run(ctx context.Context, o options) error {
	r, err := measure(ctx, o)
	if err != nil {
		return err
	}
	fmt.Print(r)
	if o.write != "" {
		if err := r.writeInto(filepath.Clean(o.write)); err != nil {
			return err
		}
	}
	return r.failed()
}

func measure(ctx context.Context, o options) (r report, err error) {
	if err := os.MkdirAll(o.cache, 0o755); err != nil {
		return r, err
	}
	r.average = loadAverage() + " before"
	sizes := o.sizes
	if o.only == "rush" {
		sizes = nil
	}
	var server *postgresServer
	if len(sizes) > 0 && o.wants("postgres") {
		switch server, err = startPostgres(filepath.Join(o.cache, "postgres")); {
		case errors.Is(err, postgrestest.ErrMissing):
			r.without = err
		case err != nil:
			return r, err
		default:
			defer func() { err = errors.Join(err, server.stop()) }()
		}
	}
	for _, n := range sizes {
		m, err := measureSize(ctx, o, nil, n)
		if err != nil {
			return r, err
		}
		r.sizes = append(r.sizes, m)
		if server == nil {
			continue
		}
		if m, err = measureSize(ctx, o, server, n); err != nil {
			return r, err
		}
		r.postgres = append(r.postgres, m)
	}
	if o.wants("rush") && o.workers > 0 {
		refusing := o
		refusing.workers, refusing.perSecond, refusing.concurrency, refusing.serviceRate = min(o.workers, 60), 20, 8, 10
		for _, o := range []options{o, refusing} {
			progress("%s workers in front of an external service", thousands(o.workers))
			one, err := measureRush(ctx, o)
			if err != nil {
				return r, fmt.Errorf("workers in front of an external service: %w", err)
			}
			r.rushes = append(r.rushes, one)
		}
	}
	r.average += ", " + loadAverage() + " after"
	return r, nil
}

// measureSize measures a database with n customers: on PostgreSQL or, if that is nil, in a file.
func measureSize(ctx context.Context, o options, server *postgresServer, n int) (m measured, err error) {
	d, err := prepare(ctx, o, server, n)
	if err != nil {
		return m, fmt.Errorf("prepare %v: %w", d, err)
	}
	m = measured{customers: n, name: d.String(), made: d.made}
	for _, part := range []struct {
		name, what string
		measure    func() error
	}{
		{"load", "whole requests", func() (err error) { m.load, err = measureLoad(ctx, o, d); return err }},
		{"store", "the store", func() (err error) { m.store, err = measureStore(ctx, o, d); return err }},
		{"console", "the console", func() (err error) { m.console, err = measureConsole(ctx, o, d); return err }},
	} {
		if !o.wants(part.name) || part.name == "console" && server != nil {
			continue
		}
		progress("%v: %s", d, part.what)
		if err := part.measure(); err != nil {
			return m, fmt.Errorf("%s with %v: %w", part.what, d, err)
		}
	}
	return m, nil
}

// loadAverage is the machine's load of the last minute.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// progress prints a step to standard error.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }
