package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// axeSource returns the source of axe-core, which scripts/deps installs, or "" on a machine
// without it. In CI, the test fails.
func axeSource(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("../../.cache/axe-core-*/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("missing in CI: axe-core")
		}
		return ""
	}
	text, err := os.ReadFile(found[len(found)-1])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestHarness_FindsViolations checks the harness itself: it must report the
// faults of a page that has some.
func TestHarness_FindsViolations(t *testing.T) {
	t.Parallel()
	if axeSource(t) == "" {
		skipMissing(t, "axe-core")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		w.Write([]byte(`<!DOCTYPE html><html lang="en"><title>t</title><main><h1>t</h1><img src="http://other.invalid/x.png">
			<p style="color:#999">inline</p><script>alert(1)</script></main>`))
	}))
	defer server.Close()
	tb := open(t, phone)
	tb.goTo(server.URL + "/broken")
	if found := strings.Join(tb.axe(), "\n"); !strings.Contains(found, "image-alt") {
		t.Errorf("axe() = %q, want a missing alternative text", found)
	}
	tb.wire.mu.Lock()
	defer tb.wire.mu.Unlock()
	complaints := strings.Join(tb.wire.trouble, "\n")
	tb.wire.trouble = nil
	for _, want := range []string{"another host", "server error", "Content Security Policy"} {
		if !strings.Contains(complaints, want) {
			t.Errorf("the harness does not report %q, only:\n%s", want, complaints)
		}
	}
}
