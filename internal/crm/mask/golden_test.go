package mask

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/secret"
)

// The values below were recorded once, with the key of goldenKey. They never change:
// phones hold such handles.
const (
	goldenID      = "~9FbjqKTifnEk0Bv55F1tQyGp14GUaXbkVXOx8Ex3gNGp6RiidwkhNQ"
	goldenChannel = "OG4h6o8pY3AiyHIE2eJX9jpo-XWT_OXvcBYk7rA0wVW_-rw8FBWkb1cVZEo-cg"
)

func goldenKey(t *testing.T) *secret.Key {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(strings.Repeat("0123456789abcdef", 4)), 0o600); err != nil {
		t.Fatal(err)
	}
	key, _, err := secret.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestHandleSealer_GoldenForm(t *testing.T) {
	m := New(nil, Options{Sealer: goldenKey(t).HandleSealer("masked customers"), On: func() bool { return true }})
	if got := m.CustomerID("Alice@Example.com", goldenID); got != "id +15550100" {
		t.Errorf("CustomerID(%q) = %q", goldenID, got)
	}
	if got := m.handle("Alice@Example.com", "id +15550100"); got != goldenID {
		t.Errorf("handle = %q, want %q", got, goldenID)
	}
	if got := m.channelHandle("Alice@Example.com", "c1", 1, frontline.Channel{Type: "sms", Value: "+15550100"}); got != goldenChannel {
		t.Errorf("channelHandle = %q, want %q", got, goldenChannel)
	}
}
