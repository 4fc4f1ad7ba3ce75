//go:build unix

package cli

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/server"
)

// TestMain lets the test binary be the program, so that signals can be sent to a
// process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("CLI_TEST_IS_THE_PROGRAM") != "" {
		os.Exit(Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	flag.Set("test.parallel", "6") // parallel tests wait for the program more than they compute
	os.Exit(m.Run())
}

// startProcess starts the program as a process, and returns once it serves.
func startProcess(t *testing.T, args ...string) (cmd *exec.Cmd, addr string, exited <-chan error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(self, args...)
	// A killed process leaves temporary files.
	cmd.Env = append(os.Environ(), "CLI_TEST_IS_THE_PROGRAM=1", "TMPDIR="+t.TempDir())
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("clientele %v did not print its URL: %v", args, err)
	}
	addr = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "Open http://"), "/")
	done, ended := make(chan error, 1), make(chan struct{})
	go func() {
		done <- cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
	})
	return cmd, addr, done
}

// sendHalfRequest sends a callback up to the middle of its body, and returns the
// connection and the rest of the body.
func sendHalfRequest(t *testing.T, addr string) (net.Conn, string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	body := listForm.Encode()
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: %s\r\nExpect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n",
		server.CallbackPath, addr, len(body))
	// The server sends this line when it begins to read the body.
	const continues = "HTTP/1.1 100 Continue\r\n\r\n"
	line := make([]byte, len(continues))
	if _, err := io.ReadFull(c, line); err != nil || string(line) != continues {
		t.Fatalf("response = %q, %v, want 100 Continue", line, err)
	}
	if _, err := io.WriteString(c, body[:10]); err != nil {
		t.Fatal(err)
	}
	return c, body[10:]
}

func TestServe_SignalFinishesRequests(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			cmd, addr, exited := startProcess(t, "demo", "--addr", "127.0.0.1:0")
			c, rest := sendHalfRequest(t, addr)
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-exited:
				t.Fatalf("demo ended with a request in flight: %v", err)
			case <-time.After(300 * time.Millisecond):
			}
			if _, err := io.WriteString(c, rest); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK || len(body) == 0 {
				t.Errorf("the request in flight: status %d, %d bytes, %v, want 200 and a body", response.StatusCode, len(body), err)
			}
			if err := within(t, waitLimit, "the end", exited); err != nil {
				t.Errorf("demo ended with %v, want exit code 0", err)
			}
		})
	}
}

func TestServe_SecondSignalEndsAtOnce(t *testing.T) {
	cmd, addr, exited := startProcess(t, "demo", "--addr", "127.0.0.1:0")
	sendHalfRequest(t, addr)
	end := func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	end()
	eventually(t, "the program accepts no more connections", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	end()
	select {
	case <-exited:
	case <-time.After(10 * time.Second): // the handler was still there
		end()
		within(t, waitLimit, "the end", exited)
	}
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() {
		t.Errorf("demo ended with %v, want the signal", cmd.ProcessState)
	}
}
