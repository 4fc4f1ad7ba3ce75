package atomicfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/clientele-project/clientele/internal/atomicfile"
)

func TestReplace(t *testing.T) {
	broken := errors.New("broken")
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	for _, c := range []struct {
		write string
		err   error
		want  string
	}{
		{"first", nil, "first"},
		{"half", broken, "first"},
		{"second", nil, "second"},
	} {
		err := atomicfile.Replace(file, func(f *os.File) error {
			_, err := f.WriteString(c.write)
			return errors.Join(err, c.err)
		})
		if !errors.Is(err, c.err) || err != nil && c.err == nil {
			t.Errorf("Replace(%s) = %v, want %v", c.write, err, c.err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != c.want {
			t.Errorf("after Replace(%s) the file has %q, %v, want %q", c.write, got, err, c.want)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("after Replace(%s) the file has the mode %v, %v, want 0600", c.write, info.Mode(), err)
		}
		if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
			t.Errorf("Replace(%s) left %v, %v", c.write, names, err)
		}
	}
}
