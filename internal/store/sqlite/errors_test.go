package sqlite

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
)

func TestTroubleWithTheFileIsToldInPlainWords(t *testing.T) {
	holding, waiting := openBoth(t, Options{}, Options{})
	var locked error
	if err := holding.Customers().Update(ctx, func(customer.Tx) error {
		_, locked = waiting.writer.DB.Exec("DELETE FROM person") // without waiting
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	_, readOnly := waiting.readers.Exec("DELETE FROM person")
	if _, err := waiting.writer.Exec("PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	_, full := waiting.writer.Exec("CREATE TABLE more (a)")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"locked":    {locked, "in use by another process"},
		"read-only": {readOnly, "change its owner or permissions"},
		"full":      {full, "the disk is full"},
	} {
		told := kind(c.err, account.ErrUnavailable)
		if !errors.Is(told, account.ErrUnavailable) || code(told) == 0 {
			t.Errorf("%s: %v does not tell its kind and cause", name, told)
		}
		if errors.Is(told, syscall.ENOSPC) != (name == "full") {
			t.Errorf("%s: that the disk is full is told: %v", name, name != "full")
		}
		for _, told := range []error{told, explain("a.db", c.err)} {
			if !strings.Contains(told.Error(), c.want) || strings.Contains(told.Error(), "SQLITE") || strings.Contains(told.Error(), "(") {
				t.Errorf("%s: %q", name, told)
			}
		}
	}
}

func TestADirectoryThatCannotBeWrittenIsTold(t *testing.T) {
	_, err := Open(ctx, filepath.Join(t.TempDir(), "missing", "a.db"), Options{})
	if err == nil || !strings.Contains(err.Error(), "does not exist: make it first") {
		t.Errorf("got %v", err)
	}
}
