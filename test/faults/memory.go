package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
)

// memoryPart runs the program with a limit of memory, beyond which the kernel kills it.
func memoryPart() part {
	return part{"memory", "Memory is limited (control group)", []fault{
		{"`serve` in 64 MiB, 200 connections", true, limitServe(64, 200, 0)},
		{"`serve` in 128 MiB, 200 connections and 24 people who sign in at once", true, limitServe(128, 200, 24)},
		{"an import of 100,000 rows in 128 MiB", true, limitImport},
	}}
}

// loadFor is how long the server is loaded.
const loadFor = 8 * time.Second

// A group is a control group with a memory limit.
type group struct{ dir, limit, peak string }

// newGroup makes a control group, of version 2 or 1. An error says why there is none.
func (l *lab) newGroup(mib int) (*group, error) {
	g := &group{limit: "memory.max", peak: "memory.peak"}
	parent := "/sys/fs/cgroup"
	if _, err := os.Stat(parent + "/cgroup.controllers"); err == nil {
		if err := os.WriteFile(parent+"/cgroup.subtree_control", []byte("+memory"), 0); err != nil {
			return nil, err
		}
	} else {
		parent, g.limit, g.peak = parent+"/memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes"
	}
	g.dir = fmt.Sprintf("%s/clientele-faults-%d", parent, os.Getpid())
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		return nil, err
	}
	l.cleanup(func() { l.eventually(5*time.Second, func() bool { return os.Remove(g.dir) == nil }) })
	return g, os.WriteFile(filepath.Join(g.dir, g.limit), []byte(strconv.Itoa(mib<<20)), 0)
}

// command returns a command that runs in the group from its first instruction on.
func (g *group) command(l *lab, program string, args ...string) *exec.Cmd {
	join := []string{"-c", `echo $$ >"$0" && exec "$@"`, filepath.Join(g.dir, "cgroup.procs"), program}
	return l.command("/bin/sh", append(join, args...)...)
}

// peakResident returns the most memory that an ended process had, in bytes.
func (p *process) peakResident() int64 {
	return p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

// limitServe loads a server within a limit: connections that read, and people who sign in.
func limitServe(mib, connections, people int) func(*lab, *row) error {
	return func(l *lab, r *row) error {
		g, err := l.newGroup(mib)
		if err != nil {
			r.skip("needs a control group for memory: " + err.Error())
			return nil
		}
		s, err := l.newSite(l.dir)
		if err == nil {
			err = errors.Join(s.fill(20_000), s.addPasswords(people))
		}
		if err != nil {
			return err
		}
		if s.server, err = l.listen(g.command(l, l.binary, s.serveArgs()...)); err != nil {
			return err
		}
		served, failed := s.load(connections, people)
		r.tried, r.unit = int(served+failed), "requests"
		alive := !s.server.hasEnded()
		r.check(alive, "killed")
		if alive {
			r.check(failed == 0, "%d requests failed", failed)
			s.checkReads(r)
			if err := s.server.stop(); err != nil {
				return err
			}
		}
		r.figure = fmt.Sprintf("peak resident %s; %s responses a second", mebibytes(s.server.peakResident()), thousands(int(float64(served)/loadFor.Seconds())))
		return nil
	}
}

// passwordOf is every person's password.
const passwordOf = "a long enough password"

func personName(i int) string { return fmt.Sprintf("person%d@example.com", i) }

// addPasswords adds people who sign in with a password.
func (s *site) addPasswords(n int) (err error) {
	db, err := store.Open(s.ctx, s.database, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	people := account.NewService(db.Accounts(), secret.NewPasswords(2), nil)
	defer people.Wait()
	for i := range n {
		if err := people.AddPerson(s.ctx, personName(i), account.RoleWorker, passwordOf); err != nil {
			return err
		}
	}
	return nil
}

// load reads over many connections for a while, and lets people sign in meanwhile.
func (s *site) load(connections, people int) (served, failed int64) {
	ctx, cancel := context.WithTimeout(s.ctx, loadFor)
	defer cancel()
	var ok, bad atomic.Int64
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() {
			for n := i; ctx.Err() == nil && !s.server.hasEnded(); n++ {
				read := func() (response, error) { return s.callback(alice, "") }
				if n%8 == 0 {
					read = func() (response, error) { return s.get(alice, "/customers?q="+url.QueryEscape("ann")) }
				}
				if got, err := read(); err == nil && got.status == http.StatusOK {
					ok.Add(1)
				} else {
					bad.Add(1)
				}
			}
		})
	}
	for i := range people {
		all.Go(func() {
			got, err := s.post("", "/signin", url.Values{"identity": {personName(i)}, "password": {passwordOf}})
			// 429 and 503 ask to come again: a limit of attempts, or a queue that is full.
			if err == nil && (got.status == http.StatusSeeOther || got.status == http.StatusTooManyRequests || got.status == http.StatusServiceUnavailable) {
				ok.Add(1)
			} else {
				bad.Add(1)
			}
		})
	}
	all.Wait()
	return ok.Load(), bad.Load()
}

func limitImport(l *lab, r *row) error {
	const rows = 100_000
	g, err := l.newGroup(128)
	if err != nil {
		r.skip("needs a control group for memory: " + err.Error())
		return nil
	}
	s, err := l.newSite(l.dir)
	if err != nil {
		return err
	}
	file, err := l.writeSample("import.csv", rows, 2)
	if err != nil {
		return err
	}
	begun := time.Now()
	p, err := l.begin(g.command(l, l.binary, s.importArgs([]string{file})...))
	if err != nil {
		return err
	}
	<-p.ended
	r.tried = 1
	r.figure = fmt.Sprintf("peak resident %s, %s", mebibytes(p.peakResident()), seconds(time.Since(begun)))
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		r.fail("%s: %s", p.cmd.ProcessState, strings.TrimSpace(p.log.tail()))
		return nil
	}
	all, err := s.export()
	r.check(err == nil && len(all) == rows, "%d of %d customers are there, %v", len(all), rows, err)
	return nil
}
