package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
)

// A postgresServer is a PostgreSQL of this program's own. It keeps its databases when it stops.
type postgresServer struct {
	dir, bin string // of its data and its socket, and of its programs
	pid      int    // of the process that started all its others
	shell    *exec.Cmd
	end      io.Closer // of the shell's input, which stops the server
}

// runPostgres runs PostgreSQL ($1) in a directory ($2) until its input ends. Only this program can
// write there, so the input also ends when this program is killed. Once the server takes
// connections, it prints the number of its first process.
const runPostgres = `
exec 3>&1 >&2
[ -d "$2/data" ] || "$1/initdb" --pgdata "$2/data" --username clientele --auth trust --encoding UTF8 --locale C.UTF-8 || exit
"$1/pg_ctl" start --pgdata "$2/data" --log "$2/log" --options "-k '$2' -c listen_addresses= -c shared_buffers=256MB -c max_wal_size=2GB" || exit
head -n 1 "$2/data/postmaster.pid" >&3
read -r _
"$1/pg_ctl" stop --pgdata "$2/data" --mode fast
`

// startPostgres starts a server whose data are in a directory, and makes that if it is not there.
// The error is postgrestest.ErrMissing if none is installed.
func startPostgres(dir string) (*postgresServer, error) {
	bin, err := postgrestest.Programs()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	attributes, err := postgrestest.Unprivileged(dir)
	if err != nil {
		return nil, err
	}
	s := &postgresServer{dir: dir, bin: bin, shell: exec.Command("sh", "-c", runPostgres, "sh", bin, dir)}
	var messages bytes.Buffer
	s.shell.Dir, s.shell.Stderr, s.shell.SysProcAttr = dir, &messages, attributes
	out, err := s.shell.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.end, err = s.shell.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.shell.Start(); err != nil {
		return nil, err
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if s.pid, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
		s.stop()
		return nil, fmt.Errorf("PostgreSQL does not start in %s:\n%s", dir, &messages)
	}
	return s, nil
}

// stop stops the server and waits until it has.
func (s *postgresServer) stop() error {
	s.end.Close()
	return s.shell.Wait()
}

// url returns the address of a database.
func (s *postgresServer) url(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {s.dir}, "user": {"clientele"}}.Encode()
}

// exec runs a statement in a database, and returns what it prints.
func (s *postgresServer) exec(ctx context.Context, database, statement string) (string, error) {
	out, err := exec.CommandContext(ctx, filepath.Join(s.bin, "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
		"--command", statement, s.url(database)).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", statement, err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// create makes an empty database in the place of the one of that name.
func (s *postgresServer) create(ctx context.Context, database string) error {
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + database, "CREATE DATABASE " + database} {
		if _, err := s.exec(ctx, "postgres", statement); err != nil {
			return err
		}
	}
	return nil
}

// vacuum does what the server would do by itself within minutes of an import.
func (s *postgresServer) vacuum(ctx context.Context, database string) error {
	for _, statement := range []string{"VACUUM (ANALYZE)", "CHECKPOINT"} {
		if _, err := s.exec(ctx, database, statement); err != nil {
			return err
		}
	}
	return nil
}

// size returns the bytes of a database, 0 if it is not there.
func (s *postgresServer) size(ctx context.Context, database string) int64 {
	out, err := s.exec(ctx, database, "SELECT pg_database_size(current_database())")
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(out, 10, 64)
	return n
}

// cpu returns the processor time of all of the server's processes so far, with those that have
// ended.
func (s *postgresServer) cpu() (total time.Duration, err error) {
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has just ended
		}
		p, err := parseStat(string(text))
		if err != nil {
			return 0, err
		}
		switch s.pid {
		case p.pid:
			total += p.cpu + p.ended
		case p.parent:
			total += p.cpu
		}
	}
	return total, nil
}
