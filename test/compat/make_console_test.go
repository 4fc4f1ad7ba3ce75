package compat

import (
	"bytes"
	"fmt"
	"html"
	"mime/multipart"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/sample"
)

// The tricky customers of the fixture; sample makes the many others.
const trickyCSV = `customer_id,display_name,company,job_title,phone,whatsapp,email,chat,website,linkedin,facebook,instagram,twitter,notes,avatar,owner
every-channel,Zoë O'Neil,Acme,Buyer,+15557040102,+15557040103,zoe@example.net,chat-zoe,https://acme.example,https://linkedin.com/in/zoe,https://facebook.com/zoe,https://instagram.com/zoe,https://twitter.com/zoe,"Two lines:
second, with ""quotes""",https://pictures.example.net/zoe.png,Alice@Example.com
rtl,יוסי כהן,חברה,,+972502341234,,,,,,,,,הערה,,Alice@Example.com
arabic,محمد العربي,,,,,m@example.org,,,,,,,,,Alice@Example.com
LONGID,LONGNAME,,,,,,,,,,,,,,Alice@Example.com
+15557040199,Agent 007 of 15557040188,,,+15557040199,,,,,,,,,call 15557040177 first,https://pictures.example.net/+15557040199.png,Alice@Example.com
a//b,Slash Slashson,,,,,,,,,,,,,,Alice@Example.com
..,Dot Dot,,,,,,,,,,,,,,Alice@Example.com
shared,Shared Sherry,,,+15557040105,,,,,,,,,,,"Alice@Example.com; bob@example.com; carol@example.com"
everybody,Everybody's Eve,,,,,eve@example.net,,,,,,,,,*
nobody,Nobody's Ned,,,,,ned@example.net,,,,,,,,,
twin-1,Tina Twin,,,+15557040150,,,,,,,,,first,,bob@example.com
twin-2,Tina T.,Twins Inc,,+15557040150,,tina@example.net,,,,,,,second,,carol@example.com
apart-1,Ann Apart,,,+15557040151,,,,,,,,,,,bob@example.com
apart-2,Andy Apart,,,+15557040151,,,,,,,,,,,bob@example.com
pair-1,Paula Pair,,,+15557040152,,,,,,,,,,,bob@example.com
pair-2,Paul Pair,,,+15557040152,,,,,,,,,,,bob@example.com
delete-me,Deleted Dan,,,,,dan@example.net,,,,,,,,,Alice@Example.com
restore-me,Restored Rita,,,,,rita@example.net,,,,,,,,,Alice@Example.com
`

// files brings in customers on the command line, in each format.
func (m *maker) files() {
	dir := m.t.TempDir()
	bring := func(name, content string, args ...string) {
		m.t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			m.t.Fatal(err)
		}
		m.in.run(m.t, "", append(append([]string{"import"}, args...), file)...)
	}
	tricky := strings.NewReplacer("LONGID", strings.Repeat("long-id-", 30), "LONGNAME", strings.TrimSpace(strings.Repeat("Wolfeschlegelsteinhausen ", 8))).Replace(trickyCSV)
	bring("tricky.csv", tricky)
	var many bytes.Buffer
	if err := sample.WriteCSV(&many, 260, 7, func(i int) string { return []string{alice, alice, bob, carol}[i%4] }); err != nil {
		m.t.Fatal(err)
	}
	bring("many.csv", many.String())
	bring("cards.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:card-1\r\nFN:Victor Vcard\r\nTEL;TYPE=CELL:+1 555 704 0160\r\nEMAIL:victor@example.net\r\nNOTE:From a card\r\nEND:VCARD\r\n", "--worker", alice)
	bring("more.json", `[{"customer_id":"json-1","display_name":"Jason Json","phone":"+15557040161","notes":"From JSON"}]`, "--worker", carol)
	bring("prune.csv", "customer_id,display_name\nprune-1,Pruned Pru\nprune-2,Kept Kate\n", "--worker", gone)
	bring("prune.csv", "customer_id,display_name\nprune-2,Kept Kate\n", "--worker", gone, "--prune", "--prune-anyway")
	bring("rejects.csv", "customer_id,display_name,phone\nr-1,Good Greg,+15557040162\nr-2,,+15557040163\n", "--worker", gone)
	m.in.run(m.t, "", "export")
	m.in.run(m.t, "", "export", "--format", "csv")
	m.in.run(m.t, "", "audit")
	m.in.run(m.t, "", "audit", "--action", "import")
}

