package cli

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// help writes the overview, or the help text of the command named by args.
func help(args []string, std streams) int {
	if len(args) == 0 {
		writeOverview(std.out)
		return exitDone
	}
	c, rest, err := find(args)
	if len(rest) > 0 {
		err = usageErrorf("unknown command %q", strings.Join(args, " "))
	}
	if err != nil {
		if len(args) == 1 && len(members(args[0])) > 0 {
			writeFamily(std.out, args[0])
			return exitDone
		}
		return report(err, command{}, std)
	}
	writeHelp(std.out, c)
	return exitDone
}

func writeOverview(w io.Writer) {
	fmt.Fprint(w, `Clientele shows frontline workers their own customers on their phone, and serves the
same customers to callers of the CRM callback.

Usage: clientele COMMAND [flags] [arguments]

`)
	writeTable(w, append(commands(), command{name: "help", summary: "show this, or the help text of a command"}))
	fmt.Fprint(w, `
Try it:               clientele demo
More on a command:    clientele help COMMAND

Every flag --some-name can also be given as CLIENTELE_SOME_NAME in the
environment; the flag wins. Exit codes: 0 done, 1 failed, 2 usage error.
`)
}

func writeFamily(w io.Writer, family string) {
	fmt.Fprintf(w, "Usage: clientele %s COMMAND [flags] [arguments]\n\n", family)
	var its []command
	for _, c := range commands() {
		if strings.HasPrefix(c.name, family+" ") {
			its = append(its, c)
		}
	}
	writeTable(w, its)
	fmt.Fprintf(w, "\nMore: clientele help %s COMMAND\n", family)
}

func writeTable(w io.Writer, table []command) {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, c := range table {
		fmt.Fprintf(t, "  %s\t%s\n", c.name, c.summary)
	}
	t.Flush()
}

func writeHelp(w io.Writer, c command) {
	f := newFlags(c.name)
	c.setup(f)
	usage, hasFlags := "Usage: clientele "+c.name, false
	f.VisitAll(func(*flag.Flag) { hasFlags = true })
	if hasFlags {
		usage += " [flags]"
	}
	if c.args != "" {
		usage += " " + c.args
	}
	fmt.Fprintf(w, "%s\n\n%s.\n", usage, strings.ToUpper(c.summary[:1])+c.summary[1:])
	if c.about != "" {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(c.about))
	}
	if !hasFlags {
		return
	}
	fmt.Fprint(w, "\nFlags:\n")
	f.VisitAll(func(fl *flag.Flag) {
		value, usage := flag.UnquoteUsage(fl)
		if value != "" {
			value = " " + value
		}
		switch fl.DefValue {
		case "", "false", "0", "[]", "0s":
		default:
			usage += fmt.Sprintf(" (default %s)", fl.DefValue)
		}
		fmt.Fprintf(w, "  --%s%s\n        %s\n", fl.Name, value, strings.ReplaceAll(usage, "\n", "\n        "))
	})
}
