package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/clientele-project/clientele/internal/account"
)

// passwordFlag defines --password-stdin.
func passwordFlag(f *flags) *bool {
	return f.Bool("password-stdin", false, "read the password from the first line of standard input")
}

// readPassword reads a new password from standard input, or asks for it twice on the
// terminal without echo.
func readPassword(ctx context.Context, std streams, fromStdin bool) (string, error) {
	if fromStdin {
		return readPasswordLine(std.in)
	}
	file, ok := std.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return "", usageErrorf("no terminal to ask for the password: use --password-stdin")
	}
	first, err := promptPassword(ctx, file, std.err, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := promptPassword(ctx, file, std.err, "Repeat password: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the passwords differ; nothing was changed")
	}
	return first, nil
}

func readPasswordLine(r io.Reader) (string, error) {
	// One byte more than allowed, so that a longer one is refused instead of cut.
	line, err := bufio.NewReader(io.LimitReader(r, account.MaxPasswordBytes+3)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return "", errors.New("standard input holds no password")
	}
	return line, nil
}

// promptPassword reads a line without echo. An interrupt restores the terminal.
func promptPassword(ctx context.Context, tty *os.File, w io.Writer, prompt string) (string, error) {
	fd := int(tty.Fd()) // read once: an interrupted prompt may outlive the file
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("prepare the terminal: %w", err)
	}
	fmt.Fprint(w, prompt)
	type result struct {
		line []byte
		err  error
	}
	results := make(chan result, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		results <- result{line, err}
	}()
	select {
	case r := <-results:
		fmt.Fprintln(w)
		if r.err != nil {
			return "", fmt.Errorf("read the password: %w", r.err)
		}
		return string(r.line), nil
	case <-ctx.Done():
		fmt.Fprintln(w)
		_ = term.Restore(fd, before)
		return "", ctx.Err()
	}
}
