package console_test

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/settings"
)

const (
	crmURL      = "https://crm.example.com/callbacks/crm?key=abc"
	outgoingURL = "https://crm.example.com/callbacks/outgoing"
)

// formFields returns the fields of the page's form, as a browser sends them.
func formFields(t *testing.T, page string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, m := range regexp.MustCompile(`<input ([^>]*)>`).FindAllStringSubmatch(page, -1) {
		name := regexp.MustCompile(`\bname="([^"]*)"`).FindStringSubmatch(m[1])
		value := regexp.MustCompile(`\bvalue="([^"]*)"`).FindStringSubmatch(m[1])
		if name != nil && value != nil {
			out[name[1]] = strings.ReplaceAll(value[1], "&amp;", "&")
		}
	}
	if out["crm_callback_url_was"] == "" {
		t.Fatalf("the page has no form:\n%s", page)
	}
	return out
}

func (f *fixture) submit(form map[string]string) response {
	f.t.Helper()
	var fields []string
	for name, value := range form {
		fields = append(fields, name, value)
	}
	return f.post("root", "/console/callbacks", fields...)
}

func TestSaveCallbacks_SavesPostedFields(t *testing.T) {
	f := newFixture(t, nil)
	f.save(func(k *settings.Callbacks) { k.Templates = "https://crm.example.com/templates" })
	a := f.post("root", "/console/callbacks", "crm_callback_url", " "+crmURL+"\n", "outgoing_callback_url", outgoingURL, "auth_token", "")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/console/callbacks?done=saved" {
		t.Fatalf("POST: status %d, Location %s\n%s", a.StatusCode, a.Header.Get("Location"), a.body)
	}
	if got, want := f.callbacks(), (settings.Callbacks{CRM: crmURL, Outgoing: outgoingURL, Templates: "https://crm.example.com/templates"}); got != want {
		t.Errorf("Callbacks = %+v, want %+v", got, want)
	}
	if f.reloads != 1 || f.token != firstToken {
		t.Errorf("POST /console/callbacks: %d reloads with token %q, want 1 with the posted token", f.reloads, f.token)
	}
	f.get("root", "/console/callbacks?done=saved").check(t, http.StatusOK, []string{"Saved.", `value="https://crm.example.com/callbacks/crm?key=abc"`})
	if a := f.post("root", "/console/callbacks", "crm_callback_url", ""); a.StatusCode != http.StatusSeeOther || f.callbacks().CRM != "" || f.callbacks().Outgoing != outgoingURL {
		t.Errorf("POST of an empty URL: status %d, Callbacks = %+v", a.StatusCode, f.callbacks())
	}
	f.get("root", "/console/callbacks").check(t, http.StatusOK, []string{"Built-in integration service", `placeholder="Built-in service"`}, "Saved.")
}

func TestSaveCallbacks_InvalidFieldSavesNothing(t *testing.T) {
	for name, test := range map[string]struct{ field, value, says string }{
		"no scheme":         {"outgoing_callback_url", "example.com/cb", "must begin with https://"},
		"another scheme":    {"outgoing_callback_url", "ftp://example.com/cb", "must begin with https://"},
		"no host":           {"crm_callback_url", "https:///cb", "host isn’t valid"},
		"a user":            {"crm_callback_url", "https://me:pw@example.com/", "Remove the username"},
		"a fragment":        {"crm_callback_url", "https://example.com/#x", "Remove the fragment"},
		"a blank in query":  {"crm_callback_url", "https://example.com/?a=b c", "spaces or non-ASCII characters"},
		"an umlaut in host": {"crm_callback_url", "https://exämple.com/", "xn-- form"},
		"a digest":          {"crm_callback_url", "https://example.com/?bodySHA256=1", "bodySHA256"},
		"a port":            {"crm_callback_url", "https://example.com:70000/", "from 1 to 65535"},
		"too long":          {"crm_callback_url", "https://example.com/" + strings.Repeat("x", 2000), "too long"},
		"a control":         {"crm_callback_url", "https://example.com/\u0085x", "isn’t a URL"},
		"metadata":          {"crm_callback_url", "http://169.254.169.254/latest", "never called"},
		"an octal address":  {"crm_callback_url", "http://010.0.0.1/", "host isn’t valid"},
		"a short token":     {"auth_token", "short", "Use 8 to 256"},
		"a token in Greek":  {"auth_token", "κλειδί-κλειδί", "Use 8 to 256"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			f.save(func(k *settings.Callbacks) { k.CRM = crmURL })
			a := f.post("root", "/console/callbacks", test.field, test.value, "templates_callback_url", "https://crm.example.com/fine")
			a.check(t, http.StatusUnprocessableEntity, []string{test.says, `aria-invalid="true"`, `id="` + strings.Replace(test.field, "auth_", "", 1) + `-error"`, `value="https://crm.example.com/fine"`})
			if strings.HasPrefix(test.field, "auth") && strings.Contains(a.body, test.value) {
				t.Error("the response contains the token")
			}
			if got := f.callbacks(); got != (settings.Callbacks{CRM: crmURL}) || f.reloads != 0 {
				t.Errorf("Callbacks = %+v after %d reloads, want no change", got, f.reloads)
			}
			if !strings.HasPrefix(test.field, "auth") && !strings.Contains(test.value, "\u0085") && !strings.Contains(a.body, strings.TrimSuffix(test.value, "x")) {
				t.Error("the response lacks the posted value")
			}
		})
	}
}

