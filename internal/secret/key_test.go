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

func TestLoadMakesTheFileOnceAndReadsItAgain(t *testing.T) {
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
		t.Errorf("the file has mode %04o, want 0600", perm)
	}
	second, created, err := Load(file)
	if err != nil || created {
		t.Fatalf("second Load: created %v, %v", created, err)
	}
	sealed := first.Sealer("token").Seal([]byte("hello"), "alice")
	if got, err := second.Sealer("token").Open(sealed, "alice"); err != nil || string(got) != "hello" {
		t.Errorf("what the first key sealed, the second opens as %q, %v", got, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".secret-*")); len(left) != 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestLoadByManyAtOnceGivesOneKey(t *testing.T) {
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
			t.Fatal("two processes that start at once have different keys")
		}
	}
}

func TestLoadRefusesAndSaysWhatToDo(t *testing.T) {
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
	for name, c := range map[string]struct{ file, say string }{
		"readable by the group":  {write("group", good, 0o640), "chmod 600"},
		"readable by everybody":  {write("world", good, 0o604), "chmod 600"},
		"empty":                  {write("empty", "", 0o600), "restore it from a backup"},
		"too short":              {write("short", good[2:], 0o600), "restore it from a backup"},
		"not hexadecimal":        {write("text", strings.Repeat("zz", keyBytes), 0o600), "restore it from a backup"},
		"in a missing directory": {filepath.Join(dir, "no", "key"), "does not exist: make it first"},
		"a directory":            {dir, "is a directory: name a file in it"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Load(c.file)
			if err == nil || !strings.Contains(err.Error(), c.say) || !strings.Contains(err.Error(), c.file) {
				t.Errorf("got %v, want an error that names the file and says %q", err, c.say)
			}
			if err != nil && strings.Contains(err.Error(), good) {
				t.Error("the error shows the key")
			}
		})
	}
}

func TestOpenRefusesWhatWasNotSealedForThisUse(t *testing.T) {
	key := NewKey()
	s := key.Sealer("page token")
	sealed := s.Seal([]byte("place 42"), "alice")
	if got, err := s.Open(sealed, "alice"); err != nil || string(got) != "place 42" {
		t.Fatalf("Open = %q, %v", got, err)
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
			t.Errorf("%s: %q, %v; want ErrSealed", name, got, err)
		}
	}
	if s.Seal([]byte("place 42"), "alice") == sealed {
		t.Error("sealing twice gives the same text: the nonce is not random")
	}
	if bytes.Contains([]byte(sealed), []byte("place")) {
		t.Error("the sealed text shows its content")
	}
}

func FuzzOpen(f *testing.F) {
	s := NewKey().Sealer("page token")
	good := s.Seal([]byte("place 42"), "alice")
	f.Add(good)
	f.Add("")
	f.Add("PAGE_TWO_TOKEN")
	f.Fuzz(func(t *testing.T, sealed string) {
		got, err := s.Open(sealed, "alice")
		if err == nil && sealed != good {
			t.Errorf("%q was not sealed by us but opens as %q", sealed, got)
		}
	})
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=1,t=0,p=0$$")
	f.Fuzz(func(t *testing.T, hash string) {
		h, err := parsePHC(hash)
		if err == nil && (h.memory > maxArgonMemory || h.time > maxArgonTime || len(h.sum) == 0) {
			t.Errorf("%q is out of bounds but accepted", hash)
		}
	})
}
