package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/clientele-project/clientele"

// A pkg is what `go list` says of a package.
type pkg struct {
	ImportPath, Dir, Doc               string
	GoFiles, CgoFiles                  []string
	Imports, TestImports, XTestImports []string
	Standard                           bool
}

// path is the package's path below the module.
func (p pkg) path() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

// root is the directory of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// list runs go list in the module.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Doc,GoFiles,CgoFiles,Imports,TestImports,XTestImports,Standard"}, args...)...)
	cmd.Dir = root(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatalf("go list printed no JSON: %v", err)
		}
		pkgs = append(pkgs, p)
	}
}

// within reports whether a path is dir or below it.
func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// ruleFor finds the rule of a package: the one with the longest directory.
func ruleFor(path string) (rule, bool) {
	var found rule
	for _, r := range rules {
		if within(path, r.dir) && len(r.dir) > len(found.dir) {
			found = r
		}
	}
	return found, found.dir != ""
}

// violations returns what breaks the rules.
func violations(pkgs []pkg) []string {
	var broken []string
	for _, p := range pkgs {
		r, ok := ruleFor(p.path())
		if !ok {
			broken = append(broken, fmt.Sprintf("%s has no rule: add it to docs/architecture.md, then to rules", p.path()))
			continue
		}
		for _, imp := range p.Imports {
			if reason := r.forbids(p.path(), imp); reason != "" {
				broken = append(broken, fmt.Sprintf("%s imports %s: %s", p.path(), imp, reason))
			}
		}
	}
	return broken
}

// forbids returns why a package under the rule may not import imp, "" if it may.
func (r rule) forbids(path, imp string) string {
	if imp == "C" {
		return "the program is built without cgo"
	}
	if ours, ok := strings.CutPrefix(imp, module+"/"); ok {
		return r.forbidsOurs(path, ours)
	}
	if standard(imp) {
		switch {
		case imp == "database/sql" || strings.HasPrefix(imp, "database/sql/"):
			if !slices.ContainsFunc(sqlDirs, func(dir string) bool { return within(path, dir) }) {
				return "SQL stays in the stores"
			}
		case slices.ContainsFunc(r.never, func(never string) bool { return within(imp, never) }):
			return r.dir + " must not use it"
		}
		return ""
	}
	if slices.ContainsFunc(r.modules, func(m string) bool { return within(imp, m) }) {
		return ""
	}
	return r.dir + " may not depend on this module"
}

func (r rule) forbidsOurs(path, ours string) string {
	if within(ours, "internal/cli") && !slices.Contains(r.ours, "internal/cli") {
		return "only cmd imports cli"
	}
	target, _ := ruleFor(ours)
	if (target.tests || strings.HasSuffix(ours, "test")) && !within(path, "test") && !strings.HasSuffix(path, "test") {
		return "it is for tests only"
	}
	if within(ours, r.dir) && sameRule(ours, path) {
		return "" // parts of one directory
	}
	if !r.pure && (ours == "internal/text" || ours == "internal/locale" || ours == "internal/lru") {
		return ""
	}
	if slices.Contains(r.ours, "*") {
		return ""
	}
	// A directory with a rule of its own is not part of the one around it.
	if slices.Contains(r.ours, target.dir) {
		return ""
	}
	return r.dir + " may not import that package"
}

// sameRule reports whether one rule decides for both packages.
func sameRule(a, b string) bool {
	ra, _ := ruleFor(a)
	rb, _ := ruleFor(b)
	return ra.dir == rb.dir
}

// standard reports whether an import path is of the standard library.
func standard(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return !strings.Contains(first, ".")
}

func TestImports_FollowTheRules(t *testing.T) {
	pkgs := list(t, "./...")
	if len(pkgs) < 5 {
		t.Fatalf("go list found %d packages: is this the module?", len(pkgs))
	}
	for _, v := range violations(pkgs) {
		t.Error(v)
	}
}

