//go:build unix

package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
)

// checkPrivate checks that only their owner can read the files.
func checkPrivate(t *testing.T, files ...string) {
	t.Helper()
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v, want mode 0600", filepath.Base(file), info, err)
		}
	}
}

func TestBackup_RestoresWhatItCopied(t *testing.T) {
	file := newDatabase(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	cmd, addr, exited := startProcess(t, "serve", "--addr", "127.0.0.1:0", "--database", file)
	if err := os.WriteFile(backup, []byte("an earlier backup"), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second backup replaces the first
		if got := run(t, "", "backup", backup, "--database", file); got.code != exitDone {
			t.Fatalf("backup while serve runs: exit code %d, %s", got.code, got.err)
		}
	}
	checkPrivate(t, backup, backup+".secret")
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(backup), ".clientele*")); len(left) > 0 {
		t.Errorf("backup left %q", left)
	}
	if got := run(t, "", "verify", "--full", "--database", backup); got.code != exitDone {
		t.Errorf("verify of the backup: exit code %d, %s%s", got.code, got.out, got.err)
	}

	if got := run(t, "", "restore", backup, "--database", file); got.code != exitFailed || !strings.Contains(got.err, "stop") {
		t.Errorf("restore while serve runs: exit code %d, %q, want 1 and to stop it", got.code, got.err)
	}
	if got := do(t, browser(t), request(t, http.MethodGet, "http://"+addr+"/readyz", nil)); got.StatusCode != http.StatusOK {
		t.Errorf("readyz after a refused restore: status %d, %s", got.StatusCode, got.body)
	}
	// What is newer than the backup ends with a kill: it is in the log, not in the file.
	if got := run(t, "s3same open s3same", "user", "add", "bob@example.com", "--password-stdin", "--database", file); got.code != exitDone {
		t.Fatal(got.err)
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	within(t, waitLimit, "the end", exited)
	if err := os.WriteFile(file+".secret", []byte("another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run(t, "", "restore", backup, "--database", file); got.code != exitDone {
		t.Fatalf("restore: exit code %d, %s", got.code, got.err)
	}
	checkPrivate(t, file, file+".secret")
	users := mustRun(t, "", "user", "list", "--database", file).out
	if !strings.Contains(users, "ada@example.com") || strings.Contains(users, "bob@example.com") {
		t.Errorf("user list after restore, want that of the backup:\n%s", users)
	}
	if got := mustRun(t, "", "export", "--database", file).out; !strings.Contains(got, "id-of-winifred") {
		t.Errorf("export after restore = %q, want the customer", got)
	}
	if saved, _ := os.ReadFile(backup + ".secret"); string(saved) != read(t, file+".secret") {
		t.Error("restore did not put the secret file back")
	}
	aside, _ := filepath.Glob(file + ".before-restore-*")
	for _, name := range aside {
		if !strings.HasSuffix(name, "-wal") && !strings.HasSuffix(name, "-shm") {
			if users := mustRun(t, "", "user", "list", "--database", name).out; !strings.Contains(users, "bob@example.com") {
				t.Errorf("user list of the database that was there, want bob:\n%s", users)
			}
		}
	}
	if secret, _ := filepath.Glob(file + ".secret.before-restore-*"); len(aside) == 0 || len(secret) != 1 {
		t.Errorf("restore left %q and %q, want the database and the secret file that were there", aside, secret)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestRestore_ReplacesADamagedOrMissingDatabase(t *testing.T) {
	file := newDatabase(t)
	t.Chdir(filepath.Dir(file))
	file, backup := filepath.Base(file), "backup.db"
	got := mustRun(t, "", "backup", backup, "--database", file)
	if !strings.Contains(got.err, "no secret file") {
		t.Errorf("backup without a secret file says %q, want a warning", got.err)
	}
	for what, harm := range map[string]func() error{
		"damaged": func() error { return os.WriteFile(file, []byte(strings.Repeat("x", 100_000)), 0o600) },
		"missing": func() error { return os.Remove(file) },
	} {
		if err := harm(); err != nil {
			t.Fatal(err)
		}
		if got := run(t, "", "restore", backup, "--database", file); got.code != exitDone || !strings.Contains(got.err, "no "+backup+".secret") {
			t.Errorf("restore over a %s database: exit code %d, %s", what, got.code, got.err)
		}
		if got := run(t, "", "verify", "--database", file); got.code != exitDone {
			t.Errorf("verify after the restore of a %s database: exit code %d, %s%s", what, got.code, got.out, got.err)
		}
	}
}

func TestRestore_WritesAudit(t *testing.T) {
	for what, backup := range map[string]string{
		"of this version":       newDatabase(t),
		"of an earlier version": "../../test/compat/testdata/v1/clientele.db",
	} {
		dir := t.TempDir()
		file, copied := filepath.Join(dir, "clientele.db"), filepath.Join(dir, "monday.db")
		if err := os.WriteFile(copied, []byte(read(t, backup)), 0o600); err != nil {
			t.Fatal(err)
		}
		mustRun(t, "", "restore", copied, "--database", file)
		got := auditOf(t, file, "--action", "restore")
		if len(got) != 1 || got[0].Subject != "monday.db" || got[0].Via != "command" || got[0].Actor != systemUser() || time.Since(got[0].When) > time.Minute {
			t.Errorf("audit after the restore of a backup %s = %+v, want one entry of monday.db", what, got)
		}
		mustRun(t, "", "verify", "--full", "--database", file)
	}
}

// A backup that cannot be used must leave everything as it was, and a backup that fails
// must leave the one before.
func TestRestore_RefusesWhatIsNoBackup(t *testing.T) {
	file := newDatabase(t)
	before := read(t, file)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	newer := write("newer.db", before)
	if _, err := openRaw(t, newer).Exec("PRAGMA journal_mode = DELETE; PRAGMA user_version = 999"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ backup, want string }{
		"missing":             {filepath.Join(dir, "none.db"), "no such file"},
		"a directory":         {dir, "is a directory"},
		"empty":               {write("empty.db", ""), "is empty"},
		"text":                {write("text.db", strings.Repeat("text ", 100)), "not a database of Clientele"},
		"cut off":             {write("cut.db", before[:len(before)/2]), "cut.db is damaged: name another"},
		"of a newer version":  {newer, "newer version"},
		"the database itself": {file, "the database itself"},
	} {
		if got := run(t, "", "restore", c.backup, "--database", file); got.code == exitDone || !strings.Contains(got.err, c.want) {
			t.Errorf("restore of a backup that is %s: exit code %d, %q, want an error with %q", name, got.code, got.err, c.want)
		}
	}
	if after := read(t, file); after != before {
		t.Error("a restore that was refused changed the database")
	}
	if left, _ := filepath.Glob(file + ".before*"); len(left) > 0 {
		t.Errorf("a restore that was refused left %q", left)
	}
	backup := write("backup.db", "the backup before")
	if err := os.WriteFile(file, []byte(before[:len(before)/2]), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run(t, "", "backup", backup, "--database", file); got.code != exitFailed || !strings.Contains(got.err, "damaged") {
		t.Errorf("backup of a damaged database: exit code %d, %q", got.code, got.err)
	}
	if got := read(t, backup); got != "the backup before" {
		t.Errorf("a backup that failed left %d bytes, want the backup before", len(got))
	}
	if err := errors.Join(os.WriteFile(file, []byte(before), 0o600), os.WriteFile(file+".secret", nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		file: "the database itself", file + ".secret": "the database itself",
		dir: "is a directory", filepath.Join(dir, "none", "b.db"): "create it first",
	} {
		if got := run(t, "", "backup", name, "--database", file); got.code == exitDone || !strings.Contains(got.err, want) {
			t.Errorf("backup to %s: exit code %d, %q, want an error with %q", name, got.code, got.err, want)
		}
	}
}

func TestRestore_KeepsWhatAnEarlierOneMovedAside(t *testing.T) {
	file := newDatabase(t)
	backup := file + ".backup"
	mustRun(t, "", "backup", backup, "--database", file)
	for range 2 {
		mustRun(t, "", "restore", backup, "--database", file)
	}
	if aside, _ := filepath.Glob(file + ".before-restore-*"); len(aside) != 2 {
		t.Errorf("two restores left %q, want two files", aside)
	}
}

// The -shm file of SQLite holds the locks of all processes: without it, another process and
// a running serve do not see each other.
func TestServe_LeavesTheDatabaseToOthersWithoutItsLocks(t *testing.T) {
	file := newDatabase(t)
	cmd, _, exited := startProcess(t, "serve", "--addr", "127.0.0.1:0", "--database", file)
	time.Sleep(time.Second) // the first writes of serve are over: one under way would meet the import's
	if err := os.Remove(file + "-shm"); err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	rows.WriteString("customer_id,display_name\n")
	for i := range 5000 {
		fmt.Fprintf(&rows, "n%d,Newcomer %d\n", i, i)
	}
	mustRun(t, rows.String(), "import", "-", "--worker", "ada@example.com", "--database", file)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	within(t, waitLimit, "the end", exited)
	mustRun(t, "", "verify", "--full", "--database", file)
	if n := strings.Count(mustRun(t, "", "export", "--database", file).out, "Newcomer"); n < 5000 {
		t.Errorf("%d of 5000 imported customers are left", n)
	}
}

func TestServe_TellsThatTheDatabaseWasReplaced(t *testing.T) {
	file := newDatabase(t)
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	got := do(t, browser(t), request(t, http.MethodGet, p.root+"/readyz", nil))
	if got.StatusCode != http.StatusServiceUnavailable || !strings.Contains(got.body, "replaced or deleted") {
		t.Errorf("readyz: status %d, %q, want 503 and the reason", got.StatusCode, got.body)
	}
	eventually(t, "serve says so", func() bool { return strings.Contains(p.err.String(), "replaced or deleted") })
	p.end(t)
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("serve made the database again: %v", err)
	}
}

func TestServe_WarnsOfADatabaseThatOthersCanRead(t *testing.T) {
	file := newDatabase(t)
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file)
	p.end(t)
	if strings.Contains(p.err.String(), "chmod") {
		t.Errorf("serve of a private database printed:\n%s", p.err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	p = start(t, "serve", "--addr", "127.0.0.1:0", "--database", file)
	p.end(t)
	if !strings.Contains(p.err.String(), "chmod 600 "+file+" "+file+"-wal "+file+"-shm\n") {
		t.Errorf("serve of a database with mode 0644 printed:\n%s", p.err)
	}
}

func TestVerify_FindsDamage(t *testing.T) {
	file := newDatabase(t)
	db, err := store.Open(t.Context(), file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Customers().Update(t.Context(), func(tx customer.Tx) error {
		for i := range 200 {
			if err := tx.Put(t.Context(), customer.Customer{ID: fmt.Sprint(i), Name: strings.Repeat("Name ", 20)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify"}, {"verify", "--full"}} {
		if got := run(t, "", append(args, "--database", file)...); got.code != exitDone || got.out != "The database is whole.\n" {
			t.Errorf("%v: exit code %d, %q, %q", args, got.code, got.out, got.err)
		}
	}
	if err := os.Truncate(file, int64(len(read(t, file))*3/4)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify"}, {"verify", "--full"}} {
		if got := run(t, "", append(args, "--database", file)...); got.code != exitFailed || !strings.Contains(got.err, "restore it from a backup") {
			t.Errorf("%v of a damaged file: exit code %d, %q, %q, want 1", args, got.code, got.out, got.err)
		}
	}
	if got := run(t, "", "verify", "--database", file+".missing"); got.code != exitFailed {
		t.Errorf("verify of a missing file: exit code %d", got.code)
	}
}
