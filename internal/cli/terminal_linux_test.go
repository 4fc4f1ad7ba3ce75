package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// ioctl reads or sets the property of a terminal that arg points to.
func ioctl(t *testing.T, f *os.File, request uintptr, arg unsafe.Pointer) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(arg)); errno != 0 {
		t.Fatal(errno)
	}
}

// terminal opens a terminal: text written to keyboard is read from tty, and screen
// collects the output.
func terminal(t *testing.T) (tty *os.File, keyboard *os.File, screen *lines) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("SKIPPED: no terminals: %v", err)
	}
	var locked, n int32
	ioctl(t, master, syscall.TIOCSPTLCK, unsafe.Pointer(&locked))
	ioctl(t, master, syscall.TIOCGPTN, unsafe.Pointer(&n))
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	screen = new(lines)
	go func() {
		buf := make([]byte, 1024)
		for {
			n, err := master.Read(buf)
			screen.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		tty.Close()
		master.Close()
	})
	return tty, master, screen
}

// echoes reports whether the terminal shows typed text.
func echoes(t *testing.T, tty *os.File) bool {
	t.Helper()
	var state syscall.Termios
	ioctl(t, tty, syscall.TCGETS, unsafe.Pointer(&state))
	return state.Lflag&syscall.ECHO != 0
}

// answerPrompt waits for the prompt with the echo off, and types.
func answerPrompt(t *testing.T, tty, keyboard *os.File, said *lines, prompt, typed string) {
	t.Helper()
	for deadline := time.Now().Add(waitLimit); !strings.HasSuffix(said.String(), prompt) || echoes(t, tty); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no prompt %q with the echo off after %v: %q", prompt, waitLimit, said)
		}
	}
	if _, err := keyboard.WriteString(typed); err != nil {
		t.Fatal(err)
	}
}

func TestReadPassword_TwiceWithoutEcho(t *testing.T) {
	for name, c := range map[string]struct {
		second, want string
		code         int
	}{
		"twice the same":  {"correct horse\n", "Added bob", exitDone},
		"two that differ": {"correct house\n", "the passwords differ", exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			tty, keyboard, screen := terminal(t)
			said, code := new(lines), make(chan int, 1)
			var out bytes.Buffer
			args := []string{"user", "add", "bob", "--database", filepath.Join(t.TempDir(), "a.db")}
			go func() { code <- Run(context.Background(), args, tty, &out, said) }()
			answerPrompt(t, tty, keyboard, said, "Password: ", "correct horse\n")
			answerPrompt(t, tty, keyboard, said, "Repeat password: ", c.second)
			if got := within(t, waitLimit, "the end", code); got != c.code || !strings.Contains(said.String(), c.want) {
				t.Errorf("user add bob: exit code %d, %q; want %d and %q", got, said, c.code, c.want)
			}
			if all := screen.String() + said.String() + out.String(); strings.Contains(all, "horse") {
				t.Errorf("user add bob showed the password: %q", all)
			}
			if !echoes(t, tty) {
				t.Error("user add bob left the echo of the terminal off")
			}
		})
	}
}

func TestReadPassword_InterruptRestoresEcho(t *testing.T) {
	tty, keyboard, _ := terminal(t)
	said, code := new(lines), make(chan int, 1)
	ctx, cancel := context.WithCancel(t.Context())
	database := filepath.Join(t.TempDir(), "a.db")
	go func() {
		code <- Run(ctx, []string{"user", "add", "bob", "--database", database}, tty, new(bytes.Buffer), said)
	}()
	answerPrompt(t, tty, keyboard, said, "Password: ", "corr")
	cancel()
	if got := within(t, waitLimit, "the end", code); got != exitFailed || !strings.Contains(said.String(), "interrupted") {
		t.Errorf("user add bob, interrupted: exit code %d, %q; want %d", got, said, exitFailed)
	}
	if !echoes(t, tty) {
		t.Error("user add bob left the echo of the terminal off")
	}
	if _, err := os.Stat(database); err == nil {
		t.Error("user add bob, interrupted, created a database")
	}
	keyboard.WriteString("\n") // ends the reader of the prompt
}
