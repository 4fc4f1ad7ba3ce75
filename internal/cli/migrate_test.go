//go:build unix

package cli

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// nextToken matches the page token in a response to GetCustomersList.
var nextToken = regexp.MustCompile(`"next_page_token": ?"([^"]+)"`)

// handedOut is what people and services hold of a running program.
type handedOut struct {
	ada  reader
	next string // the address of her second page
	form url.Values
}

// pages returns what they get with it: pages in the app, and responses to callbacks.
func (h handedOut) pages(t *testing.T, p *program, token string) (pages []string) {
	t.Helper()
	h.ada.root = p.root
	second := h.ada.open(h.next)
	if len(second.names) != 30 {
		t.Errorf("the second page has %d customers, want 30", len(second.names))
	}
	pages = append(pages, strings.Join(second.names, "\n"))
	for _, form := range []url.Values{h.form, {"Location": {"GetCustomersList"}, "Worker": {"ada@example.com"}, "Query": {"person 4"}, "PageSize": {"30"}}} {
		got := do(t, browser(t), signed(t, p.root, p.root, token, form))
		if got.StatusCode != http.StatusOK || !strings.Contains(got.body, "Person 4") {
			t.Errorf("callback %v: status %d, %s", form, got.StatusCode, got.body)
		}
		pages = append(pages, nextToken.ReplaceAllString(got.body, "")) // each is another
	}
	return pages
}

// served serves a database, and returns the pages.
func served(t *testing.T, database, secretFile, token string, h *handedOut) []string {
	t.Helper()
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", database, "--secret-file", secretFile, "--uploads", t.TempDir())
	defer p.end(t)
	if h.next == "" {
		h.ada = signedIn(t, p, "ada@example.com")
		h.next = h.ada.open("/customers").next
		h.form = url.Values{"Location": {"GetCustomersList"}, "Worker": {"ada@example.com"}, "PageSize": {"30"}}
		first := do(t, browser(t), signed(t, p.root, p.root, token, h.form))
		h.form.Set("NextPageToken", nextToken.FindStringSubmatch(first.body)[1])
	}
	return h.pages(t, p, token)
}

var thisExport = regexp.MustCompile(`(?m)^\d+,[^,]*,os:root,command,audit-export,.*\n`)

func TestMigrate_ThereAndBack(t *testing.T) {
	original, server, back := newDatabase(t), postgrestest.URL(t), filepath.Join(t.TempDir(), "back.db")
	secretFile := original + ".secret"
	customers := "name\n"
	for n := range 90 {
		customers += fmt.Sprintf("Person %d\n", n)
	}
	mustRun(t, customers, "import", "--database", original, "--worker", "ada@example.com", "-")
	token := strings.TrimSpace(mustRun(t, "", "token", "show", "--database", original, "--secret-file", secretFile).out)

	var h handedOut
	want := served(t, original, secretFile, token, &h)
	for _, move := range [][2]string{{original, server}, {server, back}} {
		moved := mustRun(t, "", "migrate", "--from", move[0], "--to", move[1], "--secret-file", secretFile)
		if !strings.Contains(moved.out, "customer") || strings.Contains(moved.out, "DIFFERENT") || !strings.Contains(moved.err, "--secret-file "+secretFile) {
			t.Errorf("migrate printed %s%s", moved.out, moved.err)
		}
		for _, command := range [][]string{{"audit"}, {"user", "list"}, {"token", "show", "--secret-file", secretFile}, {"verify", "--full"}, {"export"}} {
			before := mustRun(t, "", slices.Concat(command, []string{"--database", move[0]})...).out
			after := mustRun(t, "", slices.Concat(command, []string{"--database", move[1]})...).out
			// The audit log begins with the entry of this reading of it, at its own time.
			before, after = thisExport.ReplaceAllString(before, ""), thisExport.ReplaceAllString(after, "")
			if after != before || after == "" {
				t.Errorf("clientele %v of the copy: %q, want %q", command, after, before)
			}
		}
		if got := served(t, move[1], secretFile, token, &h); !slices.Equal(got, want) {
			t.Errorf("pages of the copy: %q, want %q", got, want)
		}
	}
}

