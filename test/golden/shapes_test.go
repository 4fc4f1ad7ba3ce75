package golden

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
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

	// An import with all that it may tell of.
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

// TestWebShapes pins what browsers and callers are sent beside pages.
func TestWebShapes(t *testing.T) {
	w := makeWorld(t)
	stranger := w.clients[""]
	var lines []string
	_, manifest := stranger.do(http.MethodGet, "/manifest.webmanifest", nil)
	lines = append(lines, jsonKeys(t, "manifest", []byte(manifest))...)
	_, refusal := stranger.do(http.MethodPost, "/callbacks/crm", nil)
	lines = append(lines, jsonKeys(t, "callback refused", []byte(refusal))...)
	for path, c := range map[string]*client{
		"/healthz": stranger, "/readyz": stranger, "/metrics": stranger, "/signin": stranger, "/customers": w.clients[worker],
		"/console/people": w.clients[admin], "/callbacks/crm": stranger, "/nothing": stranger,
	} {
		resp, _ := c.do(http.MethodGet, path, nil)
		for name, values := range resp.Header {
			switch name {
			case "Date", "Content-Length", "Content-Security-Policy", "Etag", "Link", "Set-Cookie", "Clientele-State":
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
	var lines []string
	for line := range strings.Lines(w.log(t)) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			if strings.HasSuffix(line, "\n") {
				t.Errorf("not JSON: %s", line)
			}
			continue
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
		lines = append(lines, strings.Join(keys, " "))
	}
	golden(t, "log_keys", lines)
}

// TestActivityLocations pins the kinds of questions that are stored.
func TestActivityLocations(t *testing.T) {
	w := makeWorld(t)
	db := openDatabase(t, w.database)
	var lines []string
	for deadline := time.Now().Add(15 * time.Second); len(lines) < 2 && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		lines = rows(t, db, `SELECT DISTINCT location FROM activity_call`)
	}
	golden(t, "activity_locations", lines)
}
