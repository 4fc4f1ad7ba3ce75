package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"
)

// The most that a package may hold, tests aside.
const (
	maxPackageFiles = 45
	maxPackageLines = 4500
	maxPackageTypes = 26 // exported
)

// moreTypes has packages that may export more types, by how many.
var moreTypes = map[string]int{
	"frontline": 4, // public, and cannot be divided: five interfaces of callbacks, each with what goes in and comes out, and one Client of all
}

// size is what a package holds.
type size struct{ files, lines, types int }

// add counts a file.
func (s *size) add(name string, text []byte) error {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	s.files++
	s.lines += bytes.Count(text, []byte("\n"))
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range decl.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok && t.Name.IsExported() {
				s.types++
			}
		}
	}
	return nil
}

// tooLarge returns what is too large, "" when nothing is.
func (s size) tooLarge() string {
	var over []string
	for _, c := range []struct {
		what      string
		got, most int
	}{{"files", s.files, maxPackageFiles}, {"lines", s.lines, maxPackageLines}, {"exported types", s.types, maxPackageTypes}} {
		if c.got > c.most {
			over = append(over, fmt.Sprintf("%d %s, at most %d", c.got, c.what, c.most))
		}
	}
	return strings.Join(over, "; ")
}

func TestPackages_StaySmall(t *testing.T) {
	sizes := map[string]*size{}
	for name, text := range sourceFiles(t) {
		dir := path.Dir(name)
		if sizes[dir] == nil {
			sizes[dir] = &size{}
		}
		if err := sizes[dir].add(name, text); err != nil {
			t.Fatal(err)
		}
	}
	for dir, s := range sizes {
		s.types -= moreTypes[dir]
		if over := s.tooLarge(); over != "" {
			t.Errorf("directory %s has %s: divide it by what its parts do", dir, over)
		}
	}
}

func TestPackages_CheckerFindsLargeOnes(t *testing.T) {
	var s size
	if err := s.add("a.go", []byte("package a\n\ntype A int\ntype b int\nfunc C() {}\n")); err != nil {
		t.Fatal(err)
	}
	if want := (size{1, 5, 1}); s != want {
		t.Errorf("add() = %+v, want %+v", s, want)
	}
	if got := (size{maxPackageFiles, maxPackageLines, maxPackageTypes}).tooLarge(); got != "" {
		t.Errorf("tooLarge() at the limits = %q, want none", got)
	}
	for _, s := range []size{{files: maxPackageFiles + 1}, {lines: maxPackageLines + 1}, {types: maxPackageTypes + 1}} {
		if s.tooLarge() == "" {
			t.Errorf("tooLarge() of %+v = none", s)
		}
	}
}
