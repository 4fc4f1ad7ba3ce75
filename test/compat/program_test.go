package compat

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

var (
	program = flag.String("binary", "", "test this `PROGRAM`, not one built from the working tree")
	makeIt  = flag.String("make", "", "make the fixture of this `NAME`")
	commit  = flag.String("commit", "", "with -make: the `COMMIT` that the program was built from")
	golden  = flag.Bool("golden", false, "record what the program shows, as what it is to show")
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if *program == "" {
		dir, err := os.MkdirTemp("", "clientele-compat-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		*program = filepath.Join(dir, "clientele")
		build := exec.Command("go", "build", "-o", *program, "../../cmd/clientele")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "cannot build the program: %v\n%s", err, out)
			return 1
		}
	}
	return m.Run()
}

// An installation is a database in a directory of its own.
type installation struct{ dir string }

func (in installation) database() string { return filepath.Join(in.dir, "clientele.db") }

// command prepares a run of the program on the database, in the time zone of its times.
func (in installation) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, *program, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CLIENTELE_") })
	cmd.Env = append(cmd.Env, "CLIENTELE_DATABASE="+in.database(), "TZ=UTC")
	return cmd
}

// run runs a command to its end, which must be good, and returns what it printed.
func (in installation) run(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := in.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("clientele %s: %v\n%s%s", strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String()
}

// A server is `clientele serve` at work on an installation.
type server struct {
	t    *testing.T
	url  string
	stop func()
	log  *lockedBuffer
}

// serve starts the server and waits until it is ready. Addresses that clients claim
// with X-Forwarded-For are believed.
func (in installation) serve(t *testing.T) *server {
	t.Helper()
	cmd := in.command(context.Background(), "serve", "--addr", "127.0.0.1:0", "--allow-private-callbacks", "--trusted-proxy", "127.0.0.1/32")
	log := new(lockedBuffer)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	s := &server{t: t, log: log, stop: sync.OnceFunc(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			cmd.Process.Kill()
			<-ended
			t.Error("the server did not stop within 20 s of SIGTERM")
		}
		if t.Failed() || strings.Contains(log.String(), "panic") {
			t.Errorf("the server's log:\n%s", log)
		}
	})}
	t.Cleanup(s.stop)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		select {
		case <-ended:
			t.Fatalf("clientele serve ended at once:\n%s", log)
		default:
		}
		if m := opened.FindStringSubmatch(log.String()); m != nil {
			s.url = m[1]
			if r, err := http.Get(s.url + "/readyz"); err == nil {
				r.Body.Close()
				if r.StatusCode == http.StatusOK {
					return s
				}
			}
		}
	}
	t.Fatalf("clientele serve is not ready:\n%s", log)
	return nil
}

// opened matches the line that says where the server is.
var opened = regexp.MustCompile(`(?m)^Open (http://[^/]+)/`)

// An answer is a response with its body.
type answer struct {
	status int
	header http.Header
	body   string
}

// client follows no redirects, so that tests see them.
var client = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send sends a request with a session's cookie ("" for none); header is name, value, name, value.
func (s *server) send(method, path, cookie, kind, body string, header ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: "clientele", Value: cookie})
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func (s *server) get(path, cookie string) answer {
	s.t.Helper()
	return s.send("GET", path, cookie, "", "")
}

// post sends a form, again with the person's password if the page asks for it.
func (s *server) post(path, cookie string, form url.Values, header ...string) answer {
	s.t.Helper()
	got := s.send("POST", path, cookie, formType, form.Encode(), header...)
	if asked := askedToConfirm.FindStringSubmatch(got.body); asked != nil && !form.Has("confirm_password") {
		form = maps.Clone(form)
		form.Set("confirm_password", passwordOf(asked[1]))
		return s.post(path, cookie, form, header...)
	}
	return got
}

// askedToConfirm matches the page that asks an administrator again who they are.
var askedToConfirm = regexp.MustCompile(`(?s)value="([^"]+)" autocomplete="username".*name="confirm_password"`)

const formType = "application/x-www-form-urlencoded"

// callback calls the built-in integration service, signed with token.
func (s *server) callback(token string, params url.Values) answer {
	s.t.Helper()
	return s.post("/callbacks/crm", "", params, "X-Twilio-Signature", frontline.Sign(token, s.url+"/callbacks/crm", params))
}

// signIn returns the cookie of a new session.
func (s *server) signIn(identity, password string) string {
	s.t.Helper()
	got := s.post("/signin", "", url.Values{"identity": {identity}, "password": {password}})
	for _, c := range (&http.Response{Header: got.header}).Cookies() {
		if c.Name == "clientele" && c.Value != "" {
			return c.Value
		}
	}
	s.t.Fatalf("signing %s in: status %d\n%s", identity, got.status, got.body)
	return ""
}

// A lockedBuffer keeps what a server writes, and can be read meanwhile.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// alone waits until no other run of these tests has the fixed port of the other service,
// or is about to. It holds the port beside it.
func alone(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		l, err := net.Listen("tcp", aloneAddr)
		if err == nil {
			t.Cleanup(func() { l.Close() })
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("another run of these tests is at work, or something else has its port: %v", err)
		}
	}
}

// copyFiles copies a directory's files, those that exist, for their owner alone.
func copyFiles(t *testing.T, from, to string, names ...string) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
