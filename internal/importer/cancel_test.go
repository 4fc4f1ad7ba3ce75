package importer

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/store"
)

// endless is a file that begins with some text and has no end. It calls cancel after most
// bytes, and counts the reads that come later.
type endless struct {
	begin      io.Reader
	unit       string
	most, late int
	cancel     func()
}

func (e *endless) Read(p []byte) (int, error) {
	if n, err := e.begin.Read(p); err == nil {
		return n, nil
	}
	if e.most < 0 {
		e.late++
	} else if e.most -= len(p); e.most < 0 {
		e.cancel()
	}
	n := 0
	for n < len(p)-len(e.unit)+1 {
		n += copy(p[n:], e.unit)
	}
	return n, nil
}

func TestImport_StopsInTheMiddleOfARow(t *testing.T) {
	const rows = 2 * batchRows // more than Open reads
	for name, f := range map[string]struct{ before, row, after, unit string }{
		"CSV, a line":        {"name,notes\n", "A,x\n", "", "x"},
		"CSV, a cell":        {"name,notes\n", "A,x\n", "B,\"", "x\n"},
		"JSON, a text":       {"[", `{"name":"A"},`, `{"name":"`, "x"},
		"JSON, a broken row": {"[", "{\"name\":\"A\"},\n", "{\"name\n", "x\n"},
		"vCard":              {"", "BEGIN:VCARD\nFN:A\nEND:VCARD\n", "BEGIN:VCARD\n", "x\n"},
		"text, not a card":   {"", "BEGIN:VCARD\nFN:A\nEND:VCARD\n", "", "x\n"},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), store.Options{Bulk: true})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			src := &endless{begin: strings.NewReader(f.before + strings.Repeat(f.row, rows) + f.after), unit: f.unit, most: 4 << 20, cancel: cancel}
			if _, err := Run(ctx, src, db.Customers(), Options{Worker: "bob"}); !errors.Is(err, context.Canceled) {
				t.Errorf("Import() = %v, want %v", err, context.Canceled)
			}
			if src.late > 0 {
				t.Errorf("Import read %d times after the end of its context", src.late)
			}
		})
	}
}
