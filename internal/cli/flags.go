package cli

import (
	"flag"
	"io"
	"os"
	"strings"

	"github.com/clientele-project/clientele/internal/store"
)

// flags is a command's flag set. Every flag has an environment variable too, and flags
// and positional arguments may be mixed.
type flags struct{ *flag.FlagSet }

func newFlags(name string) *flags {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // report prints the error
	fs.Usage = func() {}
	return &flags{fs}
}

// database defines --database, which nearly every command has.
func (f *flags) database() *string {
	return f.String("database", "clientele.db", "the database: a `FILE`, or the URL of PostgreSQL, postgres://...")
}

// secretFile defines --secret-file.
func (f *flags) secretFile() *string {
	return f.String("secret-file", "", "the secret `FILE` (default: the database file's name with .secret,\nor clientele.secret with PostgreSQL)")
}

// secretFileFor returns the secret file of the flag, or the one next to the database,
// or in the working directory for a database on a server.
func secretFileFor(secretFile, database string) string {
	if secretFile != "" {
		return secretFile
	}
	if store.IsServer(database) {
		return "clientele.secret"
	}
	return database + ".secret"
}

// uploadsFor returns the directory of the flag, or the one next to the database: its disk has
// room for customers, and no one else reads there.
func uploadsFor(uploads, database string) string {
	switch {
	case uploads != "":
		return uploads
	case store.IsServer(database):
		return "clientele.uploads"
	}
	return database + ".uploads"
}

// parse reads the arguments, then the environment for flags that were not given, and
// returns the positional arguments. What follows "--" is positional.
func (f *flags) parse(args []string) (positional []string, err error) {
	for len(args) > 0 {
		if err := f.Parse(args); err != nil {
			if err == flag.ErrHelp {
				return nil, err
			}
			return nil, usageErrorf("%s", plainFlagError(err))
		}
		rest := f.Args()
		if consumed := len(args) - len(rest); consumed > 0 && args[consumed-1] == "--" {
			positional = append(positional, rest...)
			break
		}
		if len(rest) == 0 {
			break
		}
		positional, args = append(positional, rest[0]), rest[1:]
	}
	return positional, f.fromEnvironment()
}

// plainFlagError rewrites the flag package's messages with two dashes.
func plainFlagError(err error) string {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		return "unknown flag --" + name
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return "flag --" + name + " needs a value"
	}
	text = strings.Replace(strings.TrimSuffix(text, ": parse error"), " for -", " for --", 1)
	return strings.Replace(text, " for flag -", " for --", 1)
}

// fromEnvironment sets the flags that were not given from their variables. An empty
// variable counts as not set.
func (f *flags) fromEnvironment() (err error) {
	given := make(map[string]bool)
	f.Visit(func(fl *flag.Flag) { given[fl.Name] = true })
	f.VisitAll(func(fl *flag.Flag) {
		value := os.Getenv(variable(fl.Name))
		if err != nil || given[fl.Name] || value == "" {
			return
		}
		if f.Set(fl.Name, value) != nil {
			// The value may be a secret: it is not repeated.
			err = usageErrorf("the value of %s cannot be used for --%s", variable(fl.Name), fl.Name)
		}
	})
	return err
}

// variable returns the name of a flag's environment variable.
func variable(flagName string) string {
	return "CLIENTELE_" + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}

// list is the value of a flag that may be repeated, or hold several values separated
// by commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*l = append(*l, part)
		}
	}
	return nil
}
