package cli

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

var (
	nameOfRow = regexp.MustCompile(`<bdi class="name"[^>]*>([^<]*)</bdi>`)
	nextPage  = regexp.MustCompile(`rel="next" href="([^"]*)"`)
	askAgain  = regexp.MustCompile(`data-again="([^"]*)"`)
)

// screen is My Customers as somebody sees it.
type screen struct {
	answer
	names       []string
	next, again string
	old         bool
}

func (s screen) first() string {
	if len(s.names) == 0 {
		return "nobody"
	}
	return s.names[0]
}

// reader is a signed-in browser.
type reader struct {
	t    *testing.T
	root string
	*http.Client
}

func signedIn(t *testing.T, p *program, identity string) reader {
	t.Helper()
	b := browser(t)
	in := do(t, b, request(t, http.MethodPost, p.root+"/signin", url.Values{"identity": {identity}, "password": {"s3same open s3same"}}))
	if in.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in: status %d", in.StatusCode)
	}
	return reader{t, p.root, b}
}

// open opens a page of the list, and waits while it says that it is coming.
func (r reader) open(path string) (s screen) {
	r.t.Helper()
	for deadline := time.Now().Add(waitLimit); ; time.Sleep(200 * time.Millisecond) {
		s = screen{answer: do(r.t, r.Client, request(r.t, http.MethodGet, r.root+path, nil))}
		if !strings.Contains(s.body, "data-pending=") {
			break
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("%s is still waiting", path)
		}
	}
	for _, m := range nameOfRow.FindAllStringSubmatch(s.body, -1) {
		s.names = append(s.names, html.UnescapeString(m[1]))
	}
	if m := nextPage.FindStringSubmatch(s.body); m != nil {
		s.next = html.UnescapeString(m[1])
	}
	if m := askAgain.FindStringSubmatch(s.body); m != nil {
		s.again = html.UnescapeString(m[1])
	}
	s.old = strings.Contains(s.body, "data-as-of=")
	return s
}

// newest opens the list, and asks for something newer when it is old.
func (r reader) newest() screen {
	r.t.Helper()
	s := r.open("/customers")
	if s.again != "" {
		s = r.open(s.again)
	}
	return s
}

// copies counts what is kept of services' answers.
func copies(t *testing.T, file string) (n int) {
	t.Helper()
	db := raw(t, file)
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM copy WHERE worker <> ''").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func addPerson(t *testing.T, file, identity, role string) {
	t.Helper()
	if got := run(t, "s3same open s3same", "user", "add", identity, "--role", role, "--password-stdin", "--database", file); got.code != exitDone {
		t.Fatal(got.err)
	}
}

// saveCRM sets the CRM callback URL as another process would.
func saveCRM(t *testing.T, file, url string) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s, err := openSettings(streams{}, db, secretFileFor("", file))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.SaveCallbacks(t.Context(), func(c *settings.Callbacks) { c.CRM = url }); err != nil {
		t.Fatal(err)
	}
}

