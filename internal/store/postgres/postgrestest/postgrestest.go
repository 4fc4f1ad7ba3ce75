// Package postgrestest starts a PostgreSQL server for tests, and makes empty databases in it.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/clientele-project/clientele/internal/store/postgres"
)

// ErrMissing means that this machine has no PostgreSQL.
var ErrMissing = errors.New("PostgreSQL is not installed (try scripts/deps)")

// A server runs until the test binary ends.
type server struct {
	dir string // of its data and its socket
	// end is the only writing end of a pipe. The system closes it when this process ends,
	// however that happens; then the server stops.
	end *os.File
}

var (
	start     = sync.OnceValues(startServer)
	databases atomic.Int64
)

// URL returns the address of an empty database of the test's own. Without PostgreSQL it skips
// the test, or fails it in CI.
func URL(t testing.TB) string {
	t.Helper()
	s, err := start()
	if errors.Is(err, ErrMissing) && os.Getenv("CI") == "" {
		fmt.Fprintf(os.Stderr, "SKIPPED %s: %v\n", t.Name(), err)
		t.Skip("SKIPPED:", err)
	}
	if err != nil {
		t.Fatalf("PostgreSQL does not start: %v", err)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	if err := s.exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE empty STRATEGY file_copy"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.exec(context.Background(), "DROP DATABASE "+name); err != nil {
			t.Error(err)
		}
	})
	return s.url(name)
}

func (s *server) url(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {s.dir}, "user": {"clientele"}}.Encode()
}

// exec runs a statement outside of the databases of tests.
func (s *server) exec(ctx context.Context, statement string) error {
	c, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, statement)
	return err
}

// serve runs PostgreSQL ($1) in a directory ($2) until its input ends, and removes the directory.
const serve = `"$1/initdb" --pgdata "$2/data" --username clientele --auth trust --encoding UTF8 --locale C --no-sync && {
	"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=300 -c shared_buffers=64MB \
		-c autovacuum=off -c wal_level=minimal -c max_wal_senders=0 &
	read -r _
	kill -QUIT $!
	wait
}
rm -r "$2"`

// startServer starts a server that keeps nothing when it stops.
func startServer() (*server, error) {
	bin, err := Programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "clientele-postgres-")
	if err != nil {
		return nil, err
	}
	attributes, err := Unprivileged(dir)
	if err != nil {
		return nil, err
	}
	input, end, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer input.Close()
	messages, err := os.Create(filepath.Join(dir, "messages"))
	if err != nil {
		return nil, err
	}
	defer messages.Close()
	cmd := exec.Command("sh", "-c", serve, "sh", bin, dir)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = dir, input, messages, messages, attributes
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
	}()
	s := &server{dir, end}
	if err := s.prepare(ended); err != nil {
		text, _ := io.ReadAll(io.NewSectionReader(messages, 0, 1<<20))
		return nil, fmt.Errorf("%w:\n%s", err, text)
	}
	return s, nil
}

// prepare waits until the server takes connections, and makes the database that is copied for
// tests. It sorts and compares text as people do, not by bytes: no statement may rely on that.
func (s *server) prepare(ended <-chan struct{}) (err error) {
	const template = "CREATE DATABASE empty TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
	ctx := context.Background()
	for deadline := time.Now().Add(time.Minute); ; {
		var refused *pgconn.ConnectError
		if err = s.exec(ctx, template); !errors.As(err, &refused) || time.Now().After(deadline) {
			break
		}
		select {
		case <-ended:
			return errors.New("it ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err != nil {
		return err
	}
	db, err := postgres.Open(ctx, s.url("empty"), postgres.Options{})
	if err != nil {
		return err
	}
	return db.Close()
}

// Programs returns the directory of PostgreSQL's programs: the newest of Debian's, or that of
// initdb in PATH.
func Programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.Max(found)), nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", ErrMissing
	}
	return filepath.Dir(initdb), nil
}

// Unprivileged returns how to start a program that refuses to run as root, and gives it dir.
// The program has a process group of its own: a Ctrl-C is for this one.
func Unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() != 0 {
		return attributes, nil
	}
	account, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, os.Chown(dir, uid, gid)
}
