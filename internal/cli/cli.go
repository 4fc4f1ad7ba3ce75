// Package cli is the command line: commands and their flags, one file a command.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // people choose time zones on machines that have none
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Run runs the command that the arguments (without the program's name) name and
// returns the exit code: 0 done, 1 failed, 2 usage error. Data goes to stdout; errors,
// hints, progress and logs go to stderr.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	std := streams{in: stdin, out: stdout, err: stderr}
	if len(args) == 0 {
		writeOverview(stderr)
		return exitUsage
	}
	if args[0] == "help" || isHelp(args[0]) {
		return help(args[1:], std)
	}
	if args[0] == "--version" {
		args = []string{"version"}
	}
	c, rest, err := find(args)
	if err == nil {
		// The first signal cancels ctx, the next one ends the process immediately.
		ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		defer stop()
		context.AfterFunc(ctx, stop)
		err = c.execute(ctx, rest, std)
	} else if len(args) == 2 && isHelp(args[1]) {
		return help(args[:1], std)
	}
	return report(err, c, std)
}

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// streams are a command's input and outputs.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// An action runs a command; args are its positional arguments, whose number has been
// checked.
type action func(ctx context.Context, std streams, args []string) error

// command is an entry of the command table.
type command struct {
	// name is one word, or two for a member of a family such as "user add".
	name string
	// args shows the positional arguments, such as "FILE"; "" when there are none.
	args string
	// minArgs and maxArgs bound how many there are.
	minArgs, maxArgs int
	// summary is one line without a full stop; about follows it in the help text:
	// paragraphs with lines of at most 79 characters.
	summary, about string
	// setup defines the flags and returns the action that reads them. Every flag
	// --some-name can also be given as CLIENTELE_SOME_NAME; the flag wins.
	setup func(f *flags) action
}

// commands returns the table, in the order of the help text.
func commands() []command {
	return []command{
		demoCommand(),
		serveCommand(),
		importCommand(),
		exportCommand(),
		backupCommand(),
		restoreCommand(),
		verifyCommand(),
		migrateCommand(),
		auditCommand(),
		userAddCommand(),
		userListCommand(),
		userRemoveCommand(),
		userPasswordCommand(),
		userSetCommand(),
		signInPasswordsCommand(),
		signInSessionsCommand(),
		maskingCommand(),
		tokenShowCommand(),
		tokenRotateCommand(),
		versionCommand(),
	}
}

func (c command) execute(ctx context.Context, args []string, std streams) error {
	f := newFlags(c.name)
	run := c.setup(f)
	positional, err := f.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		writeHelp(std.out, c)
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case len(positional) < c.minArgs:
		return usageErrorf("%s is missing", strings.Fields(c.args)[len(positional)])
	case len(positional) > c.maxArgs:
		return usageErrorf("unexpected argument %q", positional[c.maxArgs])
	}
	return run(ctx, std, positional)
}

// find returns the command that the arguments begin with, and the arguments after its
// name.
func find(args []string) (command, []string, error) {
	family := false
	for _, c := range commands() {
		first, second, two := strings.Cut(c.name, " ")
		if args[0] != first {
			continue
		}
		if !two {
			return c, args[1:], nil
		}
		family = true
		if len(args) > 1 && args[1] == second {
			return c, args[2:], nil
		}
	}
	switch {
	case !family:
		return command{}, nil, usageErrorf("unknown command %q", args[0])
	case len(args) > 1 && !strings.HasPrefix(args[1], "-"):
		return command{name: args[0]}, nil, usageErrorf("unknown command %q", args[0]+" "+args[1])
	}
	return command{name: args[0]}, nil, usageErrorf("%q needs one of: %s", args[0], strings.Join(members(args[0]), ", "))
}

// members returns the second words of a family of commands.
func members(family string) []string {
	var names []string
	for _, c := range commands() {
		if second, ok := strings.CutPrefix(c.name, family+" "); ok {
			names = append(names, second)
		}
	}
	return names
}

// usageError is an error in the use of a command: exit code 2.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// usageErrorf returns an error that ends the program with exit code 2 and points to the
// help text.
func usageErrorf(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// report prints the error, if any, and returns the exit code.
func report(err error, c command, std streams) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintf(std.err, "clientele: %v\nSee: clientele help%s\n", err, strings.TrimRight(" "+c.name, " "))
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(std.err, "clientele: interrupted")
		return exitFailed
	}
	fmt.Fprintf(std.err, "clientele: %v\n", err)
	return exitFailed
}
