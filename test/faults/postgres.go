package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
)

// A postgres is a PostgreSQL of a fault's own.
type postgres struct {
	*lab
	bin, dir  string // of its programs; of its data and its socket
	server    *process
	databases int
}

// onPostgres returns a fault whose databases are on a server of its own.
func onPostgres(inject func(*lab, *row) error) func(*lab, *row) error {
	return func(l *lab, r *row) error {
		err := l.startPostgres()
		if errors.Is(err, postgrestest.ErrMissing) {
			r.skip("needs PostgreSQL")
			return nil
		}
		if err != nil {
			return err
		}
		return inject(l, r)
	}
}

// startPostgres starts a server as it is installed, for the databases of newSite.
func (l *lab) startPostgres() error {
	bin, err := postgrestest.Programs()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(l.options.dir, "clientele-faults-postgres-") // which other users can reach
	if err != nil {
		return err
	}
	l.cleanup(func() { os.RemoveAll(dir) })
	p := &postgres{lab: l, bin: bin, dir: dir}
	initdb, err := p.program("initdb", "--pgdata", p.data(), "--username", "clientele", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8")
	if err != nil {
		return err
	}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	l.postgres = p
	return p.start()
}

func (p *postgres) data() string { return filepath.Join(p.dir, "data") }

// program returns a command of one of PostgreSQL's programs, which refuse to run as root.
func (p *postgres) program(name string, args ...string) (cmd *exec.Cmd, err error) {
	cmd = p.command(filepath.Join(p.bin, name), args...)
	cmd.Dir = p.dir
	cmd.SysProcAttr, err = postgrestest.Unprivileged(p.dir)
	return cmd, err
}

// start starts the server and waits until it takes connections.
func (p *postgres) start() error {
	cmd, err := p.program("postgres", "-D", p.data(), "-k", p.dir, "-c", "listen_addresses=")
	if err != nil {
		return err
	}
	if p.server, err = p.begin(cmd); err != nil {
		return err
	}
	_, ok := p.eventually(startLimit, func() bool {
		_, err = p.exec("postgres", "SELECT 1")
		return err == nil || p.server.hasEnded()
	})
	if !ok || err != nil {
		return fmt.Errorf("PostgreSQL does not start: %w: %s", err, p.server.log.tail())
	}
	return nil
}

// kill kills all processes of the server.
func (p *postgres) kill() error {
	err := signalWithChildren(p.server.cmd.Process.Pid, syscall.SIGKILL)
	<-p.server.ended
	return err
}

func (p *postgres) psql(database string, args ...string) *exec.Cmd {
	return p.command(filepath.Join(p.bin, "psql"), append([]string{"-XAtq", "-h", p.dir, "-U", "clientele", "-d", database}, args...)...)
}

// exec runs a statement in a database, and returns what it prints.
func (p *postgres) exec(database, statement string) (string, error) {
	out, err := p.psql(database, "-c", statement).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", statement, err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// execAll runs statements, each in a transaction of its own.
func (p *postgres) execAll(statements ...string) error {
	for _, statement := range statements {
		if _, err := p.exec("postgres", statement); err != nil {
			return err
		}
	}
	return nil
}

// databaseName returns the name in a URL of create.
func databaseName(database string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(database, "postgres:///"), "?")
	return name
}

// create makes a database, which is a copy of another one unless that is "", and returns its URL.
func (p *postgres) create(from string) (string, error) {
	p.databases++
	name := fmt.Sprint("faults", p.databases)
	statement := "CREATE DATABASE " + name
	if from != "" {
		statement += " TEMPLATE " + databaseName(from)
	}
	_, err := p.exec("postgres", statement)
	return "postgres:///" + name + "?" + url.Values{"host": {p.dir}, "user": {"clientele"}}.Encode(), err
}
