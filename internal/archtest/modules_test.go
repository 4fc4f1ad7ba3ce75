package archtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// decision is the document with the reason for every module.
const decision = "docs/decisions/0002-dependencies.md"

// row matches a line of its table: a module, and why.
var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|([^|\n]*)\\|([^|\n]*)\\|$")

// reasons reads the table.
func reasons(text string) map[string]string {
	found := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		found[m[1]] = strings.TrimSpace(m[3])
	}
	return found
}

// undecided returns the differences between the used modules and the table.
func undecided(used []string, table map[string]string) []string {
	var complaints []string
	for _, m := range used {
		if len(table[m]) < 20 {
			complaints = append(complaints, m+" is used and has no reason in "+decision)
		}
	}
	for m := range table {
		if !slices.Contains(used, m) {
			complaints = append(complaints, m+" stands in "+decision+" and is not used")
		}
	}
	slices.Sort(complaints)
	return complaints
}

// usedModules returns the modules that code, tests or tools use directly, whatever
// go.mod calls indirect.
func usedModules(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go mod edit: %v", err)
	}
	var mod struct {
		Require []struct{ Path string }
		Tool    []struct{ Path string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	var imports []string
	for _, p := range list(t, "./...") {
		imports = slices.Concat(imports, p.Imports, p.TestImports, p.XTestImports)
	}
	for _, tool := range mod.Tool {
		imports = append(imports, tool.Path)
	}
	var used []string
	for _, imp := range imports {
		best := ""
		for _, r := range mod.Require {
			if within(imp, r.Path) && len(r.Path) > len(best) {
				best = r.Path
			}
		}
		if best == "" && imp != "C" && !standard(imp) && !within(imp, module) {
			t.Errorf("no module in go.mod provides %s", imp)
		}
		if best != "" {
			used = append(used, best)
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}

func TestModules_HaveReasons(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), decision))
	if err != nil {
		t.Fatal(err)
	}
	used := usedModules(t)
	if !slices.Contains(used, "modernc.org/sqlite") {
		t.Fatalf("the modules in use are %q, without the database's driver: the check is blind", used)
	}
	for _, complaint := range undecided(used, reasons(string(text))) {
		t.Error(complaint)
	}
}

func TestModules_CheckerFindsMissingReasons(t *testing.T) {
	table := reasons("| module | for | why |\n|---|---|---|\n| `example.com/a` | tests | because it says so in many words |\n" +
		"| `example.com/b` | tests | no |\n| `example.com/gone` | tests | it was once a good idea, or so we thought |\n")
	got := strings.Join(undecided([]string{"example.com/a", "example.com/b", "example.com/c"}, table), "\n")
	want := "example.com/b is used and has no reason in " + decision + "\n" +
		"example.com/c is used and has no reason in " + decision + "\n" +
		"example.com/gone stands in " + decision + " and is not used"
	if got != want {
		t.Errorf("undecided() =\n%s\nwant\n%s", got, want)
	}
}
