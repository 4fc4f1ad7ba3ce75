//go:build unix

package cli

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/clientele-project/clientele/internal/store"
)

// A console import opens the database once more. Afterwards a command must not take the
// database for one that no program has open: it would delete the write-ahead log, or restore.
func TestCommands_SeeADatabaseInUseAfterABulkImport(t *testing.T) {
	file := newDatabase(t)
	db, err := store.Open(t.Context(), file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	bulk, err := db.OpenAgain(t.Context(), store.Options{Bulk: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := bulk.Close(); err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) error {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(context.Background(), self, append(args, "--database", file)...)
		cmd.Env = append(os.Environ(), "CLI_TEST_IS_THE_PROGRAM=1")
		return cmd.Run()
	}
	if err := command("user", "list"); err != nil {
		t.Fatal(err)
	}
	if err := db.Condition(); err != nil {
		t.Errorf("Condition() after a command = %v, want nil", err)
	}
	backup := file + ".backup"
	if err := command("backup", backup); err != nil {
		t.Fatal(err)
	}
	if err := command("restore", backup); err == nil {
		t.Error("restore replaced a database that is in use")
	}
}
