//go:build linux

package e2e

import (
	"bufio"
	"fmt"
	"io"
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

	"github.com/clientele-project/clientele/frontline"
)

// limitedProgram is a run of the program with GOMEMLIMIT.
type limitedProgram struct {
	*exec.Cmd
	output *bufio.Reader
}

func startLimited(t *testing.T, limit int64, args ...string) limitedProgram {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), "GOMEMLIMIT="+strconv.FormatInt(limit, 10), "CLIENTELE_AUTH_TOKEN=t0p-token")
	cmd.Stdin = strings.NewReader("s3same open s3same\n")
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return limitedProgram{cmd, bufio.NewReader(output)}
}

// sendCallbacks sends callbacks over one connection, one after the other.
func sendCallbacks(addr string, count int) error {
	form := url.Values{"Location": {frontline.LocationCustomersList}, "Worker": {"ada@example.com"}, "PageSize": {"30"}}
	target := "http://" + addr + "/callbacks/crm"
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	responses := bufio.NewReader(c)
	for range count {
		r, err := http.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(frontline.SignatureHeader, frontline.Sign("t0p-token", target, form))
		if err := r.Write(c); err != nil {
			return err
		}
		response, err := http.ReadResponse(responses, r)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
			return fmt.Errorf("callback: status %d, %w", response.StatusCode, err)
		}
	}
	return nil
}

func signIn(addr string) error {
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.PostForm("http://"+addr+"/signin", url.Values{"identity": {"ada@example.com"}, "password": {"s3same open s3same"}})
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("POST /signin: status %d, want 303", response.StatusCode)
	}
	return nil
}

func TestServe_KeepsWithinItsMemory(t *testing.T) {
	t.Parallel()
	const most = 128 << 20
	file := filepath.Join(t.TempDir(), "clientele.db")
	if err := startLimited(t, most, "user", "add", "ada@example.com", "--password-stdin", "--database", file).Wait(); err != nil {
		t.Fatal(err)
	}
	p := startLimited(t, most, "serve", "--addr", "127.0.0.1:0", "--database", file, "--log-level", "error")
	line, err := p.output.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "Open http://"), "/")
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			if err := sendCallbacks(addr, 20); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for range 4 {
		group.Go(func() {
			for range 5 {
				if err := signIn(addr); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if peak := peakMemory(p.Process); peak == 0 || peak > most {
		t.Errorf("serve with GOMEMLIMIT=%d MiB: %d MiB after 200 connections and 20 sign-ins, want at most as much", most>>20, peak>>20)
	}
}

func TestImport_KeepsWithinItsMemory(t *testing.T) {
	t.Parallel()
	const limit, most = 32 << 20, 68 << 20 // with SQLite's caches and the program itself
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("customer_id,display_name,phone,email,notes\n")
	for i := range 20_000 {
		fmt.Fprintf(&rows, "n%d,Newcomer %d,+1202%07d,n%[1]d@example.com,met at the fair; likes to be called in the afternoon\n", i, i%977, i)
	}
	csv := filepath.Join(dir, "customers.csv")
	if err := os.WriteFile(csv, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startLimited(t, limit, "import", csv, "--worker", "ada@example.com", "--database", filepath.Join(dir, "clientele.db"))
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	peak := peakMemory(p.Process)
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("import: %v", err)
			}
			if peak == 0 || peak > most {
				t.Errorf("import with GOMEMLIMIT=%d MiB: %d KiB, want at most %d", limit>>20, peak>>10, most>>10)
			}
			return
		case <-time.After(5 * time.Millisecond):
			peak = max(peak, peakMemory(p.Process))
		}
	}
}
