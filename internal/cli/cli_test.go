package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// result is the exit code and the output of a run of the program.
type result struct {
	code     int
	out, err string
}

// run runs the program with stdin as its standard input.
func run(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := Run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return result{code, out.String(), errs.String()}
}

func TestRun_UsageErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, want := range map[string]string{
		"":                         "Usage: clientele COMMAND",
		"frobnicate":               `unknown command "frobnicate"`,
		"user":                     `"user" needs one of: add, list, remove, password`,
		"user frobnicate":          `unknown command "user frobnicate"`,
		"token":                    `"token" needs one of: show, rotate`,
		"help frobnicate":          `unknown command "frobnicate"`,
		"help serve now":           `unknown command "serve now"`,
		"version now":              `unexpected argument "now"`,
		"user add":                 "IDENTITY is missing",
		"user add a b":             `unexpected argument "b"`,
		"user add a --role boss":   "use worker or admin",
		"user add a":               "use --password-stdin",
		"user add *":               "means all workers",
		"user list --frobnicate":   "unknown flag --frobnicate",
		"user list --database":     "flag --database needs a value",
		"user list --json=perhaps": `invalid boolean value "perhaps" for --json`,
		"serve --addr 8080":        "write HOST:PORT",
		"serve --addr localhost:x": "write HOST:PORT",
		"serve --addr :70000":      "write HOST:PORT",
		"serve now":                `unexpected argument "now"`,
		"serve --public-url crm":   "--public-url crm",
		"serve --public-url ftp://crm.example.com":                                   "--public-url ftp:",
		"serve --public-url https://crm.example.com/crm":                             "must end with the host",
		"serve --public-url https://a:b@crm.example.com":                             "--public-url",
		"serve --trusted-proxy here":                                                 "write an address or a range",
		"serve --trusted-proxy 10.0.0.0/8,10.0.0.0/40":                               "write an address or a range",
		"serve --log-format xml":                                                     "use text or json",
		"serve --log-level loud":                                                     "use debug, info, warn or error",
		"serve --crm-callback-url crm":                                               "must begin with https://",
		"serve --crm-callback-url https://a:s3@c.example":                            "must not contain a username",
		"serve --crm-callback-url http://127.0.0.1:9/cb":                             "--allow-private-callbacks",
		"serve --crm-callback-url http://10.1.2.3/cb":                                "--allow-private-callbacks",
		"serve --crm-callback-url http://169.254.169.254/ --allow-private-callbacks": "never connected to",
		"serve --conversations-account-sid AC12":                                     "--conversations-account-sid: Use AC followed by",
		"serve --conversations-api http://api.example.com":                           "--conversations-api: use an https URL",
		"serve --conversations-api api.example.com":                                  "--conversations-api: ",
		"serve --proxy-address-whatsapp 12":                                          "--proxy-address-whatsapp: Use a phone number",
		"serve --callback-concurrency 0":                                             "a number from 1 to",
		"serve --callback-concurrency 1001":                                          "a number from 1 to",
		"serve --callback-rate 0":                                                    "above 0",
		"serve --callback-rate NaN":                                                  "above 0",
		"serve --callback-rate often":                                                "--callback-rate",
		"demo --addr 0.0.0.0:8080":                                                   "this machine only",
		"demo --addr :8080":                                                          "this machine only",
		"demo --addr [::]:8080":                                                      "this machine only",
		"demo --addr 192.168.1.10:8080":                                              "this machine only",
		"demo --addr demo.example.com:8080":                                          "this machine only",
	} {
		t.Run("clientele "+args, func(t *testing.T) {
			got := run(t, "", strings.Fields(args)...)
			if got.code != exitUsage {
				t.Errorf("exit code %d, want %d", got.code, exitUsage)
			}
			if got.out != "" {
				t.Errorf("standard output %q, want none", got.out)
			}
			if !strings.Contains(got.err, want) {
				t.Errorf("standard error %q, want %q", got.err, want)
			}
			if strings.Contains(got.err, "a:s3@") {
				t.Errorf("standard error %q repeats a possible secret", got.err)
			}
			if args != "" && !strings.Contains(got.err, "See: clientele help") {
				t.Errorf("standard error %q does not name the help", got.err)
			}
		})
	}
	if left, _ := os.ReadDir("."); len(left) != 0 {
		t.Errorf("usage errors created files: %v", left)
	}
}

func TestHelp_CoversEveryCommand(t *testing.T) {
	overview := run(t, "", "help")
	if overview.code != exitDone || overview.err != "" {
		t.Fatalf("help: exit code %d, standard error %q", overview.code, overview.err)
	}
	for _, c := range commands() {
		if !strings.Contains(overview.out, "  "+c.name+" ") {
			t.Errorf("help does not list %s", c.name)
		}
		asked := run(t, "", append([]string{"help"}, strings.Fields(c.name)...)...)
		flagged := run(t, "", append(strings.Fields(c.name), "--help")...)
		if asked != flagged {
			t.Errorf("help %s and %[1]s --help differ", c.name)
		}
		if asked.code != exitDone || !strings.HasPrefix(asked.out, "Usage: clientele "+c.name) {
			t.Errorf("help %s: exit code %d, %q", c.name, asked.code, asked.out)
		}
		for line := range strings.Lines(asked.out) {
			if len(strings.TrimRight(line, "\n")) > 110 {
				t.Errorf("help %s has a line of %d characters: %s", c.name, len(line), line)
			}
		}
		if strings.HasSuffix(c.summary, ".") {
			t.Errorf("the summary of %s ends with a full stop", c.name)
		}
	}
	for _, family := range []string{"user", "token"} {
		asked, flagged := run(t, "", "help", family), run(t, "", family, "--help")
		if asked.code != exitDone || !strings.Contains(asked.out, "  "+family+" ") || asked != flagged {
			t.Errorf("help %s: %+v and %+v", family, asked, flagged)
		}
	}
}

