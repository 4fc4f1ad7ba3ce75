package compat

import (
	"database/sql"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The people of a fixture, and the address of the other service. The password of each is
// "password of " and the identity.
const (
	admin    = "admin@example.com"    // may not export
	exporter = "exporter@example.com" // may
	alice    = "Alice@Example.com"
	bob      = "bob@example.com"
	carol    = "carol@example.com"
	gone     = "gone@example.com"      // deactivated
	removed  = "removed@example.com"   // no person any more
	bound    = "bound@example.com"     // bound to an identity provider
	temp     = "temporary@example.com" // with a password that an administrator was shown

	serviceAddr = "127.0.0.1:18475"
	aloneAddr   = "127.0.0.1:18476"
)

func passwordOf(identity string) string { return "password of " + identity }

// TestMake makes a fixture, with -make. It is no test.
func TestMake(t *testing.T) {
	if *makeIt == "" {
		t.Skip("makes a fixture only with -make")
	}
	alone(t)
	m := maker{t: t, in: installation{t.TempDir()}, m: manifest{
		ServiceAddr: serviceAddr, Sessions: map[string]string{}, Ended: map[string]string{}, Passwords: map[string]string{},
	}}
	m.people()
	m.files()
	m.serve()
	m.signIns()
	m.customers()
	m.settings()
	m.builtIn()
	m.otherService()
	m.lastActs()
	m.stop()
	m.byHand()
	m.brokenImport()
	m.finish()
}

// A maker drives the program.
type maker struct {
	t  *testing.T
	in installation
	s  *server
	m  manifest
}

func (m *maker) serve() { m.s = m.in.serve(m.t) }
func (m *maker) stop()  { m.s.stop() }

// post sends a form with a session, which must succeed.
func (m *maker) post(cookie, path string, fields ...string) answer {
	m.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	got := m.s.post(path, cookie, form)
	if got.status >= 400 {
		m.t.Fatalf("POST %s %v: status %d\n%s", path, fields, got.status, got.body)
	}
	return got
}

// get loads a page, which must be there.
func (m *maker) get(cookie, path string) string {
	m.t.Helper()
	got := m.s.get(path, cookie)
	if got.status != 200 {
		m.t.Fatalf("GET %s: status %d\n%s", path, got.status, got.body)
	}
	return got.body
}

// wait loads a page until it has something, or has it no more.
func (m *maker) wait(cookie, path, what string, has bool) string {
	m.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if body := m.get(cookie, path); strings.Contains(body, what) == has {
			return body
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("GET %s: waited in vain for %q to be %v", path, what, has)
		}
	}
}

// people makes accounts, and does to them what the command line can.
func (m *maker) people() {
	add := func(identity string, args ...string) {
		m.t.Helper()
		m.m.Passwords[identity] = passwordOf(identity)
		m.in.run(m.t, passwordOf(identity)+"\n", append([]string{"user", "add", identity, "--password-stdin"}, args...)...)
	}
	add(admin, "--role", "admin")
	m.in.run(m.t, "", "user", "set", admin, "--may-export=false")
	add(exporter, "--role", "admin", "--may-export")
	for _, identity := range []string{alice, bob, carol, gone, removed, bound, "short@example.com", "other@example.com"} {
		add(identity, "--role", "worker")
	}
	delete(m.m.Passwords, "short@example.com")
	m.in.run(m.t, "", "user", "remove", "short@example.com")
	m.in.run(m.t, "another password of carol\n", "user", "password", carol, "--password-stdin")
	m.m.Passwords[carol] = "another password of carol"
	m.in.run(m.t, "", "user", "set", "other@example.com", "--role", "admin", "--may-export")
	m.in.run(m.t, "", "user", "set", "other@example.com", "--may-export=false")
	m.in.run(m.t, "", "user", "set", "other@example.com", "--role", "worker", "--deactivate")
	m.in.run(m.t, "", "user", "set", "other@example.com", "--activate")
	m.in.run(m.t, "", "masking", "on")
	m.in.run(m.t, "", "masking", "off")
}

// byHand writes what cannot be driven within seconds, or needs an identity provider or a
// store that fails: rows as the program writes them, with the texts of its code.
func (m *maker) byHand() {
	db, err := sql.Open("sqlite", m.in.database())
	if err != nil {
		m.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE person SET issuer = 'https://login.example.com', subject = '248289761001' WHERE key = ?`, bound); err != nil {
		m.t.Fatal(err)
	}
	at := time.Now().UnixMicro()
	for i, e := range handWritten {
		_, err := db.Exec(`INSERT INTO audit (at, actor, via, action, subject, name, detail, count, address, unusual) VALUES (?,?,?,?,?,?,?,?,?,?)`,
			at+int64(i), e.actor, e.via, e.action, e.subject, e.name, e.detail, e.count, e.address, e.unusual)
		if err != nil {
			m.t.Fatal(err)
		}
	}
}

// brokenImport kills an import in its middle: what it wrote is there, and what makes
// searches fast and finds duplicates is not done for it. Rows are large, in a column that
// is not used, as an import writes a megabyte at a time.
func (m *maker) brokenImport() {
	cmd := m.in.command(m.t.Context(), "import", "--worker", bob, "--map", "ignore=padding", "-")
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		m.t.Fatal(err)
	}
	padding := strings.Repeat("x", 20<<10)
	var rows strings.Builder
	rows.WriteString("customer_id,display_name,email,padding\n")
	for i := range 60 {
		n := string(rune('a'+i/26)) + string(rune('a'+i%26))
		addresses := make([]string, 12) // many, as few are looked at for duplicates at once
		for j := range addresses {
			addresses[j] = n + string(rune('a'+j)) + "@broken.example"
		}
		if i%20 == 1 {
			addresses[0] = "shared-" + string(rune('a'+i/40)) + "@broken.example" // two customers have it
		}
		rows.WriteString("broken-" + n + ",Broken " + n + "," + strings.Join(addresses, "; ") + "," + padding + "\n")
	}
	if _, err := io.WriteString(stdin, rows.String()); err != nil {
		m.t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); strings.Count(m.in.run(m.t, "", "export"), `"broken-`) < 40; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			m.t.Fatal("the import that is to be killed writes nothing")
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		m.t.Fatal(err)
	}
	cmd.Wait()
}

// finish puts the fixture where it belongs.
func (m *maker) finish() {
	db, err := sql.Open("sqlite", m.in.database())
	if err != nil {
		m.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT max(id) FROM audit`).Scan(&m.m.LastEntry); err != nil {
		m.t.Fatal(err)
	}
	var pending, unknown int
	if err := db.QueryRow(`SELECT (SELECT ifnull(sum(n), 0) FROM search_journal), count(*) FROM state WHERE shared_from IS NOT NULL`).Scan(&pending, &unknown); err != nil {
		m.t.Fatal(err)
	}
	if pending < 40 || unknown != 1 {
		m.t.Fatalf("the killed import left %d entries in the search journal and the duplicates known: %v", pending, unknown == 0)
	}
	if err := db.Close(); err != nil { // writes the log into the file, as any program does that closes it last
		m.t.Fatal(err)
	}
	m.m.Build, m.m.Made = *commit, time.Now().UTC().Truncate(time.Second)
	fixture := filepath.Join("testdata", *makeIt)
	if err := os.MkdirAll(fixture, 0o755); err != nil {
		m.t.Fatal(err)
	}
	m.m.write(m.t, fixture)
	copyFiles(m.t, m.in.dir, fixture, "clientele.db", "clientele.db.secret")
	record(m.t, fixture)
}