// signIns makes sessions, ends some, and fails to sign in in every way.
func (m *maker) signIns() {
	for _, identity := range []string{admin, exporter, alice, bob, carol} {
		m.m.Sessions[identity] = m.s.signIn(identity, m.m.Passwords[identity])
	}
	m.m.Admin, m.m.Exporter = m.m.Sessions[admin], m.m.Sessions[exporter]
	m.m.Ended["signed out"] = m.s.signIn(bob, m.m.Passwords[bob])
	m.post(m.m.Ended["signed out"], "/signout")
	m.m.Ended["of the deactivated"] = m.s.signIn(gone, m.m.Passwords[gone])
	m.m.Ended["of the removed"] = m.s.signIn(removed, m.m.Passwords[removed])
	m.m.Ended["ended by an administrator"] = m.s.signIn("other@example.com", m.m.Passwords["other@example.com"])

	// Carol ends one session, then all but one, and chooses a password.
	m.s.signIn(carol, m.m.Passwords[carol])
	account := m.get(m.m.Sessions[carol], "/account")
	m.post(m.m.Sessions[carol], "/account/sessions/revoke", "id", find(m, account, `(?s)/account/sessions/revoke".*?name="id" value="([^"]+)"`))
	m.s.signIn(carol, m.m.Passwords[carol])
	m.post(m.m.Sessions[carol], "/account/sessions/revoke-others")
	m.s.post("/account/password", m.m.Sessions[carol], url.Values{"old": {"wrong"}, "new": {passwordOf(carol)}, "again": {passwordOf(carol)}})
	m.post(m.m.Sessions[carol], "/account/password", "old", m.m.Passwords[carol], "new", passwordOf(carol), "again", passwordOf(carol))
	m.m.Passwords[carol] = passwordOf(carol)
	m.post(m.m.Sessions[carol], "/account/preferences", "theme", "dark", "language", "de", "zone", "Europe/Berlin")

	fail := func(identity, address string, times int) {
		for range times {
			m.s.post("/signin", "", url.Values{"identity": {identity}, "password": {"wrong"}}, "X-Forwarded-For", address)
		}
	}
	fail("bobby@example.com", "203.0.113.7", 12) // too many attempts, and many failed
	for i := range 25 {                          // further attempts, too many to keep one by one
		fail(fmt.Sprintf("guess%d@example.com", i), "203.0.113.9", 1)
	}
	fail("a password in the wrong field", "203.0.113.11", 1)
	m.s.post("/signin", "", url.Values{"identity": {"x@example.com"}, "password": {""}})
}

// customers does all that the console can do with customers.
func (m *maker) customers() {
	c := m.m.Exporter
	page := "/console/customers"
	m.post(c, page+"/add", "id", "by-hand", "name", "Hanna Hand", "company", "Hand & Sons", "channel_type", "sms", "channel_value", "+1 555 704 0170",
		"channel_type", "whatsapp", "channel_value", "+1 555 704 0171", "link_type", "Website", "link_value", "https://hand.example", "link_name", "Hand",
		"detail_title", "Notes", "detail_text", "Typed\r\nin the console", "worker", alice, "sure", "yes")
	m.change(c, "by-hand", "name", "Hanna Handy", "worker", alice)
	m.change(c, "restore-me", "name", "Restored Rita", "worker", bob)
	m.post(c, page+"/chosen", "do", "delete-now", "id", "delete-me", "id", "restore-me")
	m.post(c, page+"/deleted", "id", "restore-me")
	m.post(c, page+"/chosen", "do", "assign-now", "id", "json-1", "worker", bob, "worker", carol)
	m.post(c, page+"/chosen", "do", "assign-now", "id", "card-1", "nobody", "on")
	m.post(c, page+"/duplicates", "do", "merge-now", "keep", "twin-1", "id", "twin-1", "id", "twin-2")
	groups := m.get(c, page+"/duplicates")
	m.post(c, page+"/duplicates", "do", "apart", "key", find(m, groups, `(?s)name="key" value="([^"]+)"`))
	m.reassign(c, gone, carol)

	im := m.upload(c, "console.csv", "customer_id,display_name,phone,owner\nup-1,Ursula Upload,+15557040180,"+bob+"\nup-2,Uwe Upload,,"+carol+"\ndelete-me,Deleted Dan,,"+alice+"\n")
	m.wait(c, page+"/import/one?id="+im, "data-live", false)
	m.post(c, page+"/import/one", "id", im, "do", "run")
	m.wait(c, page+"/import/one?id="+im, "data-live", false)
	im = m.upload(c, "given up.csv", "customer_id,display_name\nnever,Never Imported\n")
	m.wait(c, page+"/import/one?id="+im, "data-live", false)
	m.post(c, page+"/import/one", "id", im, "do", "cancel")

	for _, format := range []string{"csv", "json"} {
		m.post(c, page+"/export/file", "format", format)
	}
	if got := m.s.post(page+"/export/file", m.m.Admin, url.Values{"format": {"csv"}}); got.status < 400 {
		m.t.Fatalf("exported without permission: status %d", got.status)
	}
	m.get(m.m.Admin, page+"/one?id=every-channel")
}

