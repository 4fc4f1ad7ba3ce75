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
	"github.com/clientele-project/clientele/internal/store"
)

var (
	nameOfRow = regexp.MustCompile(`<bdi class="name"[^>]*>([^<]*)</bdi>`)
	nextPage  = regexp.MustCompile(`rel="next" href="([^"]*)"`)
	askAgain  = regexp.MustCompile(`data-again="([^"]*)"`)
)

// screen is a page of My Customers as a browser shows it.
type screen struct {
	response
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
		t.Fatalf("POST /signin as %s: status %d, want 303", identity, in.StatusCode)
	}
	return reader{t, p.root, b}
}

// open opens a page of the list, and waits while the list is loading.
func (r reader) open(path string) (s screen) {
	r.t.Helper()
	for deadline := time.Now().Add(waitLimit); ; time.Sleep(200 * time.Millisecond) {
		s = screen{response: do(r.t, r.Client, request(r.t, http.MethodGet, r.root+path, nil))}
		if !strings.Contains(s.body, "data-pending=") {
			break
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("GET %s: still loading after %v", path, waitLimit)
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

// newest opens the list, and reloads it when it is old.
func (r reader) newest() screen {
	r.t.Helper()
	s := r.open("/customers")
	if s.again != "" {
		s = r.open(s.again)
	}
	return s
}

// copies counts the cached responses of services.
func copies(t *testing.T, file string) (n int) {
	t.Helper()
	db := openRaw(t, file)
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
	db, err := store.Open(t.Context(), file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s, err := openSettings(t.Context(), streams{}, db, secretFileFor("", file))
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
		t.Fatalf("GET /customers: status %d, first customer %s, old %v:\n%s", list.StatusCode, list.first(), list.old, p.err)
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
		t.Errorf("all pages of /customers: %d rows, %d customers, want %d", len(names), len(seen), elsewhereCustomers)
	}
	if got := ada.open("/customers/Foreign-ada@example.com-3"); got.StatusCode != http.StatusOK || !strings.Contains(got.body, "+12025550199") {
		t.Errorf("GET a customer: status %d, want 200 with the phone number", got.StatusCode)
	}
	callback := do(t, browser(t), signed(t, p.root, p.root, "t0p-token", listForm))
	if !strings.Contains(callback.body, "id-of-winifred") || strings.Contains(callback.body, "Foreign") {
		t.Errorf("POST to the built-in service: %s, want its own customers", callback.body)
	}

	theirs.stop()
	eventually(t, "the list is old and shows the error of the service", func() bool {
		list := ada.newest()
		if list.first() != "Foreign 000" || list.StatusCode != http.StatusOK {
			t.Errorf("GET /customers without the service: status %d, first customer %s", list.StatusCode, list.first())
		}
		return list.old && strings.Contains(list.body, `data-stale-code="48004"`)
	})
	theirs.start()
	eventually(t, "the list is new", func() bool {
		list := ada.newest()
		return list.first() == "Foreign 000" && !strings.Contains(list.body, "data-stale-code")
	})

	eventually(t, "a copy of ada's list is stored", func() bool { return copies(t, file) > 0 })
	if got := run(t, "", "user", "remove", "ada@example.com", "--database", file); got.code != exitDone {
		t.Fatal(got.err)
	}
	eventually(t, "the copies of a removed person are deleted", func() bool { return copies(t, file) == 0 })
	addPerson(t, file, "ada@example.com", "worker")
	theirs.stop()
	ada = signedIn(t, p, "ada@example.com")
	eventually(t, "a person added again has no cached list", func() bool {
		list := ada.open("/customers")
		return list.first() == "nobody" && strings.Contains(list.body, `data-error-code="48004"`)
	})
	if log := p.err.String() + p.out.String(); strings.Contains(log, "qu3ry-secret") || strings.Contains(log, "Foreign") || strings.Contains(log, "/my/crm") {
		t.Errorf("the log contains a URL or a customer:\n%s", log)
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
		t.Errorf("GET /customers without a callback URL: first customer %s, want Winifred Oakapple", got.first())
	}

	saveCRM(t, file, first.url())
	eventually(t, "the list comes from the first service", func() bool { return ada.open("/customers").first() == "First 000" })
	eventually(t, "its response is stored", func() bool { return copies(t, file) > 0 })
	first.stop()
	eventually(t, "the list of the stopped service is old", func() bool {
		list := ada.newest()
		return list.first() == "First 000" && list.old
	})

	saveCRM(t, file, second.url())
	eventually(t, "the list comes from the second service", func() bool { return ada.open("/customers").first() == "Second 000" })
	saveCRM(t, file, first.url())
	eventually(t, "no list of the first service is cached", func() bool {
		list := ada.open("/customers")
		return list.first() == "nobody" && strings.Contains(list.body, `data-error-code="48004"`)
	})

	saveCRM(t, file, "")
	eventually(t, "the list comes from the built-in service again", func() bool { return ada.open("/customers").first() == "Winifred Oakapple" })
	eventually(t, "all copies are deleted", func() bool { return copies(t, file) == 0 })
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
	eventually(t, "the list comes from the external service, and the callback accepts the new token", func() bool {
		return ada.open("/customers").first() == "Foreign 000" &&
			do(t, browser(t), signed(t, p.root, p.root, fresh, listForm)).StatusCode == http.StatusOK
	})
	fresher := func() bool { list := ada.newest(); return list.first() == "Foreign 000" && !list.old }
	eventually(t, "the list is new while the service has only the old token", fresher)
	theirs.token.Store(&fresh)
	eventually(t, "the list is new when the service has the new token", fresher)
}
