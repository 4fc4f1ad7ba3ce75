package secret

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The values below were recorded once. They never change: what was sealed must open
// as long as there is a key file.
const (
	goldenSealed = "B-Vkrmg5uOQ9rOwGqRdFiur3leyddtN1MlXo8rz1Klpu5DdIK6zaNA"
	goldenHandle = "N5W7icWyPIAXowRx-n88PZ3ORUk6BJOaP80-JHO-v5pI1JAjUesa5g"
)

func goldenKey(t *testing.T) *Key {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(strings.Repeat("0123456789abcdef", 4)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	k, _, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealer_GoldenForm(t *testing.T) {
	if plain, err := goldenKey(t).Sealer("golden purpose").Open(goldenSealed, "golden context"); err != nil || string(plain) != "golden plain" {
		t.Errorf("Open(%q) = %q, %v; want the plain text", goldenSealed, plain, err)
	}
}

func TestHandleSealer_GoldenForm(t *testing.T) {
	h := goldenKey(t).HandleSealer("golden purpose")
	if plain, err := h.Open(goldenHandle, "golden context"); err != nil || string(plain) != "golden plain" {
		t.Errorf("Open(%q) = %q, %v; want the plain text", goldenHandle, plain, err)
	}
	if got := h.Seal([]byte("golden plain"), "golden context"); got != goldenHandle {
		t.Errorf("Seal(golden plain) = %q, want %q", got, goldenHandle)
	}
}
