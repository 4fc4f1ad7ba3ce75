package secret

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestPasswordIsKnownAgainAndNoOther(t *testing.T) {
	p := NewPasswords()
	hash, err := p.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q does not state 19 MiB, two passes, one lane", hash)
	}
	again, err := p.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if hash == again {
		t.Error("two hashes of one password are equal: the salt is not random")
	}
	for password, want := range map[string]bool{
		"correct horse battery": true, "correct horse batterz": false, "Correct horse battery": false, "": false,
	} {
		if got, err := p.Check(t.Context(), hash, password); got != want || err != nil {
			t.Errorf("Check(%q) = %v, %v; want %v", password, got, err, want)
		}
	}
}

func TestCheckOfHashesMadeElsewhere(t *testing.T) {
	p := NewPasswords()
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
			t.Errorf("Check(%q) = %v, %v; want an error", hash, ok, err)
		}
	}
	if ok, err := p.Check(t.Context(), cheap+"AAAAAAAAAAAAAAAAAAAAAA", "password"); ok || err != nil {
		t.Errorf("a hash with other costs than ours is not read: %v, %v", ok, err)
	}
}

func TestUnknownPersonTakesAsLong(t *testing.T) {
	p := NewPasswords()
	hash, err := p.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	took := func(hash string) time.Duration {
		start := time.Now()
		if ok, err := p.Check(t.Context(), hash, "something else"); ok || err != nil {
			t.Fatalf("Check(%q) = %v, %v", hash, ok, err)
		}
		return time.Since(start)
	}
	// Noise on a busy machine is large, so that the best of many counts; a check that
	// was skipped takes microseconds.
	known, unknown := took(hash), took("")
	for round := 0; unknown < known/3; round++ {
		if round == 50 {
			t.Fatalf("Check of an unknown person takes %v, of a known one %v", unknown, known)
		}
		known = min(known, took(hash))
	}
}

func TestAtMostTwoHashesAtOnceAndWaitersMayLeave(t *testing.T) {
	p := NewPasswords()
	for range hashesAtOnce {
		if err := p.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.Hash(ctx, "password"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third hash: %v, want to wait until its context ends", err)
	}
	if _, err := p.Check(ctx, "", "password"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third check: %v, want to wait until its context ends", err)
	}
	p.leave()
	if _, err := p.Hash(t.Context(), "password"); err != nil {
		t.Errorf("with a free place: %v", err)
	}
}

func TestPasswordIsTheSameFromEveryKeyboard(t *testing.T) {
	p := NewPasswords()
	hash, err := p.Hash(t.Context(), "caf\u00e9 au lait") // é as one character
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := p.Check(t.Context(), hash, "cafe\u0301 au lait"); !ok || err != nil { // as two
		t.Errorf("got %v, %v", ok, err)
	}
}
