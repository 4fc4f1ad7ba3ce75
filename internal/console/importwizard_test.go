package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// part requests a part of a page, as its script does.
func (f *customersFixture) part(who, href, part string) response {
	f.t.Helper()
	r := httptest.NewRequest("GET", href, nil)
	r.Header.Set("Clientele-Part", part)
	return f.do(who, r)
}

func TestImport_SettingsChangeThePreview(t *testing.T) {
	f := newCustomersFixture(t, nil)
	const file = "Customers of November\nname,title,,title,phone\nAda,Countess,x,Poet,030 12345678\n,,,,\n<b>,,,,\n"
	href, page := f.upload("root", "list.csv", file)
	page.check(t, http.StatusOK, []string{
		`<td class="at">3</td>`, `<bdi dir="auto">Ada</bdi>`, "Customers of November", `<bdi dir="ltr" class="decide">030 12345678</bdi>`, "&lt;b&gt;",
		"Detected: line 2.", "Column 3", "No name", "Second column for Job title", `<option value="ignore">Ignore</option>`, `<option value="DE">Germany`,
		`aria-current="step"><span>Settings and preview`, `value="choose" data-plain`,
	}, "Needs your input</strong></span></p>\n<dl", "<b>,")
	choose := func(do string, fields ...string) response {
		t.Helper()
		f.post("root", "/console/customers/import/one", append([]string{"id", idOf(href), "do", do, "worker", "alice"}, fields...)...).check(t, http.StatusSeeOther, nil)
		return f.waitForImport("root", href)
	}
	choose("choose", "columns", "5", "field2", "notes").check(t, http.StatusOK, []string{
		"Ready to import", `<div class="decide"><dt>Numbers without country code</dt><dd>1</dd>`, "1 phone number has no country code", `name="numbers_region"`,
	}, "No name")
	choose("region", "numbers_region", "DE").check(t, http.StatusOK, []string{`<option value="DE" selected>`, `<bdi dir="ltr">+49 30 12345678</bdi>`}, "no country code or isn’t valid")
	choose("region:AT").check(t, http.StatusOK, []string{`<option value="AT" selected>`})
	choose("choose", "header", "1").check(t, http.StatusOK, []string{`name="header"`, `value="1"`, "No column contains names", `href="#columns"`}, `value="run"`)
	choose("choose", "header", "77").check(t, http.StatusOK, []string{"line 77 has no header", `aria-invalid="true"`, "There are no rows to preview"}, `value="run"`)
	choose("choose", "encoding", "UTF-16").check(t, http.StatusOK, []string{"can&#39;t be read as UTF-16", `<option value="UTF-16" selected>`})
	choose("choose").check(t, http.StatusOK, []string{"Ready to import", `<bdi dir="auto">Ada</bdi>`})

	f.post("root", "/console/customers/import/one", "id", idOf(href), "do", "choose", "worker", "alice", "everyone", "on").check(t, http.StatusSeeOther, nil)
	f.waitForImport("root", href).check(t, http.StatusOK, []string{`name="everyone" value="on" checked`, `name="worker" value=""`})
	choose("choose", "everyone", "on").check(t, http.StatusOK, []string{`name="worker" value="alice"`}, `value="on" checked`)

	f.part("root", href, "import").check(t, http.StatusOK, []string{`id="live"`, `id="work"`, `id="rows"`}, "<html")
	f.part("root", href, "live").check(t, http.StatusOK, []string{`id="live"`}, `id="work"`)
}

func TestImport_SuggestsACountryAndChoosesNone(t *testing.T) {
	f := newCustomersFixture(t, nil)
	href, _ := f.upload("root", "list.csv", "name,phone,owner\nAda,030 12345678,alice\n")
	r := httptest.NewRequest("GET", href, nil)
	r.Header.Set("Accept-Language", "en-AT,en-US;q=0.5,xx-QQ")
	f.do("root", r).check(t, http.StatusOK, []string{`<optgroup label="Suggested"><option value="AT">Austria`, `value="region:AT">Use Austria`, `<bdi dir="ltr" class="decide">030 12345678</bdi>`},
		`value="AT" selected`, `value="region:US"`) // with which the number would stay incomplete
}

func TestImport_DownloadsAReport(t *testing.T) {
	f := newCustomersFixture(t, nil)
	href, page := f.upload("root", "my list.csv", "name,avatar,owner\nAda,=x,alice\n,,bob\n")
	page.check(t, http.StatusOK, []string{"/console/customers/import/report?id=" + idOf(href), `class="tag bad">Rejected`, `class="tag decide">Note`})
	report := f.get("root", "/console/customers/import/report?id="+idOf(href)).check(t, http.StatusOK, []string{
		"\uFEFFline,item,outcome,reason\n2,,noted,avatar left out: not a web address\n", "3,,rejected,"}, "alice")
	if d := report.Header.Get("Content-Disposition"); d != `attachment; filename="my-list-report.csv"` {
		t.Errorf("GET /console/customers/import/report: Content-Disposition = %q", d)
	}
	f.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run")
	f.waitForImport("root", href).check(t, http.StatusOK, []string{"Imported", "View customers", "Review duplicates", "Import another file", `aria-current="step"><span>Result`})
	f.get("root", "/console/customers/import/report?id="+idOf(href)).check(t, http.StatusOK, []string{"3,,rejected,"})
}

func TestImport_NamesOwnersWithoutAnAccount(t *testing.T) {
	f := newCustomersFixture(t, nil)
	href, page := f.upload("root", "list.csv", "name,owner\nAda,alice\nBob,Carla Cole\nCid,Carla Cole\n")
	page.check(t, http.StatusOK, []string{"1 owner has no account yet (2 customers)", `<bdi dir="auto">Carla Cole</bdi> · 2 customers`, `href="/console/people/owners?import=` + idOf(href),
		`<td class="owner decide"><bdi dir="auto">Carla Cole</bdi>`, `<td class="owner"><bdi dir="auto">alice</bdi>`})
}

func TestImport_OffersNothingUseless(t *testing.T) {
	f := newCustomersFixture(t, nil)
	for name, content := range map[string]string{"no rows": "name,owner\n", "only refused rows": "name,phone,owner\n,,alice\n"} {
		href, page := f.upload("root", "list.csv", content)
		page.check(t, http.StatusOK, []string{"Nothing to import", `value="cancel"`}, `value="run"`, "Ready to import")
		if t.Failed() {
			t.Fatal(name)
		}
		f.follow("root", f.post("root", "/console/customers/import/one", "id", idOf(href), "do", "cancel")).check(t, http.StatusOK, []string{"Canceled", "Nothing was imported."})
	}
}

func TestImport_RefusesOtherFilesInWords(t *testing.T) {
	f := newCustomersFixture(t, nil)
	for name, content := range map[string]string{
		"a PDF": "%PDF-1.7\n", "a web page": "<!doctype html><p>x", "an old workbook": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "nothing": "", "blanks": " \n\n",
	} {
		a := f.do("root", uploadRequest(t, "file.csv", content))
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "This file can’t be imported:") {
			t.Errorf("upload of %s: status %d, want 422 and why:\n%.2000s", name, a.StatusCode, a.body)
		}
	}
}
