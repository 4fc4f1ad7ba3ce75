// Command faults injects faults into the real program and prints what docs/reliability.md
// shows: for each fault how often it was tried, how many promises were broken, and a
// figure. It exits 1 when a promise was broken.
//
// It needs the built program and the one of test/externalservice. Everything stays on this
// machine, in a temporary directory. Some faults need root, for file systems that can be
// filled and for groups with a memory limit.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	binary, external, dir string
	only, write           string
	match                 string
	kills                 int
	strict                bool
}

// A part is a group of faults.
type part struct {
	name, title string
	faults      []fault
}

// A fault is one way to hurt the program, and what must hold then. inject notes broken
// promises in its row. An error means that the fault could not be tried to its end, which
// counts as broken too.
type fault struct {
	what   string
	root   bool // needs it
	inject func(*lab, *row) error
}

// parts returns everything that is tried, in this order.
func parts() []part {
	return []part{killPart(), killPostgresPart(), diskPart(), databasePart(), postgresPart(), clockPart(), memoryPart(), servicePart(), clusterPart()}
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "bin/clientele", "the built `program`")
	flag.StringVar(&o.external, "external-service", ".cache/faults/externalservice", "the built `program` of test/externalservice")
	flag.StringVar(&o.dir, "dir", "", "keep databases in this `directory` while it runs (default: a temporary one)")
	flag.StringVar(&o.only, "only", "", "try only `parts`: any of "+strings.Join(names(), ", ")+", comma-separated (default: all but cluster)")
	flag.StringVar(&o.match, "match", "", "try only faults whose text in the table matches this regular `expression`")
	flag.StringVar(&o.write, "write", "", "also write the table into this `file`, between its faults marks")
	flag.IntVar(&o.kills, "kills", 5, "kill an import or a server so many `times` in one row of the table")
	flag.BoolVar(&o.strict, "strict", false, "exit 1 also when a fault could not be tried without root")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

func names() (all []string) {
	for _, p := range parts() {
		all = append(all, p.name)
	}
	return all
}

// longest bounds the whole run: what hangs is a broken promise too.
const longest = 30 * time.Minute

func run(ctx context.Context, o options) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	chosen := slices.DeleteFunc(names(), func(name string) bool { return name == "cluster" }) // it takes long, and needs more
	if o.only != "" {
		chosen = strings.Split(o.only, ",")
	}
	for _, name := range chosen {
		if !slices.Contains(names(), name) {
			return fmt.Errorf("-only: unknown part %q: use %s", name, strings.Join(names(), ", "))
		}
	}
	matching, err := regexp.Compile(o.match)
	if err != nil {
		return fmt.Errorf("-match: %w", err)
	}
	for _, file := range []*string{&o.binary, &o.external} {
		abs, err := filepath.Abs(*file)
		if err != nil {
			return err
		}
		*file = abs
	}
	r := report{begun: time.Now()}
	for _, p := range parts() {
		if !slices.Contains(chosen, p.name) {
			continue
		}
		for _, f := range p.faults {
			if !matching.MatchString(f.what) {
				continue
			}
			one := try(ctx, o, p, f)
			fmt.Fprintf(os.Stderr, "faults: %6s  %s: %s\n", seconds(one.took), p.name, f.what)
			r.rows = append(r.rows, one)
		}
	}
	text := r.String()
	fmt.Print(text)
	if o.write != "" {
		if err := writeBetweenMarks(filepath.Clean(o.write), text); err != nil {
			return err
		}
	}
	return errors.Join(r.result(o.strict), ctx.Err())
}

// try injects one fault in a directory of its own.
func try(ctx context.Context, o options, p part, f fault) *row {
	r, begun := &row{part: p.title, what: f.what}, time.Now()
	defer func() { r.took = time.Since(begun) }()
	if f.root && os.Geteuid() != 0 {
		r.skip("needs root")
		return r
	}
	dir, err := os.MkdirTemp(o.dir, "clientele-faults-")
	if err != nil {
		r.fail("%v", err)
		return r
	}
	l := &lab{ctx: ctx, options: o, dir: dir}
	l.cleanup(func() { os.RemoveAll(dir) })
	defer l.close()
	if err := f.inject(l, r); err != nil {
		r.fail("stopped: %v", err)
	}
	for _, p := range l.processes {
		r.check(!p.panicked(), "a panic: %s", p.log.tail())
	}
	return r
}
