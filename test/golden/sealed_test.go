package golden

import (
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// open opens what the program sealed under a label. It is a second
// implementation: the labels, the cipher and the encoding are part of what is stored.
func (w *world) open(t *testing.T, label, context, sealed string) string {
	t.Helper()
	text, err := os.ReadFile(w.database + ".secret")
	if err != nil {
		t.Fatal(err)
	}
	master, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(master) != 32 {
		t.Fatalf("the key file holds no 64 hexadecimal digits: %v", err)
	}
	key, err := hkdf.Key(sha256.New, master, nil, label, 32)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) < aead.NonceSize() {
		t.Fatalf("%s, %q: %q is not sealed: %v", label, context, sealed, err)
	}
	plain, err := aead.Open(nil, raw[:aead.NonceSize()], raw[aead.NonceSize():], []byte(context))
	if err != nil {
		t.Fatalf("%s, %q: sealed in another way: %v", label, context, err)
	}
	return string(plain)
}

// unseal opens what a sealer sealed for a purpose, and openHandle a handle.
func (w *world) unseal(t *testing.T, purpose, context, sealed string) string {
	t.Helper()
	return w.open(t, "clientele/"+purpose, context, sealed)
}

func (w *world) openHandle(t *testing.T, purpose, context, handle string) string {
	t.Helper()
	return w.open(t, "clientele handles/cipher/"+purpose, context, handle)
}

// part returns the first group of pattern in a page.
func part(t *testing.T, page, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has nothing that matches %s", pattern)
	}
	value, err := url.PathUnescape(html.UnescapeString(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// awaitCopies waits until every kind of copy is stored: the program writes them in the
// background, what it learnt of a service after ten seconds.
func awaitCopies(t *testing.T, db *sql.DB) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		kinds := rows(t, db, `SELECT DISTINCT CASE WHEN name LIKE 'd:%' THEN 'd:' ELSE name END AS kind FROM copy WHERE kind IN ('service', 'list', 'd:')`)
		if len(kinds) == 3 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the kinds of copies are %q, want service, list and d:", kinds)
		}
	}
}

// TestSealed opens everything that the program seals with an implementation of its
// own: so purposes, contexts and plain forms are pinned where they are used.
func TestSealed(t *testing.T) {
	w := makeWorld(t)
	const next = `href="/customers\?(?:[^"]*;)?page=([\w-]+)`
	token := w.unseal(t, "page tokens", "17:"+worker, part(t, w.builtInList, next))
	if token[0] != 1 || len(token) < 4 {
		t.Errorf("the built-in service's page token is %q", token)
	}
	if url := w.openHandle(t, "avatars", worker, part(t, w.fakeList, `/avatars/([\w-]+)`)); url != "https://pictures.example.com/g.png" {
		t.Errorf("the avatar's handle is of %q", url)
	}
	if id := w.openHandle(t, "masked customers", worker, part(t, w.fakeList, `/customers/(?:~|%7E)([\w-]+)`)); id != "+15550199123" {
		t.Errorf("the masked id's handle is of %q", id)
	}

	resp, _ := newClient(t, w.url).do(http.MethodGet, "/signin/provider", nil)
	cookie := resp.Cookies()
	if len(cookie) != 1 {
		t.Fatalf("GET /signin/provider sets %d cookies", len(cookie))
	}
	begun, after, _ := strings.Cut(cookie[0].Value, ".")
	if goTo, err := base64.RawURLEncoding.DecodeString(after); err != nil || string(goTo) != "/customers" {
		t.Errorf("the sign-in cookie leads on to %q", goTo)
	}
	lines := jsonKeys(t, "sign-in cookie", []byte(w.unseal(t, "sign-in", "sign-in", begun)))

	s := serve(t, "--database", w.database, "--allow-private-callbacks") // and its copies are whole when it has stopped
	c := newClient(t, s.url)
	c.signIn(worker)
	c.do(http.MethodGet, "/customers", nil)
	c.do(http.MethodGet, "/customers/g1", nil)
	s.stop()
	db := openDatabase(t, w.database)
	awaitCopies(t, db)
	copies, err := db.Query(`SELECT service, worker, name, data FROM copy WHERE worker IN ('', ?)`, worker)
	if err != nil {
		t.Fatal(err)
	}
	defer copies.Close()
	for copies.Next() {
		var service, who, name, data string
		if err := copies.Scan(&service, &who, &name, &data); err != nil {
			t.Fatal(err)
		}
		context := fmt.Sprintf("copy\x00%d:%s\x00%d:%s\x00%d:%s", len(service), service, len(who), who, len(name), name)
		plain := w.unseal(t, "copies", context, data)
		if name == "best" {
			continue // created at times
		}
		stored, err := io.ReadAll(flate.NewReader(strings.NewReader(plain[1:])))
		if err != nil {
			t.Fatalf("copy %q: %v", name, err)
		}
		lines = append(lines, fmt.Sprintf("copy %s of worker %q, form %d", name, who, plain[0]))
		stored = regexp.MustCompile(`"found":\{[^}]*\}`).ReplaceAll(stored, []byte(`"found":{"ID":"time"}`))
		lines = append(lines, jsonKeys(t, "copy "+name, stored)...)
		if page := regexp.MustCompile(next).FindStringSubmatch(w.fakeList); name == "list" && page != nil {
			plain := w.unseal(t, "copies", fmt.Sprintf("list page\x00%d:%s\x00%d:%s\x000:", len(service), service, len(who), who), page[1])
			lines = append(lines, jsonKeys(t, "page token of another service", []byte(plain))...)
		}
	}
	if err := copies.Err(); err != nil {
		t.Fatal(err)
	}
	golden(t, "sealed", lines)
}
