//go:build unix

package cli

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestImport_CompletedAfterKill(t *testing.T) {
	text := rowsOfCSV(9000)
	inTempDir(t, map[string]string{"crm.csv": text})
	mustRun(t, "", "import", "--database", "once.db", "crm.csv")
	want := mustRun(t, "", "export", "--database", "once.db").out

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int{3000, 7000} { // before the process is killed
		cmd := exec.Command(self, "import", "--database", "killed.db", "-")
		cmd.Env = append(os.Environ(), "CLI_TEST_IS_THE_PROGRAM=1")
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(stdin, strings.Join(strings.SplitAfter(text, "\n")[:rows+1], "")); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(waitLimit); ; time.Sleep(20 * time.Millisecond) {
			if r := run(t, "", "export", "--database", "killed.db"); strings.Count(r.out, "\n") >= (rows-2000)/2 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("import has written too few customers after %v", waitLimit)
			}
		}
		go io.WriteString(stdin, text)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("import ended before the kill")
		}
	}
	if half := mustRun(t, "", "export", "--database", "killed.db").out; half == want {
		t.Fatal("import was complete before the kill")
	}
	mustRun(t, "", "import", "--database", "killed.db", "crm.csv")
	if got := mustRun(t, "", "export", "--database", "killed.db").out; got != want {
		t.Errorf("export after a killed and repeated import: %d bytes, want %d and the same content", len(got), len(want))
	}
}
