package secret

import (
	"errors"
	"strings"
	"testing"
)

func TestHandleSealer_Seal_IsDeterministic(t *testing.T) {
	key := NewKey()
	h := key.HandleSealer("avatar")
	handle := h.Seal([]byte("https://example.com/a.jpg"), "alice")
	if got := key.HandleSealer("avatar").Seal([]byte("https://example.com/a.jpg"), "alice"); got != handle {
		t.Errorf("Seal() = %q, then %q", handle, got)
	}
	if got, err := h.Open(handle, "alice"); err != nil || string(got) != "https://example.com/a.jpg" {
		t.Errorf("Open() = %q, %v", got, err)
	}
	if strings.Trim(handle, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("Seal() = %q is not URL-safe", handle)
	}
	if empty := h.Seal(nil, ""); empty == "" {
		t.Error("Seal(nil) is empty")
	} else if got, err := h.Open(empty, ""); err != nil || len(got) != 0 {
		t.Errorf("Open(Seal(nil)) = %q, %v", got, err)
	}
}

func TestHandleSealer_Seal_NoncesDiffer(t *testing.T) {
	key := NewKey()
	h := key.HandleSealer("avatar")
	seen := make(map[string]string)
	for name, handle := range map[string]string{
		"the value":                      h.Seal([]byte("https://example.com/a.jpg"), "alice"),
		"another value":                  h.Seal([]byte("https://example.com/b.jpg"), "alice"),
		"another context":                h.Seal([]byte("https://example.com/a.jpg"), "bob"),
		"another purpose":                key.HandleSealer("channel").Seal([]byte("https://example.com/a.jpg"), "alice"),
		"another key":                    NewKey().HandleSealer("avatar").Seal([]byte("https://example.com/a.jpg"), "alice"),
		"a moved boundary":               h.Seal([]byte("xhttps://example.com/a.jpg"), "alic"),
		"another context of that length": h.Seal([]byte("https://example.com/a.jpg"), "alicx"),
	} {
		if other, twice := seen[handle[:16]]; twice {
			t.Errorf("Seal of %s and of %s have the same nonce", name, other)
		}
		seen[handle[:16]] = name
	}
}

func TestHandleSealer_Open_RefusesOthers(t *testing.T) {
	key := NewKey()
	h := key.HandleSealer("avatar")
	handle := h.Seal([]byte("https://example.com/a.jpg"), "alice")
	for name, open := range map[string]func() ([]byte, error){
		"another context":     func() ([]byte, error) { return h.Open(handle, "bob") },
		"another purpose":     func() ([]byte, error) { return key.HandleSealer("channel").Open(handle, "alice") },
		"another key":         func() ([]byte, error) { return NewKey().HandleSealer("avatar").Open(handle, "alice") },
		"a sealer's":          func() ([]byte, error) { return h.Open(key.Sealer("avatar").Seal([]byte("x"), "alice"), "alice") },
		"by a sealer":         func() ([]byte, error) { return key.Sealer("avatar").Open(handle, "alice") },
		"only a nonce":        func() ([]byte, error) { return h.Open(handle[:16], "alice") },
		"less than a nonce":   func() ([]byte, error) { return h.Open(handle[:8], "alice") },
		"longer":              func() ([]byte, error) { return h.Open(handle+"AAAA", "alice") },
		"empty":               func() ([]byte, error) { return h.Open("", "alice") },
		"not base64":          func() ([]byte, error) { return h.Open("PAGE TWO TOKEN!", "alice") },
		"base64 with padding": func() ([]byte, error) { return h.Open(handle+"==", "alice") },
		"line breaks":         func() ([]byte, error) { return h.Open(handle[:8]+"\n"+handle[8:], "alice") },
	} {
		if got, err := open(); !errors.Is(err, ErrSealed) || got != nil {
			t.Errorf("Open(%s) = %q, %v, want ErrSealed", name, got, err)
		}
	}
	for i := range handle {
		changed := []byte(handle)
		if changed[i]++; i == len(handle)-1 || changed[i] == '{' || changed[i] == '[' || changed[i] == ':' {
			changed[i] = '-'
		}
		if string(changed) == handle {
			continue
		}
		if got, err := h.Open(string(changed), "alice"); !errors.Is(err, ErrSealed) {
			t.Errorf("Open(byte %d changed) = %q, %v, want ErrSealed", i, got, err)
		}
		if got, err := h.Open(handle[:i], "alice"); !errors.Is(err, ErrSealed) {
			t.Errorf("Open(cut to %d bytes) = %q, %v, want ErrSealed", i, got, err)
		}
	}
}

func FuzzHandles(f *testing.F) {
	h := NewKey().HandleSealer("avatar")
	good := h.Seal([]byte("https://example.com/a.jpg"), "alice")
	f.Add([]byte("https://example.com/a.jpg"), "alice", good)
	f.Add([]byte(nil), "", "")
	f.Fuzz(func(t *testing.T, plain []byte, context, handle string) {
		made := h.Seal(plain, context)
		if got, err := h.Open(made, context); err != nil || string(got) != string(plain) {
			t.Errorf("Open(Seal(%q, %q)) = %q, %v", plain, context, got, err)
		}
		if got, err := h.Open(handle, context); err == nil && handle != made && handle != good && h.Seal(got, context) != handle {
			t.Errorf("Open(%q) = %q, but Seal did not return it", handle, got)
		}
	})
}

func BenchmarkHandles(b *testing.B) {
	h := NewKey().HandleSealer("avatar")
	url := []byte("https://images.example.com/customers/4711/portrait.jpg?size=large")
	handle := h.Seal(url, "alice@example.com")
	b.Run("Seal", func(b *testing.B) {
		for b.Loop() {
			h.Seal(url, "alice@example.com")
		}
	})
	b.Run("Open", func(b *testing.B) {
		for b.Loop() {
			if _, err := h.Open(handle, "alice@example.com"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
