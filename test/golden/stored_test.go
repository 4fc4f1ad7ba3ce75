package golden

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
)

func openDatabase(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// rows returns the rows of a query, the columns with a blank between them.
func rows(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	found, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for found.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, v := range values {
			words = append(words, v.String)
		}
		all = append(all, strings.Join(words, " "))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestSchema pins the tables, columns and indexes of a fresh database.
func TestSchema(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fresh.db")
	must(t, password+"\n", "user", "add", worker, "--database", file, "--password-stdin")
	db := openDatabase(t, file)
	lines := rows(t, db, `SELECT 'pragma application_id', application_id FROM pragma_application_id
		UNION ALL SELECT 'pragma user_version', user_version FROM pragma_user_version`)
	lines = append(lines, rows(t, db, `SELECT 'column', s.name || '.' || c.name, c.type, iif(c."notnull", 'NOT NULL', ''), coalesce('default ' || c.dflt_value, '')
		FROM sqlite_schema s, pragma_table_xinfo(s.name) c WHERE s.type = 'table'`)...)
	comment, blank := regexp.MustCompile(`--[^\n]*`), regexp.MustCompile(`\s+`)
	for _, text := range rows(t, db, `SELECT type, name, 'on', tbl_name, coalesce(sql, 'automatic') FROM sqlite_schema`) {
		lines = append(lines, blank.ReplaceAllString(comment.ReplaceAllString(text, ""), " "))
	}
	golden(t, "schema", lines)
}

// jsonKeys returns the keys of a JSON value with the kinds of what they hold.
func jsonKeys(t *testing.T, prefix string, data []byte) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v\n%s", prefix, err, data)
	}
	var lines []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				walk(path+" ."+key, value)
			}
			return
		case []any:
			for _, value := range v {
				walk(path+"[]", value)
			}
			lines = append(lines, path+" list")
		case string:
			lines = append(lines, path+" text")
		case float64:
			lines = append(lines, path+" number")
		case bool:
			lines = append(lines, path+" bool")
		default:
			lines = append(lines, path+" null")
		}
	}
	walk(prefix, v)
	return lines
}

// TestSettings pins the names of the settings and what is sealed in them.
func TestSettings(t *testing.T) {
	w := makeWorld(t)
	db := openDatabase(t, w.database)
	var lines []string
	for _, name := range rows(t, db, `SELECT name FROM setting`) {
		var sealed string
		if err := db.QueryRow(`SELECT value FROM setting WHERE name = ?`, name).Scan(&sealed); err != nil {
			t.Fatal(err)
		}
		plain := w.unseal(t, "settings", name, sealed)
		if strings.HasPrefix(plain, "{") {
			lines = append(lines, jsonKeys(t, name, []byte(plain))...)
		} else {
			lines = append(lines, name+" = "+plain)
		}
	}
	golden(t, "settings", lines)
}

// TestSettings_Conversations pins what is sealed in the settings of conversations. The
// world has none, so that it calls no messaging service.
func TestSettings_Conversations(t *testing.T) {
	w := &world{database: filepath.Join(t.TempDir(), "conversations.db")}
	key, _, err := secret.Load(w.database + ".secret")
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), w.database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := settings.NewService(db.Settings(), key.Sealer(settings.SealerPurpose), nil)
	sid := strings.Repeat("0a", 16)
	_, _, err = s.SaveConversations(t.Context(), func(c *settings.Conversations) {
		addresses := settings.ProxyAddresses{Default: "+15557040102", Workers: map[string]string{worker: "+15557040103"}}
		*c = settings.Conversations{AccountSID: "AC" + sid, AuthToken: "token", APIKey: "SK" + sid, APISecret: "secret", ServiceSID: "IS" + sid,
			SMS: addresses, WhatsApp: addresses, Relay: "https://a.example/", Routing: "https://b.example/",
			Fallback: settings.FallbackWorker, Worker: worker}
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = s.SaveTemplates(t.Context(), func(all *settings.Templates) {
		all.Categories = []settings.TemplateCategory{{Name: "Openers", Templates: []settings.Template{{Text: "Hello {{customer}}",
			WhatsAppApproved: true, ContentSID: "HX" + sid, Variables: map[string]string{"1": "{{customer}}"}}}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, name := range []string{"conversations", "templates"} {
		sealed, err := db.Settings().Setting(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, jsonKeys(t, name, []byte(w.unseal(t, "settings", name, sealed)))...)
	}
	golden(t, "settings_conversations", lines)
}

// TestStoredKinds pins the values that tell kinds of rows and of audit entries apart.
func TestStoredKinds(t *testing.T) {
	w := makeWorld(t)
	// Every action that can be filtered by, as the help lists them.
	var lines []string
	actions := strings.Fields(strings.TrimRight(actionList.FindString(commandHelp(t, "audit")), "."))
	if r := runProgram(t, nil, "", "audit", "--action", strings.Join(actions, ""), "--database", "/nonexistent/a.db"); len(actions) == 0 || r.code == 2 {
		t.Errorf("clientele help audit lists %q, which --action refuses: %s", actions, r.stderr)
	}
	for _, name := range actions {
		lines = append(lines, "action "+strings.TrimSuffix(name, ","))
	}
	lines = append(lines, strings.Split(strings.TrimSpace(auditOptions(t, w)), "\n")...)
	db := openDatabase(t, w.database)
	for _, query := range []string{
		`SELECT DISTINCT 'audit', action, via, iif(action = 'setting', subject, '') FROM audit WHERE action <> 'audit-export'`,
		`SELECT DISTINCT 'role', role FROM person`,
	} {
		lines = append(lines, rows(t, db, query)...)
	}
	golden(t, "stored_kinds", lines)
}

var actionList = regexp.MustCompile(`(?m)^[a-z-]+(?:,\s+[a-z-]+)+\.$`)

var option = regexp.MustCompile(`<option value="([^"]*)"`)

// auditOptions returns the kinds of entries that the console can filter by.
func auditOptions(t *testing.T, w *world) string {
	t.Helper()
	resp, body := w.clients[admin].do(http.MethodGet, "/console/audit", nil)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET /console/audit: %s", resp.Status)
	}
	var b strings.Builder
	for _, m := range option.FindAllStringSubmatch(body, -1) {
		b.WriteString("filter " + m[1] + "\n")
	}
	return b.String()
}
