package console_test

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/settings"
)

const (
	crmURL      = "https://crm.example.com/callbacks/crm?key=abc"
	outgoingURL = "https://crm.example.com/callbacks/outgoing"
)

// formOf answers the hidden and visible fields of the page, as a browser sends them.
func formOf(t *testing.T, page string) map[string]string {
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
		t.Fatalf("no form in the page:\n%s", page)
	}
	return out
}

func (b *bench) submit(form map[string]string) answer {
	b.t.Helper()
	var fields []string
	for name, value := range form {
		fields = append(fields, name, value)
	}
	return b.post("root", "/console/callbacks", fields...)
}

func TestSavingKeepsWhatWasSentAndNothingElse(t *testing.T) {
	b := newBench(t, nil)
	b.save(func(k *settings.Callbacks) { k.Templates = "https://crm.example.com/templates" })
	a := b.post("root", "/console/callbacks", "crm_callback_url", " "+crmURL+"\n", "outgoing_callback_url", outgoingURL, "auth_token", "")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/console/callbacks?done=saved" {
		t.Fatalf("answered %d to %s\n%s", a.StatusCode, a.Header.Get("Location"), a.body)
	}
	if got, want := b.kept(), (settings.Callbacks{CRM: crmURL, Outgoing: outgoingURL, Templates: "https://crm.example.com/templates"}); got != want {
		t.Errorf("kept %+v, want %+v", got, want)
	}
	if b.reloads != 1 || b.token != theToken {
		t.Errorf("%d reloads, token %q", b.reloads, b.token)
	}
	b.get("root", "/console/callbacks?done=saved").must(t, http.StatusOK, []string{"Saved.", `value="https://crm.example.com/callbacks/crm?key=abc"`})
	if a := b.post("root", "/console/callbacks", "crm_callback_url", ""); a.StatusCode != http.StatusSeeOther || b.kept().CRM != "" || b.kept().Outgoing != outgoingURL {
		t.Errorf("an empty URL: answered %d, kept %+v", a.StatusCode, b.kept())
	}
	b.get("root", "/console/callbacks").must(t, http.StatusOK, []string{"Built-in integration service", `placeholder="Built-in service"`}, "Saved.")
}

func TestAnythingWrongSavesNothing(t *testing.T) {
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
			b := newBench(t, nil)
			b.save(func(k *settings.Callbacks) { k.CRM = crmURL })
			a := b.post("root", "/console/callbacks", test.field, test.value, "templates_callback_url", "https://crm.example.com/fine")
			a.must(t, http.StatusUnprocessableEntity, []string{test.says, `aria-invalid="true"`, `id="` + strings.Replace(test.field, "auth_", "", 1) + `-error"`, `value="https://crm.example.com/fine"`})
			if strings.HasPrefix(test.field, "auth") && strings.Contains(a.body, test.value) {
				t.Error("the token came back")
			}
			if got := b.kept(); got != (settings.Callbacks{CRM: crmURL}) || b.reloads != 0 {
				t.Errorf("kept %+v with %d reloads", got, b.reloads)
			}
			if !strings.HasPrefix(test.field, "auth") && !strings.Contains(test.value, "\u0085") && !strings.Contains(a.body, strings.TrimSuffix(test.value, "x")) {
				t.Error("what was typed is gone")
			}
		})
	}
}

func TestAPrivateAddressNamesTheFlagThatAllowsIt(t *testing.T) {
	b := newBench(t, func(o *console.Options) { o.CheckURL = strictly })
	for lang, says := range map[string]string{"en": "start the program with --allow-private-callbacks", "de": "starten Sie das Programm mit --allow-private-callbacks"} {
		r := posted("/console/callbacks", "crm_callback_url", "http://10.1.2.3/crm")
		r.Header.Set("Accept-Language", lang)
		b.do("root", r).must(t, http.StatusUnprocessableEntity, []string{says})
	}
}

func TestWhatNobodyEditedIsNotWritten(t *testing.T) {
	b := newBench(t, nil)
	b.save(func(k *settings.Callbacks) { k.CRM = crmURL })
	mine := formOf(t, b.get("root", "/console/callbacks").body)
	// Another administrator saves a change of the first field meanwhile.
	b.save(func(k *settings.Callbacks) { k.CRM = "https://theirs.example.com/" })
	mine["outgoing_callback_url"] = outgoingURL
	if a := b.submit(mine); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("answered %d\n%s", a.StatusCode, a.body)
	}
	if got, want := b.kept(), (settings.Callbacks{CRM: "https://theirs.example.com/", Outgoing: outgoingURL}); got != want {
		t.Errorf("kept %+v, want %+v", got, want)
	}
}

func TestTwoEditsOfOneFieldAreTold(t *testing.T) {
	b := newBench(t, nil)
	mine := formOf(t, b.get("root", "/console/callbacks").body)
	b.save(func(k *settings.Callbacks) { k.CRM = "https://theirs.example.com/" })
	mine["crm_callback_url"], mine["outgoing_callback_url"] = crmURL, outgoingURL
	a := b.submit(mine)
	a.must(t, http.StatusConflict, []string{"Someone else changed this to https://theirs.example.com/.", "key=abc", outgoingURL})
	if got := b.kept(); got != (settings.Callbacks{CRM: "https://theirs.example.com/"}) {
		t.Errorf("kept %+v", got)
	}
	// Saved again, knowingly.
	if a := b.submit(formOf(t, a.body)); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("answered %d\n%s", a.StatusCode, a.body)
	}
	if got, want := b.kept(), (settings.Callbacks{CRM: crmURL, Outgoing: outgoingURL}); got != want {
		t.Errorf("kept %+v, want %+v", got, want)
	}
	// Emptied by the other one.
	mine = formOf(t, b.get("root", "/console/callbacks").body)
	b.save(func(k *settings.Callbacks) { k.CRM = "" })
	mine["crm_callback_url"] = "https://mine.example.com/"
	b.submit(mine).must(t, http.StatusConflict, []string{"Someone else cleared this."})
}

