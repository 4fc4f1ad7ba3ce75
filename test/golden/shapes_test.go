package golden

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFileShapes pins the columns and keys of what the program writes for others.
func TestFileShapes(t *testing.T) {
	w := makeWorld(t)
	var lines []string
	header := func(name, text string) {
		first, _, _ := strings.Cut(strings.TrimPrefix(text, "\ufeff"), "\n")
		columns := strings.Split(strings.TrimRight(first, "\r"), ",")
		lines = append(lines, name+" begins with "+map[bool]string{true: "a byte order mark", false: "its columns"}[strings.HasPrefix(text, "\ufeff")])
		lines = append(lines, name+" columns, in order: "+strings.Join(columns, " "))
	}
	objects := func(name, text string) {
		for line := range strings.Lines(text) {
			lines = append(lines, jsonKeys(t, name, []byte(line))...)
		}
	}
	header("export csv", must(t, "", "export", "--format", "csv", "--database", w.database))
	objects("export json", must(t, "", "export", "--database", w.database))
	header("audit csv", must(t, "", "audit", "--database", w.database))
	objects("audit json", must(t, "", "audit", "--format", "json", "--database", w.database))
	lines = append(lines, jsonKeys(t, "user list json", []byte(must(t, "", "user", "list", "--json", "--database", w.database)))...)

	// An import with everything that it can report.
	dir := t.TempDir()
	csv, rejects := filepath.Join(dir, "a.csv"), filepath.Join(dir, "rejects.csv")
	err := os.WriteFile(csv, []byte("id,name,phone,owner,shoe size\n1,Ada Example,not a number,"+worker+",38\n,,,,\n9,,,,\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	r := runProgram(t, nil, "", "import", "--json", "--dry-run", "--prune", "--prune-anyway", "--rejects", rejects, "--database", w.database, csv)
	lines = append(lines, jsonKeys(t, "import json", []byte(r.stdout))...)
	if text, err := os.ReadFile(rejects); err == nil {
		header("import rejects", string(text))
	} else {
		t.Error(err)
	}
	golden(t, "file_shapes", lines)
}

// TestWebShapes pins the responses other than pages.
func TestWebShapes(t *testing.T) {
	w := makeWorld(t)
	anonymous := w.clients[""]
	var lines []string
	_, manifest := anonymous.do(http.MethodGet, "/manifest.webmanifest", nil)
	lines = append(lines, jsonKeys(t, "manifest", []byte(manifest))...)
	_, refusal := anonymous.do(http.MethodPost, "/callbacks/crm", nil)
	lines = append(lines, jsonKeys(t, "callback refused", []byte(refusal))...)
	for path, c := range map[string]*client{
		"/healthz": anonymous, "/readyz": anonymous, "/metrics": anonymous, "/signin": anonymous, "/customers": w.clients[worker],
		"/console/people": w.clients[admin], "/callbacks/crm": anonymous, "/nothing": anonymous,
	} {
		resp, _ := c.do(http.MethodGet, path, nil)
		for name, values := range resp.Header {
			switch name {
			case "Date", "Content-Length", "Content-Security-Policy", "Etag", "Link", "Set-Cookie", "Clientele-State", "Content-Language":
				lines = append(lines, path+" "+name)
			default:
				lines = append(lines, path+" "+name+": "+strings.Join(values, "; "))
			}
		}
	}
	golden(t, "web_shapes", lines)
}

// TestLogKeys pins the keys of log lines of requests and callbacks.
func TestLogKeys(t *testing.T) {
	w := makeWorld(t)
	lines := attributeKeys(t)
	for line := range strings.Lines(w.log(t)) {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) != nil {
			continue // the line with the address, or an incomplete one
		}
		if _, ok := entry["route"]; !ok {
			if _, ok := entry["worker"]; !ok {
				continue // a sentence
			}
		}
		keys := make([]string, 0, len(entry))
		for key := range entry {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		lines = append(lines, "request: "+strings.Join(keys, " "))
	}
	golden(t, "log_keys", lines)
}

// attributeKeys returns the keys that our source gives to log lines.
func attributeKeys(t *testing.T) []string {
	var lines []string
	for path, text := range sources(t, ".go") {
		f, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			keys := []ast.Expr(nil)
			switch x, _ := method.X.(*ast.Ident); method.Sel.Name {
			case "Debug", "Info", "Warn", "Error":
				if x != nil && x.Name == "http" {
					return true
				}
				for i := 1; i < len(call.Args); i += 2 {
					keys = append(keys, call.Args[i])
				}
			case "String", "Int", "Int64", "Bool", "Duration", "Any", "Time":
				if x != nil && x.Name == "slog" {
					keys = call.Args[:1]
				}
			}
			for _, key := range keys {
				if lit, ok := key.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					lines = append(lines, strings.Trim(lit.Value, `"`))
				}
			}
			return true
		})
	}
	return lines
}

// TestActivityLocations pins the stored kinds of requests.
func TestActivityLocations(t *testing.T) {
	w := makeWorld(t)
	s := serve(t, "--database", w.database, "--allow-private-callbacks")
	c := newClient(t, s.url)
	c.signIn(worker)
	c.do(http.MethodGet, "/customers", nil)
	c.do(http.MethodGet, "/customers/g1", nil)
	s.stop() // which writes them
	golden(t, "activity_locations", rows(t, openDatabase(t, w.database), `SELECT DISTINCT location FROM activity_call`))
}