func TestImports_CheckerFindsViolations(t *testing.T) {
	for _, c := range []struct {
		name, path, imports string
		want                string // part of the complaint, "" when it is allowed
	}{
		{"the protocol is standard library only", "frontline", "golang.org/x/text/cases", "may not depend on this module"},
		{"the protocol imports nothing of ours", "frontline", module + "/internal/text", "may not import that package"},
		{"the conformance suite imports the protocol", "frontline/crmtest", module + "/frontline", ""},
		{"the domain does without SQL", "internal/customer", "database/sql", "SQL stays in the stores"},
		{"the domain does without drivers of SQL", "internal/account", "database/sql/driver", "SQL stays in the stores"},
		{"the domain does without HTTP", "internal/account", "net/http", "must not use it"},
		{"the domain does without what lies below HTTP", "internal/account", "net/http/httptest", "must not use it"},
		{"domain packages do not import each other", "internal/account", module + "/internal/customer", "may not import that package"},
		{"everybody may fold text", "internal/customer", module + "/internal/text", ""},
		{"a domain package does not import its own suite", "internal/customer", module + "/internal/customer/storetest", "it is for tests only"},
		{"a package for tests imports others", "internal/store/dbtest", module + "/internal/store/sqlite/sqlitetest", ""},
		{"the suite imports the domain", "internal/customer/storetest", module + "/internal/customer", ""},
		{"a store imports the domain", "internal/store/records", module + "/internal/account", ""},
		{"the search index does not know the store of customers", "internal/searchindex", module + "/internal/store/customers", "may not import that package"},
		{"a store may use SQL", "internal/store/sqlite", "database/sql", ""},
		{"a store does not use another's driver", "internal/store/sqlite", "github.com/jackc/pgx/v5/pgxpool", "may not depend on this module"},
		{"a store does not use another store", "internal/store/postgres", module + "/internal/store/sqlite", "may not import that package"},
		{"the app does not know the domain's customers", "internal/app", module + "/internal/customer", "may not import that package"},
		{"the app does not know a store", "internal/app", module + "/internal/store/sqlite", "may not import that package"},
		{"the app asks a CRM", "internal/app", module + "/frontline", ""},
		{"the app may have parts", "internal/app/static", module + "/internal/app/icons", ""},
		{"the web does not import text", "internal/web", module + "/internal/text", "may not import that package"},
		{"the web knows the words", "internal/web", module + "/internal/locale", ""},
		{"what decorators share does not know them", "internal/crm", module + "/internal/crm/flight", "may not import that package"},
		{"a decorator does not know those around it", "internal/crm/cache", module + "/internal/crm/localsearch", "may not import that package"},
		{"a decorator knows those within it", "internal/crm/localsearch", module + "/internal/crm/cache", ""},
		{"paging does not know the cache", "internal/crm/paging", module + "/internal/crm/cache", "may not import that package"},
		{"the program does not import fake services", "internal/server", module + "/internal/crm/crmfake", "it is for tests only"},
		{"a face does not import the command line", "internal/console", module + "/internal/cli", "only cmd imports cli"},
		{"tests of the whole do not import the command line", "test/bench", module + "/internal/cli", "only cmd imports cli"},
		{"cmd imports the command line", "cmd/clientele", module + "/internal/cli", ""},
		{"cmd imports nothing else", "cmd/clientele", module + "/internal/app", "may not import that package"},
		{"the program does not import packages for tests", "internal/server", module + "/internal/conversation/fakeapi/fakeapitest", "it is for tests only"},
		{"tests of the whole may", "test/bench", module + "/internal/conversation/fakeapi/fakeapitest", ""},
		{"the command line wires everything", "internal/cli", module + "/internal/store/sqlite", ""},
		{"no package uses cgo", "internal/store/sqlite", "C", "without cgo"},
		{"a new package needs a rule", "internal/utils", "fmt", "has no rule"},
		{"a name that only begins like a directory is not in it", "internal/apple", "fmt", "has no rule"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(violations([]pkg{{ImportPath: module + "/" + c.path, Imports: []string{c.imports}}}), "\n")
			if c.want == "" && got != "" {
				t.Errorf("violations() = %s, want none", got)
			}
			if c.want != "" && !strings.Contains(got, c.want) {
				t.Errorf("violations() = %q, want one with %q", got, c.want)
			}
		})
	}
}