func TestWhatAFlagFixesCannotBeChanged(t *testing.T) {
	b := newBench(t, func(o *console.Options) {
		o.Fixed = console.Fixed{CRMFlag: "--crm-callback-url", CRM: crmURL, TokenFlag: "--auth-token"}
	})
	page := b.get("root", "/console/callbacks").must(t, http.StatusOK, []string{"--crm-callback-url", "--auth-token", "key=abc", "readonly"},
		`name="crm_callback_url"`, `name="auth_token"`, `value="make"`)
	if !strings.Contains(page.body, `name="outgoing_callback_url"`) {
		t.Error("the other URLs cannot be edited")
	}
	for field, value := range map[string]string{"crm_callback_url": "https://evil.example/", "auth_token": "another-token"} {
		b.post("root", "/console/callbacks", field, value, "outgoing_callback_url", outgoingURL).
			must(t, http.StatusUnprocessableEntity, []string{"This is set with --"}, "another-token")
	}
	b.post("root", "/console/callbacks", "crm_callback_url", "").must(t, http.StatusUnprocessableEntity, []string{"This is set with --crm-callback-url"})
	b.post("root", "/console/callbacks/token", "do", "make").must(t, http.StatusUnprocessableEntity, []string{"This is set with --auth-token"})
	if got := b.kept(); got != (settings.Callbacks{}) || b.token != theToken || b.reloads != 0 {
		t.Errorf("kept %+v, token %q, %d reloads", got, b.token, b.reloads)
	}
	if a := b.post("root", "/console/callbacks", "crm_callback_url", crmURL, "outgoing_callback_url", outgoingURL); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the fixed value itself was refused: %d", a.StatusCode)
	}
	if got := b.kept(); got != (settings.Callbacks{Outgoing: outgoingURL}) {
		t.Errorf("kept %+v", got)
	}
}

func TestAnUnencryptedURLIsWarnedOf(t *testing.T) {
	const warning = "This URL isn’t encrypted"
	for url, warned := range map[string]bool{
		"http://crm.example.com/cb": true, "https://crm.example.com/cb": false, "http://127.0.0.1:9/cb": false, "http://[::1]/cb": false, "http://10.0.0.1/": true,
	} {
		b := newBench(t, nil)
		b.save(func(k *settings.Callbacks) { k.Outgoing = url })
		if a := b.get("root", "/console/callbacks"); strings.Contains(a.body, warning) != warned {
			t.Errorf("%s: warned %v", url, !warned)
		}
	}
}

func TestWhatCannotBePutInForceIsTold(t *testing.T) {
	b := newBench(t, nil)
	b.reload = errors.New("no database")
	a := b.post("root", "/console/callbacks", "crm_callback_url", crmURL)
	if a.StatusCode != http.StatusSeeOther || b.kept().CRM != crmURL {
		t.Fatalf("answered %d, kept %+v", a.StatusCode, b.kept())
	}
	b.get("root", a.Header.Get("Location")).must(t, http.StatusOK, []string{"not active yet", `role="alert"`})
	if !strings.Contains(b.log.String(), "no database") {
		t.Error("the log does not say why")
	}
}

func TestSettingsThatCannotBeReachedAreNoEmptyForm(t *testing.T) {
	b := newBench(t, nil)
	b.store.fail = settings.ErrUnavailable
	b.get("root", "/console/callbacks").must(t, http.StatusServiceUnavailable, []string{`data-error-code="settings-unavailable"`}, "<form")
	b.post("root", "/console/callbacks", "crm_callback_url", crmURL).must(t, http.StatusServiceUnavailable, nil)
}

func TestURLsOfALostSecretFileCanBeSetAnew(t *testing.T) {
	b := newBench(t, nil)
	b.save(func(k *settings.Callbacks) { k.CRM = crmURL })
	other := newBench(t, nil)
	other.store.kept = b.store.kept
	other.get("root", "/console/callbacks").must(t, http.StatusOK, []string{"The saved URLs can’t be read", "No token set"}, "key=abc")
	if a := other.post("root", "/console/callbacks", "crm_callback_url", outgoingURL); a.StatusCode != http.StatusSeeOther || other.kept().CRM != outgoingURL {
		t.Errorf("answered %d, kept %+v", a.StatusCode, other.kept())
	}
}

func TestTheLogTellsNoURLs(t *testing.T) {
	b := newBench(t, nil)
	b.post("root", "/console/callbacks", "crm_callback_url", "http://127.0.0.1:1/secret-path?key=secret-key", "auth_token", "secret-token")
	b.post("root", "/console/callbacks/test", "which", "crm", "worker", "alice", "question", "search", "query", "secret-query")
	b.post("root", "/console/callbacks", "outgoing_callback_url", "secret-nonsense")
	if log := b.log.String(); strings.Contains(log, "secret") || strings.Contains(log, "alice") || !strings.Contains(log, "POST /console/callbacks/test") {
		t.Errorf("the log:\n%s", log)
	}
}
