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
	return f.Bool("password-stdin", false, "read the password from standard input, up to its first line break")
}

// readPassword takes a new password from standard input, or asks for it twice on
// a terminal without showing it.
func readPassword(ctx context.Context, std streams, fromStdin bool) (string, error) {
	if fromStdin {
		return passwordLine(std.in)
	}
	file, ok := std.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return "", usageErrorf("there is no terminal to ask for the password: use --password-stdin")
	}
	first, err := ask(ctx, file, std.err, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := ask(ctx, file, std.err, "Once more: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two passwords differ: nothing was changed")
	}
	return first, nil
}

func passwordLine(r io.Reader) (string, error) {
	// One byte more than can be used, so that a longer one is refused, not cut.
	line, err := bufio.NewReader(io.LimitReader(r, account.MaxPasswordBytes+3)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return "", errors.New("there is no password on standard input")
	}
	return line, nil
}

// ask reads a line without echo. An interrupt while it waits gives the terminal
// its echo back.
func ask(ctx context.Context, tty *os.File, prompt io.Writer, question string) (string, error) {
	fd := int(tty.Fd()) // asked once: an interrupted prompt may outlive the file
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("prepare the terminal: %w", err)
	}
	fmt.Fprint(prompt, question)
	type answer struct {
		line []byte
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		answered <- answer{line, err}
	}()
	select {
	case a := <-answered:
		fmt.Fprintln(prompt)
		if a.err != nil {
			return "", fmt.Errorf("read the password: %w", a.err)
		}
		return string(a.line), nil
	case <-ctx.Done():
		fmt.Fprintln(prompt)
		_ = term.Restore(fd, before)
		return "", ctx.Err()
	}
}