func TestServe_ExternalService(t *testing.T) {
	t.Parallel() // it waits
	file := newDatabase(t)
	theirs := startExternalService(t, "t0p-token", "Foreign")
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file, "--auth-token", "t0p-token",
		"--crm-callback-url", theirs.url(), "--allow-private-callbacks", "--log-level", "debug")
	ada := signedIn(t, p, "ada@example.com")

	list := ada.open("/customers")
	if list.first() != "Foreign 000" || list.old {
		t.Fatalf("status %d, the list begins with %s, old %v:\n%s", list.StatusCode, list.first(), list.old, p.err)
	}
	names := list.names
	for pages := 1; list.next != "" && pages < 10; pages++ {
		list = ada.open(list.next)
		names = append(names, list.names...)
	}
	seen := make(map[string]bool)
	for _, name := range names {
		seen[name] = true
	}
	if len(names) != elsewhereCustomers || len(seen) != elsewhereCustomers {
		t.Errorf("scrolling to the end showed %d rows, %d customers; want %d", len(names), len(seen), elsewhereCustomers)
	}
	if got := ada.open("/customers/Foreign-ada@example.com-3"); got.StatusCode != http.StatusOK || !strings.Contains(got.body, "+12025550199") {
		t.Errorf("a customer: status %d", got.StatusCode)
	}
	callback := do(t, browser(t), signed(t, p.root, p.root, "t0p-token", listForm))
	if !strings.Contains(callback.body, "id-of-winifred") || strings.Contains(callback.body, "Foreign") {
		t.Errorf("the built-in service answers callers with %s", callback.body)
	}

	theirs.die()
	eventually(t, "the service is down, and the list is old and says why", func() bool {
		list := ada.newest()
		if list.first() != "Foreign 000" || list.StatusCode != http.StatusOK {
			t.Errorf("with the service down: status %d, begins with %s", list.StatusCode, list.first())
		}
		return list.old && strings.Contains(list.body, `data-stale-code="48004"`)
	})
	theirs.live()
	eventually(t, "the service is back, and the list is new", func() bool {
		list := ada.newest()
		return list.first() == "Foreign 000" && !strings.Contains(list.body, "data-stale-code")
	})

	eventually(t, "what ada saw is kept", func() bool { return copies(t, file) > 0 })
	if got := run(t, "", "user", "remove", "ada@example.com", "--database", file); got.code != exitDone {
		t.Fatal(got.err)
	}
	eventually(t, "nothing is kept of who was removed", func() bool { return copies(t, file) == 0 })
	addPerson(t, file, "ada@example.com", "worker")
	theirs.die()
	ada = signedIn(t, p, "ada@example.com")
	eventually(t, "nothing is held of who was removed and added again", func() bool {
		list := ada.open("/customers")
		return list.first() == "nobody" && strings.Contains(list.body, `data-error-code="48004"`)
	})
	if log := p.err.String() + p.out.String(); strings.Contains(log, "qu3ry-secret") || strings.Contains(log, "Foreign") || strings.Contains(log, "/my/crm") {
		t.Errorf("the log holds a URL or a customer:\n%s", log)
	}
}

func TestServe_CallbackURLChanged(t *testing.T) {
	t.Parallel() // it waits
	file := newDatabase(t)
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file, "--allow-private-callbacks")
	token := strings.TrimSpace(run(t, "", "token", "show", "--database", file).out)
	first, second := startExternalService(t, token, "First"), startExternalService(t, token, "Second")
	ada := signedIn(t, p, "ada@example.com")
	if got := ada.open("/customers"); got.first() != "Winifred Oakapple" {
		t.Errorf("with no URL set, the list begins with %s", got.first())
	}

	saveCRM(t, file, first.url())
	eventually(t, "the first service is asked", func() bool { return ada.open("/customers").first() == "First 000" })
	eventually(t, "what it answered is kept", func() bool { return copies(t, file) > 0 })
	first.die()
	eventually(t, "with the first service down, its list is old", func() bool {
		list := ada.newest()
		return list.first() == "First 000" && list.old
	})

	saveCRM(t, file, second.url())
	eventually(t, "the second service is asked", func() bool { return ada.open("/customers").first() == "Second 000" })
	saveCRM(t, file, first.url())
	eventually(t, "nothing is held of the first service", func() bool {
		list := ada.open("/customers")
		return list.first() == "nobody" && strings.Contains(list.body, `data-error-code="48004"`)
	})

	saveCRM(t, file, "")
	eventually(t, "reset, the built-in service answers", func() bool { return ada.open("/customers").first() == "Winifred Oakapple" })
	eventually(t, "reset, no copy is kept", func() bool { return copies(t, file) == 0 })
}

func TestServe_OldTokenInGracePeriod(t *testing.T) {
	t.Parallel() // it waits
	file := newDatabase(t)
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file, "--allow-private-callbacks")
	old := strings.TrimSpace(run(t, "", "token", "show", "--database", file).out)
	theirs := startExternalService(t, old, "Foreign")
	saveCRM(t, file, theirs.url())
	fresh := strings.TrimSpace(run(t, "", "token", "rotate", "--database", file).out)
	ada := signedIn(t, p, "ada@example.com")
	eventually(t, "their service is asked, and our callback takes the new token", func() bool {
		return ada.open("/customers").first() == "Foreign 000" &&
			do(t, browser(t), signed(t, p.root, p.root, fresh, listForm)).StatusCode == http.StatusOK
	})
	fresher := func() bool { list := ada.newest(); return list.first() == "Foreign 000" && !list.old }
	eventually(t, "fresh answers while the service knows the old token only", fresher)
	theirs.token.Store(&fresh)
	eventually(t, "fresh answers once it knows the new one", fresher)
}
