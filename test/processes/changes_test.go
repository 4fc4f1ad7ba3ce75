package processes

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/server"
)

// soon is within what a change must be known everywhere.
const soon = time.Second

var shownState = regexp.MustCompile(`data-state="([^"]+)"`)

// waiting lets a page wait at a process for news, and returns what it is told.
func waiting(p *process, b *browser) <-chan response {
	state := shownState.FindStringSubmatch(b.get(p, "/account").body)[1]
	told := make(chan response, 1)
	go func() { told <- b.get(p, "/pulse?was="+url.QueryEscape(state)) }()
	time.Sleep(300 * time.Millisecond) // until it waits
	return told
}

func TestChanges_KnownEverywhere(t *testing.T) {
	i := install(t)
	a, b := i.serve(), i.serve()
	ada, root := signedIn(a, worker), signedIn(b, admin)
	masked := func(p *process) bool {
		page := ada.get(p, "/customers/w1")
		if page.StatusCode != http.StatusOK {
			t.Fatalf("GET /customers/w1: status %d, want 200", page.StatusCode)
		}
		return !strings.Contains(page.body, "0114")
	}
	if masked(a) || masked(b) {
		t.Fatal("numbers are masked at first")
	}

	told := waiting(b, ada)
	if got := root.post(a, "/console/callbacks", "mask_numbers", "on"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST /console/callbacks: status %d, want 303", got.StatusCode)
	}
	within(t, soon, "masked at the other process", func() bool { return masked(b) })
	within(t, soon, "a waiting page of the other process is told", func() bool { return len(told) > 0 })
	if got := (<-told).Header.Get("Clientele-State"); !strings.HasPrefix(got, "masked-") {
		t.Errorf("GET /pulse: state %q, want masked-…", got)
	}
	if a, b := ada.get(a, "/account").body, ada.get(b, "/account").body; shownState.FindString(a) != shownState.FindString(b) {
		t.Errorf("the processes' pages have the states %s and %s", shownState.FindString(a), shownState.FindString(b))
	}

	token := i.run("", "token", "rotate")
	form := url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}, "PageSize": {"30"}}
	for _, p := range []*process{a, b} {
		within(t, soon, "the new signing token is accepted", func() bool {
			r, err := http.NewRequestWithContext(t.Context(), "POST", p.url+server.CallbackPath, strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Twilio-Signature", frontline.Sign(token, p.url+server.CallbackPath, form))
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			return resp.StatusCode == http.StatusOK
		})
	}

	told = waiting(b, ada)
	ada.post(a, "/signout")
	within(t, soon, "a waiting page whose session was ended elsewhere is told", func() bool { return len(told) > 0 })
	if got := <-told; got.StatusCode != http.StatusUnauthorized {
		t.Errorf("GET /pulse of an ended session: status %d, want 401", got.StatusCode)
	}

	told = waiting(b, root)
	i.run(password, "user", "add", "other@example.com", "--role", "admin", "--password-stdin")
	i.run("", "user", "remove", admin)
	within(t, soon, "a waiting page of a person who was removed is told", func() bool { return len(told) > 0 })
	if got := root.get(b, "/account"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("GET /account of a person who was removed: status %d, want 303 to sign in", got.StatusCode)
	}
}

func TestServe_RefusesAnotherSecretFile(t *testing.T) {
	i := install(t)
	i.serve()
	for name, text := range map[string]string{"missing": "does not exist", "different": "is a different one"} {
		other := *i
		other.secret += "." + name
		if name == "different" {
			if _, _, err := secret.Load(other.secret); err != nil { // creates it
				t.Fatal(err)
			}
		}
		out, err := other.command("serve", "--addr", "127.0.0.1:0").CombinedOutput()
		if err == nil || !strings.Contains(string(out), text) || !strings.Contains(string(out), "--secret-file") {
			t.Errorf("serve with a %s secret file: %v, printed:\n%s", name, err, out)
		}
		if _, err := os.Stat(other.secret); name == "missing" && err == nil {
			t.Errorf("serve created the missing secret file")
		}
	}
}
