package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"
)

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// A route is a path of the program with the methods that it takes.
type route struct {
	path    string
	methods []string
}

// routes returns all of the program, which test/golden holds.
func routes() (all []route, err error) {
	text, err := os.ReadFile("test/golden/testdata/routes.txt")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		path, rest, ok := strings.Cut(line, " [")
		methods, _, ok2 := strings.Cut(rest, "]")
		if !ok || !ok2 {
			return nil, fmt.Errorf("routes.txt: cannot read %q", line)
		}
		one := route{path: wildcard.ReplaceAllString(path, "x")}
		for method := range strings.SplitSeq(methods, ", ") {
			if method != http.MethodHead {
				one.methods = append(one.methods, method)
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// noneRuns requests every path of a Clientele while both databases are gone.
func (c *cluster) noneRuns(_ *lab, r *row) error {
	for _, machine := range []string{"db1", "db2"} {
		if err := c.down(machine); err != nil {
			return err
		}
		defer c.up(machine)
		if err := c.signalDatabase(machine, syscall.SIGKILL); err != nil {
			return err
		}
	}
	return c.everyPath(r)
}

// allHang does so while both hang.
func (c *cluster) allHang(_ *lab, r *row) error {
	for _, machine := range []string{"db1", "db2"} {
		defer c.signalDatabase(machine, syscall.SIGCONT)
		if err := c.signalDatabase(machine, syscall.SIGSTOP); err != nil {
			return err
		}
	}
	return c.everyPath(r)
}

// everyPath requests every path as an administrator. Most need the database, and must say so.
func (c *cluster) everyPath(r *row) error {
	all, err := routes()
	if err != nil {
		return err
	}
	app := &site{lab: c.lab, cookies: c.cookies, server: &process{url: "http://" + address("app2") + ":8080"}}
	unavailable := 0
	slowest := time.Duration(0)
	for _, route := range all {
		for _, method := range route.methods {
			begun := time.Now()
			got, err := app.send(root, method, route.path, formType, strings.NewReader(url.Values{"id": {"w001-01"}, "identity": {alice}, "password": {"correct horse"}}.Encode()))
			took := time.Since(begun)
			slowest = max(slowest, took)
			r.tried++
			what := fmt.Sprintf("%s %s: status %d after %s", method, route.path, got.status, seconds(took))
			r.check(err == nil, "%s: %v", what, err)
			r.check(took <= longestWait, "%s", what)
			r.check(got.status < 500 || got.status == http.StatusServiceUnavailable, "%s", what)
			r.check(got.status != http.StatusServiceUnavailable || got.retry != "", "%s without Retry-After", what)
			r.check(!strings.HasPrefix(got.location, "/signin"), "%s leads to %s", what, got.location)
			if got.status == http.StatusServiceUnavailable {
				unavailable++
			}
		}
	}
	got, err := c.callback(alice, "") // through HAProxy, whose address is signed
	r.check(err == nil && got.status == http.StatusServiceUnavailable && got.retry != "", "a signed callback: status %d, Retry-After %q, %v", got.status, got.retry, err)
	r.unit = "requests"
	r.held = fmt.Sprintf("%d × 503 with `Retry-After`, none 500; the slowest answer took %s", unavailable, seconds(slowest))
	return nil
}
