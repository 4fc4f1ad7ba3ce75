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
	place(t, map[string]string{"crm.csv": text})
	done(t, "", "import", "--database", "once.db", "crm.csv")
	want := done(t, "", "export", "--database", "once.db").out

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int{3000, 7000} { // where the pipe stops to give
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
				t.Fatal("nothing is written")
			}
		}
		go io.WriteString(stdin, text)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("it ended before it was killed")
		}
	}
	if half := done(t, "", "export", "--database", "killed.db").out; half == want {
		t.Fatal("it was complete before it was killed")
	}
	done(t, "", "import", "--database", "killed.db", "crm.csv")
	if got := done(t, "", "export", "--database", "killed.db").out; got != want {
		t.Errorf("killed and completed has %d bytes, once %d", len(got), len(want))
	}
}