// change saves a customer's form with other values for some of its fields.
func (m *maker) change(cookie, id string, fields ...string) {
	m.t.Helper()
	path := "/console/customers/one"
	body := m.get(cookie, path+"?id="+url.QueryEscape(id))
	m.post(cookie, path, append([]string{"id", id, "was", find(m, body, `name="was" value="([^"]*)"`), "sure", "yes"}, fields...)...)
}

// reassign gives all customers of one worker to another.
func (m *maker) reassign(cookie, from, to string) {
	m.t.Helper()
	path := "/console/customers/reassign"
	confirm := m.get(cookie, path+"?"+url.Values{"from": {from}, "to": {to}}.Encode())
	values := regexp.MustCompile(`<input type="hidden" name="(from|to|count)" value="([^"]*)">`).FindAllStringSubmatch(confirm, -1)
	var fields []string
	for _, v := range values {
		fields = append(fields, v[1], html.UnescapeString(v[2]))
	}
	job := m.post(cookie, path, fields...).header.Get("Location")
	m.wait(cookie, job, "data-live", false)
}

// upload sends a file to the console, and returns the import's id.
func (m *maker) upload(cookie, name, content string) string {
	m.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		m.t.Fatal(err)
	}
	got := m.s.send("POST", "/console/customers/import", cookie, form.FormDataContentType(), body.String())
	to, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != 303 {
		m.t.Fatalf("uploading %s: status %d, %v\n%s", name, got.status, err, got.body)
	}
	return to.Query().Get("id")
}

// find returns what the group of a pattern matches.
func find(m *maker, body, pattern string) string {
	m.t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if found == nil {
		m.t.Fatalf("nothing matches %s in\n%s", pattern, body)
	}
	return html.UnescapeString(found[1])
}

// settings changes every setting, and people.
func (m *maker) settings() {
	a := m.m.Admin
	m.post(a, "/console/signin", "claim", "email", "role_claim", "groups", "admin_value", "clientele-admins", "provision", "on", "passwords", "on")
	m.post(a, "/console/audit/rules", "days", "3650", "views", "12", "minutes", "20")
	m.in.run(m.t, "", "token", "rotate")
	m.post(m.m.Exporter, "/console/callbacks", "auth_token", "a-token-that-somebody-chose")
	m.post(m.m.Exporter, "/console/callbacks/token", "do", "end")
	m.m.Previous = strings.TrimSpace(m.in.run(m.t, "", "token", "show"))
	m.post(m.m.Exporter, "/console/callbacks/token", "do", "make")
	m.m.Token = strings.TrimSpace(m.in.run(m.t, "", "token", "show"))

	people := func(fields ...string) { m.t.Helper(); m.post(a, "/console/people/person", fields...) }
	m.m.Passwords[temp] = find(m, m.post(a, "/console/people/add", "identity", temp, "role", "worker").body, `data-copy="([^"]+)"`)
	m.post(a, "/console/people/add", "identity", "second@example.com", "role", "admin", "export", "on")
	people("id", "second@example.com", "do", "export", "may", "off")
	people("id", "second@example.com", "do", "export", "may", "on")
	people("id", "second@example.com", "do", "role", "role", "worker")
	people("id", "second@example.com", "do", "role", "role", "admin")
	people("id", "second@example.com", "do", "password")
	people("id", "other@example.com", "do", "sessions")
	people("id", "other@example.com", "do", "deactivate", "sure", "yes")
	people("id", "other@example.com", "do", "activate")
	people("id", gone, "do", "deactivate", "sure", "yes")
	people("id", removed, "do", "deactivate", "sure", "yes")
	people("id", removed, "do", "remove", "sure", "yes")
	delete(m.m.Passwords, removed)
}

// lastActs exports the audit log, whole and in part.
func (m *maker) lastActs() {
	m.post(m.m.Admin, "/console/audit/export")
	m.post(m.m.Admin, "/console/audit/export", "kind", "signin")
	time.Sleep(1500 * time.Millisecond) // entries that are written in the background are there by then
}
