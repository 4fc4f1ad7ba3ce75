// Package postgrestest starts a PostgreSQL server for tests, and makes empty databases in it.
package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/clientele-project/clientele/internal/store/postgres"
)

// A server runs until the process ends.
type server struct {
	dir string // of its data and its socket
	cmd *exec.Cmd
}

var (
	start     = sync.OnceValues(startServer)
	databases atomic.Int64
)

// Main runs the tests, and stops the server.
func Main(m *testing.M) {
	code := m.Run()
	if s, err := start(); err == nil {
		s.stop()
	}
	os.Exit(code)
}

// URL returns the address of an empty database of the test's own. A test binary that calls it
// needs Main.
func URL(t testing.TB) string {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatalf("PostgreSQL does not start: %v", err)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	if err := s.create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return s.url(name)
}

func (s *server) url(database string) string {
	return fmt.Sprintf("postgres://clientele@/%s?host=%s", database, url.QueryEscape(s.dir))
}

// create makes a database by copying one whose schema is up to date.
func (s *server) create(ctx context.Context, name string) error {
	c, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE empty")
	return err
}

// startServer makes a server that keeps nothing when the machine stops.
func startServer() (_ *server, err error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "clientele-postgres-")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	attributes, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "clientele", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attributes, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "max_connections=300", "-c", "shared_buffers=64MB")
	s.cmd.SysProcAttr, s.cmd.Dir = attributes, dir
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	ctx := context.Background()
	ready := exec.Command(filepath.Join(bin, "pg_isready"), "-h", dir, "-t", "30")
	for range 300 {
		if ready = exec.Command(ready.Path, ready.Args[1:]...); ready.Run() == nil {
			break
		}
	}
	c, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return nil, err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "CREATE DATABASE empty"); err != nil {
		return nil, err
	}
	db, err := postgres.Open(ctx, s.url("empty"), postgres.Options{})
	if err != nil {
		return nil, err
	}
	return s, db.Close()
}

// stop ends the server and removes its data.
func (s *server) stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		s.cmd.Process.Signal(syscall.SIGINT) // a fast shutdown
		s.cmd.Wait()
	}
	os.RemoveAll(s.dir)
}

// programs returns the directory of PostgreSQL's programs: the newest of Debian's, or that of
// initdb in PATH.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.Max(found)), nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("PostgreSQL is not installed: %w", err)
	}
	return filepath.Dir(initdb), nil
}

// unprivileged returns how to start a program that refuses to run as root, and gives it dir.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		return attributes, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(nobody.Gid)
	if err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, os.Chown(dir, uid, gid)
}
