package secret

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clientele.db.secret")
	first, created, err := Load(file)
	if err != nil || !created {
		t.Fatalf("first Load: created %v, %v", created, err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if perm := info.Mode().Perm(); perm != 0o600 {
		t.Errorf("mode of the file = %04o, want 0600", perm)
	}
	second, created, err := Load(file)
	if err != nil || created {
		t.Fatalf("second Load: created %v, %v", created, err)
	}
	sealed := first.Sealer("token").Seal([]byte("hello"), "alice")
	if got, err := second.Sealer("token").Open(sealed, "alice"); err != nil || string(got) != "hello" {
		t.Errorf("the second key opens what the first sealed as %q, %v", got, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".secret-*")); len(left) != 0 {
		t.Errorf("temporary files left: %v", left)
	}
}

func TestLoad_Concurrent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	keys := make([]*Key, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			k, _, err := Load(file)
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = k
		})
	}
	all.Wait()
	for _, k := range keys {
		if k == nil || *k != *keys[0] {
			t.Fatal("concurrent Load calls return different keys")
		}
	}
}

func TestLoad_Errors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := strings.Repeat("ab", keyBytes)
	for name, c := range map[string]struct{ file, message string }{
		"readable by the group":  {write("group", good, 0o640), "chmod 600"},
		"readable by others":     {write("world", good, 0o604), "chmod 600"},
		"empty":                  {write("empty", "", 0o600), "restore it from a backup"},
		"too short":              {write("short", good[2:], 0o600), "restore it from a backup"},
		"not hexadecimal":        {write("text", strings.Repeat("zz", keyBytes), 0o600), "restore it from a backup"},
		"in a missing directory": {filepath.Join(dir, "no", "key"), "does not exist: create it"},
		"a directory":            {dir, "is a directory: name a file in it"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Load(c.file)
			if err == nil || !strings.Contains(err.Error(), c.message) || !strings.Contains(err.Error(), c.file) {
				t.Errorf("Load() = %v, want an error that names the file and says %q", err, c.message)
			}
			if err != nil && strings.Contains(err.Error(), good) {
				t.Error("the error contains the key")
			}
		})
	}
}

func TestSealer_Open_RefusesOthers(t *testing.T) {
	key := NewKey()
	s := key.Sealer("page token")
	sealed := s.Seal([]byte("place 42"), "alice")
	if got, err := s.Open(sealed, "alice"); err != nil || string(got) != "place 42" {
		t.Fatalf("Open() = %q, %v", got, err)
	}
	changed := []byte(sealed)
	changed[len(changed)/2] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another context": func() ([]byte, error) { return s.Open(sealed, "bob") },
		"another purpose": func() ([]byte, error) { return key.Sealer("handle").Open(sealed, "alice") },
		"another key":     func() ([]byte, error) { return NewKey().Sealer("page token").Open(sealed, "alice") },
		"changed":         func() ([]byte, error) { return s.Open(string(changed), "alice") },
		"cut":             func() ([]byte, error) { return s.Open(sealed[:len(sealed)-4], "alice") },
		"empty":           func() ([]byte, error) { return s.Open("", "alice") },
		"not base64":      func() ([]byte, error) { return s.Open("PAGE TWO TOKEN!", "alice") },
		"line breaks":     func() ([]byte, error) { return s.Open(sealed[:8]+"\n"+sealed[8:], "alice") },
	} {
		if got, err := open(); !errors.Is(err, ErrSealed) || got != nil {
			t.Errorf("Open(%s) = %q, %v, want ErrSealed", name, got, err)
		}
	}
	if s.Seal([]byte("place 42"), "alice") == sealed {
		t.Error("Seal() is deterministic: the nonce is not random")
	}
	if bytes.Contains([]byte(sealed), []byte("place")) {
		t.Error("Seal() contains the plain text")
	}
}

func FuzzSealer_Open(f *testing.F) {
	s := NewKey().Sealer("page token")
	good := s.Seal([]byte("place 42"), "alice")
	f.Add(good)
	f.Add("")
	f.Add("PAGE_TWO_TOKEN")
	f.Fuzz(func(t *testing.T, sealed string) {
		got, err := s.Open(sealed, "alice")
		if err == nil && sealed != good {
			t.Errorf("Open(%q) = %q, but Seal did not return it", sealed, got)
		}
	})
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=1,t=0,p=0$$")
	f.Fuzz(func(t *testing.T, hash string) {
		h, err := parsePHC(hash)
		if err == nil && (h.memory > maxArgonMemory || h.time > maxArgonTime || len(h.sum) == 0) {
			t.Errorf("parsePHC(%q) accepts a hash beyond the limits", hash)
		}
	})
}
