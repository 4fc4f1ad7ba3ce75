package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/sample"
)

// A result is the outcome of a run of the program.
type result struct {
	stdout, stderr string
	code           int
}

// runProgram runs the program to its end.
func runProgram(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = cleanEnv()
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("clientele %s: %v", strings.Join(args, " "), err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// must runs the program to its end, which must succeed.
func must(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	r := runProgram(t, stdin, args...)
	if r.code != 0 {
		t.Fatalf("clientele %s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// cleanEnv returns the environment without variables that set the program's flags.
func cleanEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CLIENTELE_") })
}

// A server is a running program.
type server struct {
	url   string
	cmd   *exec.Cmd
	log   *logBuffer
	ended chan struct{} // closed when it has ended
}

// stop ends it before its test is over.
func (s *server) stop(t *testing.T) {
	t.Helper()
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(limit):
		t.Fatal("the server did not stop after SIGTERM")
	}
}

// logBuffer keeps what a server wrote; safe while it is being written.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// start starts `clientele serve` or `clientele demo` at a free port and waits
// until it responds. The test fails at its end if the log has a panic.
func start(t *testing.T, command string, args ...string) *server {
	t.Helper()
	return startIn(t, nil, command, args...)
}

// startIn is start with more environment variables.
func startIn(t *testing.T, env []string, command string, args ...string) *server {
	t.Helper()
	s := &server{log: &logBuffer{}, ended: make(chan struct{})}
	s.cmd = exec.Command(binary, append([]string{command, "--addr", "127.0.0.1:0"}, args...)...)
	s.cmd.Env = append(cleanEnv(), env...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := s.ended
	go func() { s.cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		s.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(limit):
			t.Error("the server did not stop after SIGTERM")
			s.cmd.Process.Kill()
			<-ended
		}
		if log := s.log.String(); strings.Contains(log, "panic") || strings.Contains(log, "goroutine ") {
			t.Errorf("the server's log has a panic:\n%s", log)
		} else if t.Failed() {
			t.Logf("the server's log:\n%s", tail(log, 4000))
		}
	})
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		select {
		case <-ended:
			t.Fatalf("clientele %s ended at once:\n%s", command, s.log)
		default:
		}
		if m := opened.FindStringSubmatch(s.log.String()); m != nil {
			s.url = m[1]
		} else {
			continue
		}
		if resp, err := http.Get(s.url + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return s
			}
		}
	}
	t.Fatalf("clientele %s does not respond at %q:\n%s", command, s.url, s.log)
	return nil
}

// peakMemory returns the most memory that a process had so far, in bytes and as the kernel
// counts it (resident); 0 if it has ended, or if this is not Linux.
func peakMemory(p *os.Process) int64 { return memoryOf(p, "VmHWM:") }

// memoryOf returns a figure of /proc/PID/status in bytes.
func memoryOf(p *os.Process, figure string) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Pid))
	_, after, _ := bytes.Cut(status, []byte(figure))
	fields := strings.Fields(string(after))
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10
}

// opened matches the line with the address of a server.
var opened = regexp.MustCompile(`(?m)^Open (http://[^/]+)/`)

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// The worker and the secrets of the installations below.
const (
	worker    = "alice@example.com"
	password  = "a long enough password"
	authToken = "an auth token"
)

// An installation is a database with a worker who can sign in.
type installation struct{ database string }

// install makes a database with one worker.
func install(t *testing.T) installation {
	t.Helper()
	in := installation{filepath.Join(t.TempDir(), "clientele.db")}
	must(t, password+"\n", "user", "add", worker, "--role", "worker", "--database", in.database, "--password-stdin")
	return in
}

// importText imports a file with this content for the worker.
func (in installation) importText(t *testing.T, name, content string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"import", "--database", in.database, file}
	if !strings.Contains(content, worker) { // a file that names no owner
		args = append(args, "--worker", worker)
	}
	must(t, "", args...)
}

// importSample imports n sample customers for the worker.
func (in installation) importSample(t *testing.T, n int) {
	t.Helper()
	var file strings.Builder
	if err := sample.WriteCSV(&file, n, 1, func(int) string { return worker }); err != nil {
		t.Fatal(err)
	}
	in.importText(t, "sample.csv", file.String())
}

// serve starts the server on the installation.
func (in installation) serve(t *testing.T) *server {
	t.Helper()
	return start(t, "serve", "--database", in.database, "--auth-token", authToken)
}

// proxy returns a server that passes every request on to srv through handle.
func proxy(t *testing.T, srv *server, handle func(w http.ResponseWriter, r *http.Request, next http.Handler)) *server {
	t.Helper()
	target, err := url.Parse(srv.url)
	if err != nil {
		t.Fatal(err)
	}
	next := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		ErrorLog: log.New(io.Discard, "", 0)} // a browser aborts requests
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(w, r, next) }))
	t.Cleanup(listener.Close)
	return &server{url: listener.URL}
}
