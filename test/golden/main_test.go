package golden

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// See the package comment for when to use it.
var update = flag.Bool("update", false, "rewrite the lists in testdata")

// binary is the program under test, and workDir a directory for what it needs; both
// are made by TestMain.
var binary, workDir string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if workDir, err = os.MkdirTemp("", "clientele-golden-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(workDir)
	binary = filepath.Join(workDir, "clientele")
	build := exec.Command("go", "build", "-o", binary, "../../cmd/clientele")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the program: %v\n%s", err, out)
		return 1
	}
	defer stopServers()
	return m.Run()
}

// golden compares lines, sorted and each once, with testdata/name.txt.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	lines = slices.Clone(lines)
	slices.Sort(lines)
	lines = slices.Compact(lines)
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want := readLines(t, name)
	for _, line := range want {
		if !slices.Contains(lines, line) {
			t.Errorf("%s: gone or changed: %s", file, line)
		}
	}
	for _, line := range lines {
		if !slices.Contains(want, line) {
			t.Errorf("%s: new, run with -update if it is an addition: %s", file, line)
		}
	}
}

// readLines returns the lines of testdata/name.txt.
func readLines(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		if *update {
			return nil
		}
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// sources returns the files below internal with one of the extensions, by path;
// tests and their data are left out.
func sources(t *testing.T, extensions ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir("../../internal", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return filepath.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go") || !slices.Contains(extensions, filepath.Ext(path)):
			return nil
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no files with %v below internal", extensions)
	}
	return files
}
