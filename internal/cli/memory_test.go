//go:build linux

package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// peakMemory returns the most memory that a process had so far, in bytes; 0 when it ended.
func peakMemory(pid int) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := strings.Fields(string(after))
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10
}

// sendCallbacks sends callbacks over as many connections at the same time, some over each.
func sendCallbacks(t *testing.T, addr string, connections, each int) {
	t.Helper()
	var request bytes.Buffer
	if err := signed(t, "http://"+addr, "http://"+addr, "t0p-token", listForm).Write(&request); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range connections {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		group.Go(func() {
			responses := bufio.NewReader(c)
			for range each {
				if _, err := c.Write(request.Bytes()); err != nil {
					t.Error(err)
					return
				}
				response, err := http.ReadResponse(responses, nil)
				if err != nil || response.StatusCode != http.StatusOK {
					t.Errorf("callback: %v, %v, want 200", response, err)
					return
				}
				if _, err := bufio.NewReader(response.Body).WriteTo(new(bytes.Buffer)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestServe_KeepsWithinItsMemory(t *testing.T) {
	const limit = 128 << 20
	t.Setenv("GOMEMLIMIT", strconv.Itoa(limit))
	cmd, addr, _ := startProcess(t, "serve", "--addr", "127.0.0.1:0", "--database", newDatabase(t), "--auth-token", "t0p-token", "--log-level", "error")
	sendCallbacks(t, addr, 200, 20)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 5 {
				in := do(t, browser(t), request(t, http.MethodPost, "http://"+addr+"/signin", url.Values{"identity": {"ada@example.com"}, "password": {"s3same open s3same"}}))
				if in.StatusCode != http.StatusSeeOther {
					t.Errorf("POST /signin: status %d, want 303", in.StatusCode)
				}
			}
		})
	}
	group.Wait()
	if peak := peakMemory(cmd.Process.Pid); peak == 0 || peak > limit {
		t.Errorf("serve with GOMEMLIMIT=%d MiB: %d MiB after 200 connections and 20 sign-ins, want at most as much", limit>>20, peak>>20)
	}
}

func TestImport_KeepsWithinItsMemory(t *testing.T) {
	t.Parallel()
	const limit, most = 32 << 20, 68 << 20 // with SQLite's caches and the program itself
	var rows strings.Builder
	rows.WriteString("customer_id,display_name,phone,email,notes\n")
	for i := range 20_000 {
		fmt.Fprintf(&rows, "n%d,Newcomer %d,+1202%07d,n%[1]d@example.com,met at the fair; likes to be called in the afternoon\n", i, i%977, i)
	}
	csv := filepath.Join(t.TempDir(), "customers.csv")
	if err := os.WriteFile(csv, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "import", csv, "--worker", "ada@example.com", "--database", newDatabase(t))
	cmd.Env = append(os.Environ(), "CLI_TEST_IS_THE_PROGRAM=1", "GOMEMLIMIT="+strconv.Itoa(limit))
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var peak int64
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("import: %v\n%s", err, &output)
			}
			if peak == 0 || peak > most {
				t.Errorf("import with GOMEMLIMIT=%d MiB: %d MiB, want at most %d", limit>>20, peak>>20, most>>20)
			}
			return
		case <-time.After(5 * time.Millisecond):
			peak = max(peak, peakMemory(cmd.Process.Pid))
		}
	}
}