func TestSaveCallbacks_PrivateAddressNamesFlag(t *testing.T) {
	f := newFixture(t, func(o *console.Options) { o.CheckURL = checkURLStrictly })
	for lang, says := range map[string]string{"en": "start the program with --allow-private-callbacks", "de": "starten Sie das Programm mit --allow-private-callbacks"} {
		r := formRequest("/console/callbacks", "crm_callback_url", "http://10.1.2.3/crm")
		r.Header.Set("Accept-Language", lang)
		f.do("root", r).check(t, http.StatusUnprocessableEntity, []string{says})
	}
}

func TestSaveCallbacks_SkipsUneditedFields(t *testing.T) {
	f := newFixture(t, nil)
	f.save(func(k *settings.Callbacks) { k.CRM = crmURL })
	mine := formFields(t, f.get("root", "/console/callbacks").body)
	// Another administrator changes the first field meanwhile.
	f.save(func(k *settings.Callbacks) { k.CRM = "https://theirs.example.com/" })
	mine["outgoing_callback_url"] = outgoingURL
	if a := f.submit(mine); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST: status %d\n%s", a.StatusCode, a.body)
	}
	if got, want := f.callbacks(), (settings.Callbacks{CRM: "https://theirs.example.com/", Outgoing: outgoingURL}); got != want {
		t.Errorf("Callbacks = %+v, want %+v", got, want)
	}
}

func TestSaveCallbacks_EditConflict(t *testing.T) {
	f := newFixture(t, nil)
	mine := formFields(t, f.get("root", "/console/callbacks").body)
	f.save(func(k *settings.Callbacks) { k.CRM = "https://theirs.example.com/" })
	mine["crm_callback_url"], mine["outgoing_callback_url"] = crmURL, outgoingURL
	a := f.submit(mine)
	a.check(t, http.StatusConflict, []string{"Someone else changed this to https://theirs.example.com/.", "key=abc", outgoingURL})
	if got := f.callbacks(); got != (settings.Callbacks{CRM: "https://theirs.example.com/"}) {
		t.Errorf("Callbacks = %+v", got)
	}
	// Saving again replaces it.
	if a := f.submit(formFields(t, a.body)); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST: status %d\n%s", a.StatusCode, a.body)
	}
	if got, want := f.callbacks(), (settings.Callbacks{CRM: crmURL, Outgoing: outgoingURL}); got != want {
		t.Errorf("Callbacks = %+v, want %+v", got, want)
	}
	// The other administrator emptied it.
	mine = formFields(t, f.get("root", "/console/callbacks").body)
	f.save(func(k *settings.Callbacks) { k.CRM = "" })
	mine["crm_callback_url"] = "https://mine.example.com/"
	f.submit(mine).check(t, http.StatusConflict, []string{"Someone else cleared this."})
}

func TestSaveCallbacks_FlagOverrides(t *testing.T) {
	f := newFixture(t, func(o *console.Options) {
		o.Fixed = console.Fixed{CRMFlag: "--crm-callback-url", CRM: crmURL, TokenFlag: "--auth-token"}
	})
	page := f.get("root", "/console/callbacks").check(t, http.StatusOK, []string{"--crm-callback-url", "--auth-token", "key=abc", "readonly"},
		`name="crm_callback_url"`, `name="auth_token"`, `value="make"`)
	if !strings.Contains(page.body, `name="outgoing_callback_url"`) {
		t.Error("the page has no field for the other URLs")
	}
	for field, value := range map[string]string{"crm_callback_url": "https://evil.example/", "auth_token": "another-token"} {
		f.post("root", "/console/callbacks", field, value, "outgoing_callback_url", outgoingURL).
			check(t, http.StatusUnprocessableEntity, []string{"This is set with --"}, "another-token")
	}
	f.post("root", "/console/callbacks", "crm_callback_url", "").check(t, http.StatusUnprocessableEntity, []string{"This is set with --crm-callback-url"})
	f.post("root", "/console/callbacks/token", "do", "make").check(t, http.StatusUnprocessableEntity, []string{"This is set with --auth-token"})
	if got := f.callbacks(); got != (settings.Callbacks{}) || f.token != firstToken || f.reloads != 0 {
		t.Errorf("Callbacks = %+v, token %q after %d reloads, want no change", got, f.token, f.reloads)
	}
	if a := f.post("root", "/console/callbacks", "crm_callback_url", crmURL, "outgoing_callback_url", outgoingURL); a.StatusCode != http.StatusSeeOther {
		t.Errorf("POST of the flag's own value: status %d", a.StatusCode)
	}
	if got := f.callbacks(); got != (settings.Callbacks{Outgoing: outgoingURL}) {
		t.Errorf("Callbacks = %+v", got)
	}
}