func TestMigrate_CompletedAfterKill(t *testing.T) {
	inTempDir(t, map[string]string{"crm.csv": rowsOfCSV(20_000)})
	mustRun(t, "", "import", "--database", "from.db", "crm.csv")
	want := mustRun(t, "", "export", "--database", "from.db").out
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{postgrestest.URL(t), "to.db"} {
		cmd := exec.Command(self, "migrate", "--from", "from.db", "--to", to)
		cmd.Env = append(os.Environ(), "CLI_TEST_IS_THE_PROGRAM=1")
		said := new(lines)
		cmd.Stderr = said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(waitLimit); !strings.Contains(said.String(), "Copying"); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("migrate does not begin: %s", said)
			}
		}
		time.Sleep(50 * time.Millisecond) // some rows have arrived
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("migrate ended before the kill")
		}
		for _, command := range []string{"export", "import crm.csv", "verify", "serve --addr 127.0.0.1:0"} {
			got := run(t, "", append(strings.Fields(command), "--database", to)...)
			if got.code != exitFailed || !strings.Contains(got.err, "is incomplete: clientele migrate has not finished") {
				t.Fatalf("clientele %s of half a copy: exit code %d, %s", command, got.code, got.err)
			}
		}
		if again := mustRun(t, "", "migrate", "--from", "from.db", "--to", to); !strings.Contains(again.err, "Copying the rest") {
			t.Errorf("migrate after a kill: %s, want to continue", again.err)
		}
		if got := mustRun(t, "", "export", "--database", to).out; got != want {
			t.Errorf("export of the copy: %d bytes, want %d and the same content", len(got), len(want))
		}
	}
}

func TestMigrate_PlainErrors(t *testing.T) {
	original := newDatabase(t)
	inTempDir(t, map[string]string{"x.txt": "this is no database"})
	mustRun(t, "", "token", "show", "--database", original)
	mustRun(t, "name\nAnna\n", "import", "--database", "other.db", "--worker", "*", "-")
	mustRun(t, "", "token", "show", "--database", "other.db") // makes another secret file
	empty := sqlitetest.File(t)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no target":           {[]string{"--from", original}, exitUsage, "--to is missing"},
		"no source":           {[]string{"--to", empty}, exitUsage, "--from is missing"},
		"the same":            {[]string{"--from", original, "--to", original}, exitUsage, "are the same database"},
		"no such file":        {[]string{"--from", "none.db", "--to", empty}, exitFailed, "there is no database none.db"},
		"no database":         {[]string{"--from", "x.txt", "--to", empty}, exitFailed, "x.txt is not a database of Clientele"},
		"no such directory":   {[]string{"--from", original, "--to", "none/to.db"}, exitFailed, "does not exist: create it first"},
		"no server":           {[]string{"--from", original, "--to", "postgres://u:s3cret-pw@127.0.0.1:1/x"}, exitFailed, "the database server cannot be reached"},
		"no address":          {[]string{"--from", original, "--to", "postgres://u:s3cret-pw@127.0.0.1:port/x"}, exitFailed, "the address of the database is not understood"},
		"no such database":    {[]string{"--from", original, "--to", strings.Replace(postgrestest.URL(t), "postgres:///test", "postgres:///none", 1)}, exitFailed, "create it first"},
		"a database in use":   {[]string{"--from", original, "--to", "other.db"}, exitFailed, "--to: database other.db is not empty"},
		"another secret file": {[]string{"--from", original, "--to", empty, "--secret-file", "other.db.secret"}, exitFailed, "secret file other.db.secret is a different one"},
		"without secret file": {[]string{"--from", original, "--to", empty, "--secret-file", "none"}, exitDone, "Warning: there is no secret file none"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, "", append([]string{"migrate"}, c.args...)...)
			if got.code != c.code || !strings.Contains(got.err, c.want) {
				t.Errorf("exit code %d, %q, want %d, %q", got.code, got.err, c.code, c.want)
			}
			if strings.Contains(got.err, "s3cret-pw") {
				t.Errorf("the error repeats the password: %s", got.err)
			}
		})
	}
	if _, err := os.Stat("none.db"); err == nil {
		t.Error("migrate created the source")
	}
}
