package sqlite

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

var errUnavailable = errors.New("unavailable")

func TestDomainError_SaysInPlainWordsWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "test.db")
	writer, waiting := openTest(t, file), openTest(t, file)
	var locked error
	if err := writer.Update(t.Context(), func(*sqldb.Conn) error {
		_, locked = waiting.Writer.Exec("DELETE FROM person") // without waiting
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	_, readOnly := waiting.Readers.Exec("DELETE FROM person")
	if _, err := waiting.Writer.Exec("PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	_, full := waiting.Writer.Exec("CREATE TABLE more AS SELECT zeroblob(100000)") // more than the pages that migrations left free
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"locked":    {locked, "in use by another process"},
		"read-only": {readOnly, "change its owner or permissions"},
		"full":      {full, "the disk is full"},
	} {
		got := waiting.DomainError(c.err, errUnavailable)
		if !errors.Is(got, errUnavailable) || code(got) == 0 {
			t.Errorf("DomainError(%s) = %v, want one with the domain error and the cause", name, got)
		}
		if errors.Is(got, syscall.ENOSPC) != (name == "full") {
			t.Errorf("DomainError(%s) is ENOSPC: %v", name, name != "full")
		}
		for _, got := range []error{got, explainFile("a.db", c.err)} {
			if !strings.Contains(got.Error(), c.want) || strings.Contains(got.Error(), "SQLITE") || strings.Contains(got.Error(), "(") {
				t.Errorf("error for %s = %q, want %q and no codes", name, got, c.want)
			}
		}
	}
}
