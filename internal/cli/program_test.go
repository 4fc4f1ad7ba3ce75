package cli

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// lines is an output that can be read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// program is a run of serve or demo.
type program struct {
	root     string // http://127.0.0.1:PORT
	out, err *lines
	stop     context.CancelFunc
	code     chan int
}

var openLine = regexp.MustCompile(`(?m)^Open (\S+)/$`)

// start runs the program until the test ends, or stop is called.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &program{out: new(lines), err: new(lines), stop: cancel, code: make(chan int, 1)}
	go func() { p.code <- Run(ctx, args, strings.NewReader(""), p.out, p.err) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-p.code:
		case <-time.After(waitLimit):
			t.Errorf("clientele %v did not end within %v", args, waitLimit)
		}
	})
	for deadline := time.Now().Add(waitLimit); ; time.Sleep(2 * time.Millisecond) {
		if m := openLine.FindStringSubmatch(p.out.String()); m != nil {
			p.root = m[1]
			break
		}
		select {
		case code := <-p.code:
			p.code <- code
			t.Fatalf("clientele %v: exit code %d before it served:\n%s", args, code, p.err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("clientele %v: no URL printed after %v:\n%s%s", args, waitLimit, p.out, p.err)
		}
	}
	if m := listening.FindStringSubmatch(p.err.String()); m != nil {
		p.root = m[1] // behind a public URL
	}
	return p
}

var listening = regexp.MustCompile(`(?m)^Listening on (\S+)/$`)

// end stops the program and returns its exit code.
func (p *program) end(t *testing.T) int {
	t.Helper()
	p.stop()
	code := within(t, waitLimit, "the exit code", p.code)
	p.code <- code // for the cleanup
	return code
}

// response is an HTTP response with its body read.
type response struct {
	*http.Response
	body string
}

func do(t *testing.T, client *http.Client, r *http.Request) response {
	t.Helper()
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{resp, string(body)}
}

func request(t *testing.T, method, target string, form url.Values) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// browser keeps cookies, and does not follow redirects by itself.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// within returns the next value of a channel, and fails the test when none comes in time.
func within[T any](t *testing.T, limit time.Duration, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(limit):
		t.Fatalf("timed out after %v waiting for %s", limit, what)
		panic("not reached")
	}
}

// waitLimit is how long a test waits for what happens within seconds on an idle machine.
const waitLimit = 90 * time.Second

// eventually waits until ok returns true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(waitLimit); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out after %v waiting until %s", waitLimit, what)
		}
	}
}

// newDatabase creates a database with ada and one customer of hers, and returns its file.
func newDatabase(t *testing.T) string {
	t.Helper()
	file := sqlitetest.File(t)
	if got := run(t, "s3same open s3same", "user", "add", "ada@example.com", "--password-stdin", "--database", file); got.code != exitDone {
		t.Fatal(got.err)
	}
	db, err := store.Open(t.Context(), file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	put(t, db, "id-of-winifred")
	return file
}
