package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// metaphors are words that hide what a thing is. Plain names: CONTRIBUTING.md.
var metaphors = strings.Fields(`
	house houses door doors room rooms shelf shelves office offices backoffice book books desk shop
	face faces look waist tap taps pulse patient patiently patience gate gates throttle keeper
	resigned turn turns holding holdings everybody nobody whoever whom whose
	foreign stranger visit visits furnish greet settle tidy leave goon errand errands joint joints`)

// allowedNames are identifiers in which such a word is meant literally, and why.
var allowedNames = map[string]string{
	"OneTap": "the demo's sign-in is one tap on a name",
	"oneTap": "the demo's sign-in is one tap on a name",
	"visit":  "the callback of a traversal",
}

// goFiles yields every Go file of the module, tests included, by its path.
func goFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	top := root(t)
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != top && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin" || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, path)
		files[filepath.ToSlash(name)] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("found %d Go files: is this the module?", len(files))
	}
	return files
}

// camel matches the words of an identifier.
var camel = regexp.MustCompile(`[A-Z]+(?:[a-z0-9]+)?|[a-z0-9]+`)

// wordsOf splits an identifier at case and underscores: "newHTTPDoor" is new, http, door.
func wordsOf(name string) []string {
	var words []string
	for _, w := range camel.FindAllString(name, -1) {
		// "HTTPDoor" matches as one run of capitals and what follows.
		if upper := strings.IndexFunc(w, unicode.IsLower); upper > 1 {
			words = append(words, strings.ToLower(w[:upper-1]), strings.ToLower(w[upper-1:]))
			continue
		}
		words = append(words, strings.ToLower(w))
	}
	return words
}

// metaphorsIn returns the names that a file declares and that hold a metaphor.
func metaphorsIn(name string, text []byte) ([]string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, 0)
	if err != nil {
		return nil, err
	}
	var found []string
	check := func(id *ast.Ident) {
		if _, ok := allowedNames[id.Name]; ok {
			return
		}
		for _, w := range wordsOf(id.Name) {
			if slices.Contains(metaphors, w) {
				found = append(found, fmt.Sprintf("%s: %s", fset.Position(id.Pos()), id.Name))
				return
			}
		}
	}
	check(file.Name)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			check(n.Name)
		case *ast.TypeSpec:
			check(n.Name)
		case *ast.ValueSpec:
			for _, id := range n.Names {
				check(id)
			}
		case *ast.Field:
			for _, id := range n.Names {
				check(id)
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						check(id)
					}
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					check(id)
				}
			}
		}
		return true
	})
	return found, nil
}

func TestNames_NoMetaphors(t *testing.T) {
	for name, text := range goFiles(t) {
		found, err := metaphorsIn(name, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Errorf("%s: use the field's standard term (docs/architecture.md)", f)
		}
	}
}

func TestNames_CheckerFindsMetaphors(t *testing.T) {
	for src, want := range map[string]int{
		"package office": 1,
		"package a; type HTTPDoor struct{ shelf_of int }":                                  2,
		"package a; func f() { for turn := range 3 { _ = turn } }":                         1,
		"package a; func f(leaveOut int) { tapCount := 1; _ = tapCount }":                  2,
		"package a; type Doorstep struct{ interface1, outlook, surface, bookkeeping int }": 0,
		"package a; var OneTap, lookup, roomy int":                                         0,
	} {
		found, err := metaphorsIn("a.go", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != want {
			t.Errorf("metaphorsIn(%q) = %q, want %d", src, found, want)
		}
	}
}
