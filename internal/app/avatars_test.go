package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
)

// fakeAvatars is an app.Avatars with readable handles.
type fakeAvatars struct{ path string }

func (p fakeAvatars) Path(worker, url string) string {
	if p.path != "" {
		return p.path
	}
	if !strings.HasPrefix(url, "https:") {
		return ""
	}
	return "/avatars/sealed-for-" + worker
}

func (p fakeAvatars) Serve(w http.ResponseWriter, _ *http.Request, worker, handle string) {
	io.WriteString(w, worker+" gets "+handle)
}

func TestAvatars_ComeFromOurOwnOrigin(t *testing.T) {
	c, _, h, _ := newTestApp(t, func(o *app.Options) { o.Avatars = fakeAvatars{} })
	c.add("alice",
		frontline.Customer{ID: "1", DisplayName: "Anna B", Avatar: "https://tracker.example/a.png?who=anna"},
		frontline.Customer{ID: "2", DisplayName: "Bob", Avatar: "ftp://tracker.example/b.png"},
		frontline.Customer{ID: "3", DisplayName: "Carl"})
	b := signedIn(t, h, "alice")
	img := `<img src="/avatars/sealed-for-alice" alt="" loading="lazy" decoding="async">`
	list := b.get("/customers")
	list.must(t, http.StatusOK, []string{">AB" + img + "</span>"}, "tracker.example")
	if n := strings.Count(list.body, "<img"); n != 1 {
		t.Errorf("GET /customers: %d images, want 1", n)
	}
	b.get("/customers/1").must(t, http.StatusOK, []string{`<img src="/avatars/sealed-for-alice" alt="" decoding="async">`}, "tracker.example")
	if a := b.get("/avatars/sealed-for-alice"); a.StatusCode != http.StatusOK || a.body != "alice gets sealed-for-alice" {
		t.Errorf("GET avatar: status %d, body %q", a.StatusCode, a.body)
	}
	if a := newClient(t, h).get("/avatars/sealed-for-alice"); a.StatusCode != http.StatusSeeOther || contains(a.body, "gets") {
		t.Errorf("anonymous GET avatar: status %d, body %q, want 303", a.StatusCode, a.body)
	}
}

func TestAvatars_RefuseOtherOrigins(t *testing.T) {
	for _, path := range []string{"https://tracker.example/a.png", "//tracker.example/a.png", "/customers"} {
		c, _, h, _ := newTestApp(t, func(o *app.Options) { o.Avatars = fakeAvatars{path} })
		c.add("alice", frontline.Customer{ID: "1", DisplayName: "Anna", Avatar: "https://tracker.example/a.png"})
		signedIn(t, h, "alice").get("/customers/1").must(t, http.StatusOK, []string{"Anna"}, "<img", "tracker")
	}
}

func TestAvatars_None(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "Anna", Avatar: "https://tracker.example/a.png"})
	b := signedIn(t, h, "alice")
	b.get("/customers/1").must(t, http.StatusOK, []string{">A</span>"}, "<img", "tracker")
	b.get("/avatars/x").must(t, http.StatusNotFound, []string{`data-error-code="no-page"`})
}

func TestPages_LinkAdministratorsToTheConsole(t *testing.T) {
	c, p, h, _ := newTestApp(t, nil)
	c.add("bob", frontline.Customer{ID: "1", DisplayName: "Anna"})
	p.persons["bob"].Role = account.RoleAdmin
	alice, bob := signedIn(t, h, "alice"), signedIn(t, h, "bob")
	for _, path := range []string{"/customers", "/customers/1", "/account"} {
		bob.get(path).must(t, http.StatusOK, []string{`<a href="/console">`})
		if a := alice.get(path); contains(a.body, "/console") {
			t.Errorf("GET %s as a worker: links to the console", path)
		}
	}
	if n := strings.Count(bob.get("/account").body, `href="/console"`); n != 2 {
		t.Errorf("GET /account: %d links to the console, want 2: the tab and the button", n)
	}
}
