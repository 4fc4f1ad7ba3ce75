package secret

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestPasswords_Check(t *testing.T) {
	p := NewPasswords(2)
	hash, err := p.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("Hash() = %q, want 19 MiB, two passes, one lane", hash)
	}
	again, err := p.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if hash == again {
		t.Error("Hash() is deterministic: the salt is not random")
	}
	for password, want := range map[string]bool{
		"correct horse battery": true, "correct horse batterz": false, "Correct horse battery": false, "": false,
	} {
		if got, err := p.Check(t.Context(), hash, password); got != want || err != nil {
			t.Errorf("Check(%q) = %v, %v, want %v", password, got, err, want)
		}
	}
}

func TestPasswords_Check_UnknownHashes(t *testing.T) {
	p := NewPasswords(2)
	const cheap = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$"
	for _, hash := range []string{
		"x", "$", "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", // 4 GiB
		"$argon2id$v=19$m=19456,t=999,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=1 $c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=1$c29t$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=1$!!!!$AAAAAAAAAAAAAAAAAAAAAA",
		cheap, cheap + "AAAA",
	} {
		if ok, err := p.Check(t.Context(), hash, "password"); ok || err == nil {
			t.Errorf("Check(hash %q) = %v, %v, want an error", hash, ok, err)
		}
	}
	if ok, err := p.Check(t.Context(), cheap+"AAAAAAAAAAAAAAAAAAAAAA", "password"); ok || err != nil {
		t.Errorf("Check(hash of another cost) = %v, %v, want false", ok, err)
	}
}

func TestPasswords_Check_UnknownPersonTakesAsLong(t *testing.T) {
	p := NewPasswords(2)
	hash, err := p.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	duration := func(hash string) time.Duration {
		start := time.Now()
		if ok, err := p.Check(t.Context(), hash, "something else"); ok || err != nil {
			t.Fatalf("Check(%q) = %v, %v", hash, ok, err)
		}
		return time.Since(start)
	}
	// Timing is noisy, so the fastest of many counts; a skipped check takes microseconds.
	known, unknown := duration(hash), duration("")
	for round := 0; unknown < known/3; round++ {
		if round == 50 {
			t.Fatalf("Check() takes %v for an unknown person, %v for a known one", unknown, known)
		}
		known = min(known, duration(hash))
	}
}

func TestPasswords_LimitsConcurrentHashes(t *testing.T) {
	p := NewPasswords(2)
	for range 2 {
		if err := p.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.Hash(ctx, "password"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("third Hash() = %v, want DeadlineExceeded", err)
	}
	if _, err := p.Check(ctx, "", "password"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("third Check() = %v, want DeadlineExceeded", err)
	}
	p.release()
	if _, err := p.Hash(t.Context(), "password"); err != nil {
		t.Errorf("Hash() after release = %v", err)
	}
}

func TestPasswords_Check_NormalizesUnicode(t *testing.T) {
	p := NewPasswords(2)
	hash, err := p.Hash(t.Context(), "caf\u00e9 au lait") // é as one character
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := p.Check(t.Context(), hash, "cafe\u0301 au lait"); !ok || err != nil { // as two
		t.Errorf("Check(decomposed é) = %v, %v, want true", ok, err)
	}
}
