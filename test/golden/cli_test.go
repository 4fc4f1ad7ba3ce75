package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	helpCommand = regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)?)   *\S`)
	helpUsage   = regexp.MustCompile(`(?m)^Usage: (clientele .*)$`)
	helpFlag    = regexp.MustCompile(`(?m)^  --([a-z-]+)( \S+)?\n((?:        .*\n?)+)`)
	helpDefault = regexp.MustCompile(`\(default ([^\s)]+)\)`)
	variable    = regexp.MustCompile(`CLIENTELE_[A-Z_]*[A-Z]`)
)

// allCommands returns the commands that the overview lists.
func allCommands(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, m := range helpCommand.FindAllStringSubmatch(must(t, "", "help"), -1) {
		names = append(names, m[1])
	}
	if len(names) < 10 {
		t.Fatalf("clientele help lists %d commands: %q", len(names), names)
	}
	return names
}

// commandHelp returns the help text of a command.
func commandHelp(t *testing.T, name string) string {
	t.Helper()
	return must(t, "", append([]string{"help"}, strings.Fields(name)...)...)
}

func TestCommandLine(t *testing.T) {
	var lines []string
	variables := map[string]bool{}
	for _, name := range allCommands(t) {
		if name == "help" {
			lines = append(lines, name)
			continue
		}
		text := commandHelp(t, name)
		usage := helpUsage.FindStringSubmatch(text)
		if usage == nil {
			t.Fatalf("clientele help %s has no usage line", name)
		}
		lines = append(lines, strings.TrimPrefix(usage[1], "clientele "))
		for _, m := range helpFlag.FindAllStringSubmatch(text, -1) {
			env := "CLIENTELE_" + strings.ToUpper(strings.ReplaceAll(m[1], "-", "_"))
			variables[env] = true
			kind := "switch"
			if m[2] != "" {
				kind = "value"
			}
			if d := helpDefault.FindStringSubmatch(m[3]); d != nil {
				kind += ", default " + d[1]
			}
			lines = append(lines, fmt.Sprintf("%s --%s, %s, %s", name, m[1], env, kind))
		}
	}
	golden(t, "commands", lines)

	// What the documentation and the packages set must exist.
	for _, dir := range []string{"docs", "packaging", "README.md"} {
		err := filepath.Walk("../../"+dir, func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			for _, name := range variable.FindAllString(string(text), -1) {
				if !variables[name] && name != "CLIENTELE_SOME_NAME" && name != "CLIENTELE_NAME" {
					t.Errorf("%s names %s, which belongs to no flag", path, name)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestEnvironment checks that each flag has its environment variable.
func TestEnvironment(t *testing.T) {
	for _, c := range []struct{ variable, args string }{
		{"CLIENTELE_CALLBACK_RATE", "serve"},
		{"CLIENTELE_CALLBACK_CONCURRENCY", "serve"},
		{"CLIENTELE_ALLOW_PRIVATE_CALLBACKS", "serve"},
		{"CLIENTELE_DRY_RUN", "import file"},
		{"CLIENTELE_PRUNE", "import file"},
		{"CLIENTELE_JSON", "user list"},
		{"CLIENTELE_MAY_EXPORT", "user add somebody"},
		{"CLIENTELE_UNUSUAL", "audit"},
	} {
		r := runProgram(t, []string{c.variable + "=neither"}, "", strings.Fields(c.args)...)
		if r.code != 2 || !strings.Contains(r.stderr, c.variable) {
			t.Errorf("%s=neither clientele %s: exit code %d, want 2 and the variable's name\n%s", c.variable, c.args, r.code, r.stderr)
		}
	}
}

func TestExitCodes(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.db")
	var lines []string
	for _, args := range []string{
		"", "help", "--help", "help import", "help nonsense", "user --help", "serve --help", "version", "--version",
		"nonsense", "user", "user nonsense", "token", "serve --nonsense", "serve --callback-rate 0", "serve --log-format x",
		"import", "export --format x", "audit --format x", "audit --action x", "audit --from x", "masking",
		"user list --database DB", "export --database DB", "audit --database DB", "token show --database DB",
		"user remove x --database DB", "import --worker x --database DB /nonexistent.csv",
	} {
		r := runProgram(t, nil, "", strings.Fields(strings.ReplaceAll(args, "DB", missing))...)
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d clientele %s", r.code, args)))
	}
	golden(t, "exit_codes", lines)
}

// TestChoices pins the words that flags take.
func TestChoices(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.db")
	var lines []string
	try := func(word string, format string) {
		args := fmt.Sprintf(format, word)
		r := runProgram(t, nil, "", append(strings.Fields(args), "--database", missing)...)
		if r.code == 2 {
			t.Errorf("clientele %s is refused: %s", args, r.stderr)
		}
		lines = append(lines, args)
	}
	for _, w := range []string{"json", "csv"} {
		try(w, "export --format %s")
		try(w, "audit --format %s")
	}
	for _, w := range []string{"on", "off", "show"} {
		try(w, "masking %s")
		try(w, "signin passwords %s")
	}
	for _, w := range []string{"worker", "admin"} {
		try(w, "user set somebody --role %s")
	}
	golden(t, "choices", lines)
}

var fieldList = regexp.MustCompile(`(?s)FIELD=COLUMN; .*?:\s+((?:[a-z_]+,?\s+)+)--`)

// TestImportFields pins the fields of import --map.
func TestImportFields(t *testing.T) {
	m := fieldList.FindStringSubmatch(strings.ReplaceAll(commandHelp(t, "import"), "\n  --", " --"))
	if m == nil {
		t.Fatal("clientele help import does not list the fields of --map")
	}
	golden(t, "import_fields", strings.Fields(strings.ReplaceAll(m[1], ",", " ")))
}
