package processes

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/cli"
	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
)

// TestMain lets the test binary be the program.
func TestMain(m *testing.M) {
	if os.Getenv("PROCESSES_TEST_IS_THE_PROGRAM") != "" {
		os.Exit(cli.Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// The people of an installation, and their password.
const (
	worker   = "ada@example.com"
	admin    = "root@example.com"
	password = "s3same open s3same"
)

// An installation is a database and what its processes share.
type installation struct {
	t        *testing.T
	database string
	secret   string
	uploads  string
}

func install(t *testing.T) *installation {
	t.Helper()
	dir := t.TempDir()
	i := &installation{t, postgrestest.URL(t), filepath.Join(dir, "secret"), filepath.Join(dir, "uploads")}
	i.run(password, "user", "add", worker, "--password-stdin")
	i.run(password, "user", "add", admin, "--role", "admin", "--password-stdin")
	file := filepath.Join(dir, "customers.csv")
	if err := os.WriteFile(file, []byte("customer_id,display_name,phone\nw1,Winifred Oakapple,+12025550114\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	i.run("", "import", file, "--worker", worker)
	return i
}

// command returns a command of the program on the database.
func (i *installation) command(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		i.t.Fatal(err)
	}
	cmd := exec.Command(self, append(args, "--database", i.database)...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CLIENTELE_") }),
		"PROCESSES_TEST_IS_THE_PROGRAM=1", "CLIENTELE_SECRET_FILE="+i.secret)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// run runs a command that must succeed, and returns what it printed.
func (i *installation) run(stdin string, args ...string) string {
	i.t.Helper()
	cmd := i.command(args...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(stdin), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		i.t.Fatalf("clientele %v: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

// A process is a running `clientele serve`.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
}

// serve starts a process, which ends with the test.
func (i *installation) serve(args ...string) *process {
	i.t.Helper()
	p := &process{t: i.t, cmd: i.command(append([]string{"serve", "--addr", "127.0.0.1:0", "--uploads", i.uploads}, args...)...)}
	p.cmd.Stderr = i.t.Output()
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		i.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	i.t.Cleanup(p.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		i.t.Fatalf("serve did not print its URL: %v", err)
	}
	p.url = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "Open "), "/")
	return p
}

// kill kills the process with -9.
func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// A browser keeps its cookies, whatever the process, and follows no redirect.
type browser struct{ http.Client }

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type response struct {
	*http.Response
	body string
}

// get requests a page of a process.
func (b *browser) get(p *process, path string) response {
	p.t.Helper()
	return b.do(p, "GET", path, "", nil)
}

// post sends a form to a process.
func (b *browser) post(p *process, path string, pairs ...string) response {
	p.t.Helper()
	form := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		form.Add(pair[0], pair[1])
	}
	return b.do(p, "POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (b *browser) do(p *process, method, path, contentType string, body io.Reader) response {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	resp, err := b.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response{resp, string(text)}
}

// signedIn returns a browser in which a person has signed in.
func signedIn(p *process, identity string) *browser {
	p.t.Helper()
	b := newBrowser(p.t)
	if got := b.post(p, "/signin", "identity", identity, "password", password); got.StatusCode != http.StatusSeeOther {
		p.t.Fatalf("POST /signin: status %d, want 303", got.StatusCode)
	}
	return b
}

// within waits until ok returns true, which must be soon.
func within(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > limit {
			t.Fatalf("%s: not within %v", what, limit)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Logf("%s after %v", what, time.Since(began).Round(time.Millisecond))
}