func TestFlags_ArgumentsAndEnvironment(t *testing.T) {
	probe := command{
		name: "probe", args: "[WORD...]", maxArgs: 9, summary: "print the flags and arguments",
		setup: func(f *flags) action {
			name, dry := f.String("user-name", "nobody", ""), f.Bool("dry-run", false, "")
			var proxies list
			f.Var(&proxies, "trusted-proxy", "")
			return func(_ context.Context, std streams, args []string) error {
				fmt.Fprintf(std.out, "%v%v%v%v", *name, *dry, proxies, args)
				return nil
			}
		},
	}
	for _, c := range []struct{ name, env, args, want string }{
		{"defaults", "", "", "nobodyfalse[][]"},
		{"flags first", "", "--user-name ada --dry-run x y", "adatrue[][x y]"},
		{"flags last", "", "x y --user-name=ada -dry-run", "adatrue[][x y]"},
		{"flags between", "", "x --user-name ada y --dry-run z", "adatrue[][x y z]"},
		{"after two dashes nothing is a flag", "", "x --dry-run -- --user-name y", "nobodytrue[][x --user-name y]"},
		{"a lone dash is an argument", "", "- --dry-run", "nobodytrue[][-]"},
		{"environment", "CLIENTELE_USER_NAME=eve CLIENTELE_DRY_RUN=true", "x", "evetrue[][x]"},
		{"the flag wins", "CLIENTELE_USER_NAME=eve", "--user-name ada", "adafalse[][]"},
		{"also with its default value", "CLIENTELE_USER_NAME=eve", "--user-name nobody", "nobodyfalse[][]"},
		{"an empty variable is none", "CLIENTELE_USER_NAME=", "", "nobodyfalse[][]"},
		{"a list repeats or has commas", "CLIENTELE_TRUSTED_PROXY=9.9.9.9", "--trusted-proxy a,b --trusted-proxy c", "nobodyfalse[a b c][]"},
		{"a list from the environment", "CLIENTELE_TRUSTED_PROXY=a,b", "", "nobodyfalse[a b][]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, pair := range strings.Fields(c.env) {
				name, value, _ := strings.Cut(pair, "=")
				t.Setenv(name, value)
			}
			var out bytes.Buffer
			if err := probe.execute(t.Context(), strings.Fields(c.args), streams{out: &out}); err != nil {
				t.Fatal(err)
			}
			if out.String() != c.want {
				t.Errorf("probe %s: output %s, want %s", c.args, out.String(), c.want)
			}
		})
	}
	t.Setenv("CLIENTELE_DRY_RUN", "s3cret")
	err := probe.execute(t.Context(), nil, streams{})
	if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "CLIENTELE_DRY_RUN") {
		t.Errorf("probe with an invalid CLIENTELE_DRY_RUN: %v, want its name and not its value", err)
	}
}

func TestRun_FailuresExit1(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("Dear Sir or Madam, ", 50)), 0o600); err != nil {
		t.Fatal(err)
	}
	missing, nowhere := filepath.Join(dir, "none.db"), filepath.Join(dir, "no", "such", "dir.db")
	for name, c := range map[string]struct{ stdin, args, want string }{
		"list of no database":        {"", "user list --database " + missing, "there is no database"},
		"remove from no database":    {"", "user remove a --database " + missing, "there is no database"},
		"password in no database":    {"", "user password a --database " + missing, "there is no database"},
		"token of no database":       {"", "token show --database " + missing, "there is no database"},
		"add in a missing directory": {"long enough", "user add a --password-stdin --database " + nowhere, "directory"},
		"add in a directory":         {"long enough", "user add a --password-stdin --database " + dir, "is a directory"},
		"add in a letter":            {"long enough", "user add a --password-stdin --database " + text, "is not a database of Clientele"},
		"no password":                {"", "user add a --password-stdin --database " + missing, "standard input holds no password"},
		"short password":             {"short\n", "user add a --password-stdin --database " + missing, "at least 8 characters"},
		"long password":              {strings.Repeat("x", 5000), "user add a --password-stdin --database " + missing, "up to 1024 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, c.stdin, strings.Fields(c.args)...)
			if got.code != exitFailed || got.out != "" {
				t.Errorf("exit code %d, standard output %q; want 1 and none", got.code, got.out)
			}
			if !strings.Contains(got.err, c.want) || strings.Count(got.err, "\n") != 1 {
				t.Errorf("standard error %q, want one line that says %q", got.err, c.want)
			}
		})
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a failed command created a database")
	}
}
