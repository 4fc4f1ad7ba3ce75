package golden

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var migration = regexp.MustCompile(`^[0-9]{4}_\w+\.sql$`)

// TestMigrations pins the migrations: once published, a file never changes.
func TestMigrations(t *testing.T) {
	var lines []string
	for path, text := range sources(t, ".sql") {
		if name := filepath.Base(path); migration.MatchString(name) {
			lines = append(lines, fmt.Sprintf("%s/%s %x", filepath.Base(filepath.Dir(filepath.Dir(path))), name, sha256.Sum256([]byte(text))))
		}
	}
	golden(t, "migrations", lines)
}

var (
	pluralForm = regexp.MustCompile(`\.(zero|one|two|few|many|other)$`)
	quoted     = regexp.MustCompile(`"([a-z][a-z0-9._-]*)"`)
)

// TestMessageKeys pins the keys of the catalog, and those that templates use. Every
// language has the same keys, forms of plurals aside.
func TestMessageKeys(t *testing.T) {
	keys := map[string]map[string]bool{} // by language
	for path, text := range sources(t, ".json") {
		language := strings.TrimSuffix(filepath.Base(path), ".json")
		var messages map[string]string
		if err := json.Unmarshal([]byte(text), &messages); err != nil || messages == nil {
			continue
		}
		if keys[language] == nil {
			keys[language] = map[string]bool{}
		}
		for key := range messages {
			keys[language][pluralForm.ReplaceAllString(key, "")] = true
		}
	}
	english := keys["en"]
	var lines []string
	for key := range english {
		lines = append(lines, key)
	}
	for language, its := range keys {
		lines = append(lines, "language "+language)
		for key := range its {
			if !english[key] {
				t.Errorf("%s.json has %s, en.json has not", language, key)
			}
		}
		for key := range english {
			if !its[key] {
				t.Errorf("%s.json lacks %s", language, key)
			}
		}
	}
	golden(t, "message_keys", lines)

	lines = nil
	for path, text := range sources(t, ".html") {
		for _, action := range templateAction.FindAllString(text, -1) {
			for _, m := range quoted.FindAllStringSubmatch(action, -1) {
				if english[m[1]] {
					lines = append(lines, filepath.Base(path)+" "+m[1])
				}
			}
		}
	}
	golden(t, "message_keys_in_templates", lines)
}
