package golden

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A result is the outcome of a run of the program.
type result struct {
	stdout, stderr string
	code           int
}

// runProgram runs the program to its end, with additional environment variables.
func runProgram(t *testing.T, env []string, stdin string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir, cmd.Env = workDir, append(cleanEnv(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("clientele %s: %v", strings.Join(args, " "), err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// must returns the standard output of a run that must succeed.
func must(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	r := runProgram(t, nil, stdin, args...)
	if r.code != 0 {
		t.Fatalf("clientele %s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

func cleanEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CLIENTELE_") })
}

// A server is a running `clientele serve`. Its log goes to a file, which is whole
// only after stop.
type server struct {
	url     string
	cmd     *exec.Cmd
	logFile string
	stopped sync.Once
}

// servers are stopped at the end of all tests.
var servers []*server

func stopServers() {
	for _, s := range servers {
		s.stop()
	}
}

func (s *server) stop() {
	s.stopped.Do(func() {
		s.cmd.Process.Signal(syscall.SIGTERM)
		s.cmd.Wait()
	})
}

func (s *server) log(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(s.logFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// address matches the log line with the server's address.
var address = regexp.MustCompile(`http://(127\.0\.0\.1:[0-9]+)/`)

// serve starts `clientele serve` at a free port and waits until it is ready.
func serve(t *testing.T, args ...string) *server {
	t.Helper()
	log, err := os.CreateTemp(workDir, "log-*")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s := &server{logFile: log.Name(), cmd: exec.Command(binary, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)}
	s.cmd.Env, s.cmd.Stdout, s.cmd.Stderr = cleanEnv(), log, log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	servers = append(servers, s)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		m := address.FindStringSubmatch(s.log(t))
		if m == nil {
			continue
		}
		s.url = "http://" + m[1]
		if resp, err := http.Get(s.url + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return s
			}
		}
	}
	t.Fatalf("clientele serve %s is not ready:\n%s", strings.Join(args, " "), s.log(t))
	return nil
}
