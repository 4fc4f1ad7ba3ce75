package golden

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// routePattern is a text that may be a route.
var routePattern = regexp.MustCompile(`^/[a-zA-Z0-9/._{}$-]*$`)

// candidates returns every text in our Go source that may be the pattern of a route;
// constants are put together.
func candidates(t *testing.T) []string {
	t.Helper()
	files := map[string][]*ast.File{} // by directory
	set := token.NewFileSet()
	for path, text := range sources(t, ".go") {
		f, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Dir(path)] = append(files[filepath.Dir(path)], f)
	}
	found := map[string]bool{}
	for _, pkg := range files {
		consts := map[string]ast.Expr{}
		for _, f := range pkg {
			for _, d := range f.Decls {
				if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
					for _, s := range g.Specs {
						for i, n := range s.(*ast.ValueSpec).Names {
							if v := s.(*ast.ValueSpec).Values; i < len(v) {
								consts[n.Name] = v[i]
							}
						}
					}
				}
			}
		}
		var text func(e ast.Expr, depth int) string
		text = func(e ast.Expr, depth int) string {
			switch e := e.(type) {
			case *ast.BasicLit:
				s, _ := strconv.Unquote(e.Value)
				return s
			case *ast.BinaryExpr:
				return text(e.X, depth) + text(e.Y, depth)
			case *ast.Ident:
				if v := consts[e.Name]; v != nil && depth < 5 {
					return text(v, depth+1)
				}
			}
			return ""
		}
		for _, f := range pkg {
			ast.Inspect(f, func(n ast.Node) bool {
				if e, ok := n.(ast.Expr); ok {
					if s := text(e, 0); routePattern.MatchString(s) && !strings.HasSuffix(s, "/") { // routes end with {$} instead
						found[s] = true
					}
				}
				return true
			})
		}
	}
	var all []string
	for s := range found {
		all = append(all, s)
	}
	return all
}

// TestRoutes requests every path in the source, signed out, as a worker and as both kinds
// of administrator. So it finds the routes, their methods and their permissions.
func TestRoutes(t *testing.T) {
	w := makeWorld(t)
	// Sessions of their own: some routes end one.
	who := map[string]*client{}
	for _, p := range []string{worker, admin, exporter} {
		who[p] = newClient(t, w.url)
		who[p].signIn(p)
	}
	status := func(c *client, method, path string) (int, string) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, method, w.url+path, nil)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		r.Header.Set("Clientele-Part", "golden") // 401 in place of the sign-in page
		resp, err := c.http.Do(r)
		if err != nil {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			return 0, ""
		}
		if resp.Header.Get("Content-Length") != "" {
			io.Copy(io.Discard, resp.Body)
		}
		resp.Body.Close()
		return resp.StatusCode, resp.Header.Get("Allow")
	}
	probe := func(pattern string) string {
		path := regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(strings.ReplaceAll(pattern, "{$}", ""), "golden")
		anonymous := newClient(t, w.url)
		code, allow := status(anonymous, http.MethodDelete, path)
		if code == http.StatusNotFound && path == "/metrics" {
			allow = "GET" // it sends 404 for other methods
		} else if code != http.StatusMethodNotAllowed {
			return ""
		}
		method := "POST"
		if strings.Contains(allow, "GET") {
			method = "GET"
		}
		permission := "anyone"
		if code, _ := status(anonymous, method, path); code == http.StatusUnauthorized && path != "/callbacks/crm" {
			permission = "signed in"
			for _, p := range []struct{ who, next string }{{worker, "admin"}, {admin, "exporter"}} {
				if code, _ := status(who[p.who], method, path); code == http.StatusForbidden {
					permission = p.next
				}
			}
		}
		return pattern + " [" + allow + "] " + permission
	}
	var mu sync.Mutex
	var lines []string
	var group sync.WaitGroup
	semaphore := make(chan struct{}, 8)
	for _, pattern := range append(candidates(t), knownPatterns(t)...) {
		group.Go(func() {
			semaphore <- struct{}{}
			defer func() { <-semaphore }()
			if line := probe(pattern); line != "" {
				mu.Lock()
				defer mu.Unlock()
				lines = append(lines, line)
			}
		})
	}
	group.Wait()
	golden(t, "routes", lines)
}

// knownPatterns returns the patterns in testdata, so that a lost route is noticed even if
// the source no longer has its pattern in one piece.
func knownPatterns(t *testing.T) []string {
	var all []string
	for _, line := range readLines(t, "routes") {
		pattern, _, _ := strings.Cut(line, " ")
		all = append(all, pattern)
	}
	return all
}
