package builtin

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/secret"
)

// goldenToken was recorded once. It never changes: phones hold such tokens.
const goldenToken = "XyJ5u3aeN2VWaO5r7I9Bb1I0qD4l_a8h7nIF4OXZb0Z1"

func TestPageToken_GoldenForm(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(strings.Repeat("0123456789abcdef", 4)), 0o600); err != nil {
		t.Fatal(err)
	}
	key, _, err := secret.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	want := customer.Cursor{Row: 300, Rev: 7, Class: 1}
	context := tokenContext("Alice@Example.com", "grace")
	if context != "17:alice@example.comgrace" {
		t.Errorf("tokenContext(Alice@Example.com, grace) = %q", context)
	}
	if got, err := (tokens{key.Sealer("page tokens")}).open(goldenToken, context); err != nil || got != want {
		t.Errorf("open(%q) = %v, %v; want %v", goldenToken, got, err, want)
	}
	if got := (tokens{plainSealer{}}).seal(want, context); got != "\x01\x01\xac\x02\x07" {
		t.Errorf("seal(%v) has the plain form %q", want, got)
	}
}
