package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// limit is how long a test waits for an event. It is long enough for a busy machine.
const limit = 90 * time.Second

// binary is the program under test, built by TestMain.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "clientele-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "clientele")
	build := exec.Command("go", "build", "-o", binary, "../../cmd/clientele")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the program: %v\n%s", err, out)
		return 1
	}
	flag.Set("test.parallel", "4") // parallel tests wait for services and pages more than they compute
	code := m.Run()
	chromium.stop()
	headless.stop()
	return code
}

// skipMissing skips a test that needs something that this machine lacks, or fails it in CI.
func skipMissing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("missing in CI: %s", what)
	}
	t.Skipf("SKIPPED, this machine has no %s (try scripts/deps)", what)
}

// eventually waits until ok returns true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out after %v waiting until %s", limit, what)
		}
	}
}

// shared returns the path of a file in ../shared, which exists beside a checkout in
// development and in CI, but not in a clone.
func shared(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../../shared", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		skipMissing(t, "../shared/"+name)
	}
	return path
}