func TestSaveCallbacks_WarnsOfUnencryptedURL(t *testing.T) {
	const warning = "This URL isn’t encrypted"
	for url, warned := range map[string]bool{
		"http://crm.example.com/cb": true, "https://crm.example.com/cb": false, "http://127.0.0.1:9/cb": false, "http://[::1]/cb": false, "http://10.0.0.1/": true,
	} {
		f := newFixture(t, nil)
		f.save(func(k *settings.Callbacks) { k.Outgoing = url })
		if a := f.get("root", "/console/callbacks"); strings.Contains(a.body, warning) != warned {
			t.Errorf("URL %s: has warning = %v", url, !warned)
		}
	}
}

func TestSaveCallbacks_ShowsReloadFailure(t *testing.T) {
	f := newFixture(t, nil)
	f.reload = errors.New("no database")
	a := f.post("root", "/console/callbacks", "crm_callback_url", crmURL)
	if a.StatusCode != http.StatusSeeOther || f.callbacks().CRM != crmURL {
		t.Fatalf("POST: status %d, Callbacks = %+v", a.StatusCode, f.callbacks())
	}
	f.get("root", a.Header.Get("Location")).check(t, http.StatusOK, []string{"not active yet", `role="alert"`})
	if !strings.Contains(f.log.String(), "no database") {
		t.Error("the log lacks the error")
	}
}

func TestCallbacks_Unavailable(t *testing.T) {
	f := newFixture(t, nil)
	f.store.fail = settings.ErrUnavailable
	f.get("root", "/console/callbacks").check(t, http.StatusServiceUnavailable, []string{`data-error-code="settings-unavailable"`}, "<form")
	f.post("root", "/console/callbacks", "crm_callback_url", crmURL).check(t, http.StatusServiceUnavailable, nil)
}

func TestSaveCallbacks_ReplacesSealedURLs(t *testing.T) {
	f := newFixture(t, nil)
	f.save(func(k *settings.Callbacks) { k.CRM = crmURL })
	other := newFixture(t, nil)
	other.store.values = f.store.values
	other.get("root", "/console/callbacks").check(t, http.StatusOK, []string{"The saved URLs can’t be read", "No token set"}, "key=abc")
	if a := other.post("root", "/console/callbacks", "crm_callback_url", outgoingURL); a.StatusCode != http.StatusSeeOther || other.callbacks().CRM != outgoingURL {
		t.Errorf("POST: status %d, Callbacks = %+v", a.StatusCode, other.callbacks())
	}
}

func TestSaveCallbacks_LogsNoURLs(t *testing.T) {
	f := newFixture(t, nil)
	f.post("root", "/console/callbacks", "crm_callback_url", "http://127.0.0.1:1/secret-path?key=secret-key", "auth_token", "secret-token")
	f.post("root", "/console/callbacks/test", "which", "crm", "worker", "alice", "question", "search", "query", "secret-query")
	f.post("root", "/console/callbacks", "outgoing_callback_url", "secret-nonsense")
	if log := f.log.String(); strings.Contains(log, "secret") || strings.Contains(log, "alice") || !strings.Contains(log, "POST /console/callbacks/test") {
		t.Errorf("the log contains a URL:\n%s", log)
	}
}

func TestCallbacks_TestsAsSomeoneWhoCanSignIn(t *testing.T) {
	f := newFixture(t, nil)
	if err := f.accounts.change("alice", func(p *account.Person) error { p.Deactivated = noon; return nil }); err != nil {
		t.Fatal(err)
	}
	f.get("root", "/console/callbacks").check(t, http.StatusOK, []string{
		`list="workers" value="bob"`, `<option value="bob"></option><option value="root"></option><option value="alice"></option>`,
	})
}
