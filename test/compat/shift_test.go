package compat

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// shift moves those times of a copy of a fixture by d that something ends by: of sessions,
// tombstones and what old anchors need, kept lists and details, the grace of the signing
// token, the activity. All else keeps its time. It is to run before the program first
// opens the copy.
//
// Some of the times are sealed. The forms of those, and the seal, are written down here a
// second time on purpose: should the program forget one, it cannot open what shift sealed.
func shift(t *testing.T, in installation, d time.Duration, m manifest) {
	t.Helper()
	db, err := sql.Open("sqlite", in.database())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := shifter{t, db, readKey(t, in.database()+".secret"), d.Truncate(time.Minute)}
	s.exec(`UPDATE session SET created = created + ?1, last_seen = last_seen + ?1, expires = expires + ?1`, s.by.Milliseconds())
	s.exec(`UPDATE copy SET expires = expires + ?`, s.by.Milliseconds())
	s.exec(`UPDATE customer SET deleted_at = deleted_at + ? WHERE deleted_at IS NOT NULL`, int64(s.by/time.Second))
	s.exec(`UPDATE renamed SET at = at + ?`, int64(s.by/time.Second))
	s.exec(`UPDATE former SET left_at = left_at + ?`, int64(s.by/time.Second))
	s.exec(`UPDATE activity_call SET at = at + ?`, s.by.Microseconds())
	s.exec(`UPDATE activity_minute SET minute = -minute`) // for a moment, as minutes are unique
	s.exec(`UPDATE activity_minute SET minute = ? - minute`, int64(s.by/time.Minute))
	s.token()
	s.copies(m)
}

type shifter struct {
	t   *testing.T
	db  *sql.DB
	key []byte
	by  time.Duration
}

func (s shifter) exec(statement string, args ...any) {
	s.t.Helper()
	if _, err := s.db.Exec(statement, args...); err != nil {
		s.t.Fatalf("%s: %v", statement, err)
	}
}

// token moves the end of the previous signing token's grace.
func (s shifter) token() {
	s.t.Helper()
	var sealed string
	if err := s.db.QueryRow(`SELECT value FROM setting WHERE name = 'auth-token'`).Scan(&sealed); err != nil {
		s.t.Fatal(err)
	}
	plain := s.jsonTime(s.open("settings", "auth-token", sealed), "previous_until")
	s.exec(`UPDATE setting SET value = ? WHERE name = 'auth-token'`, s.seal("settings", "auth-token", plain))
}

// copies moves the times in kept lists and details. Details are sealed for the customer's id,
// and kept under a digest of it: m knows the ids.
func (s shifter) copies(m manifest) {
	s.t.Helper()
	ids := make(map[string]string)
	for _, l := range m.Kept {
		for id := range l.Details {
			digest := sha256.Sum256([]byte(id))
			ids["d:"+base64.RawURLEncoding.EncodeToString(digest[:])[:22]] = id
		}
	}
	type row struct{ service, worker, name, data string }
	var all []row
	rows, err := s.db.Query(`SELECT service, worker, name, data FROM copy`)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.service, &r.worker, &r.name, &r.data); err != nil {
			s.t.Fatal(err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	moved := 0
	for _, r := range all {
		context, change := "", (func([]byte) []byte)(nil)
		switch id, known := ids[r.name]; {
		case known:
			context = strings.Join([]string{"kept details", r.service, r.worker, r.name, id}, "\x00")
			change = func(plain []byte) []byte { return s.jsonTime(plain, "at") }
		case r.name == "list", r.name == "best":
			context, change = "copy"+counted(r.service)+counted(r.worker)+counted(r.name), s.list
		case strings.HasPrefix(r.name, "d:"):
			s.t.Fatalf("stored details of a customer who is not in the manifest: %s", r.name)
		default:
			continue // no times in it
		}
		sealed := s.seal("copies", context, change(s.open("copies", context, r.data)))
		s.exec(`UPDATE copy SET data = ? WHERE service = ? AND worker = ? AND name = ?`, []byte(sealed), r.service, r.worker, r.name)
		moved++
	}
	if moved == 0 {
		s.t.Fatal("there are no copies in the fixture")
	}
}

func counted(part string) string { return "\x00" + strconv.Itoa(len(part)) + ":" + part }

// jsonTime moves one time of a JSON object.
func (s shifter) jsonTime(plain []byte, name string) []byte {
	s.t.Helper()
	var object map[string]json.RawMessage
	var at time.Time
	err := json.Unmarshal(plain, &object)
	if err == nil {
		err = json.Unmarshal(object[name], &at)
	}
	if err == nil {
		object[name], err = json.Marshal(at.Add(s.by))
	}
	if err == nil {
		plain, err = json.Marshal(object)
	}
	if err != nil {
		s.t.Fatalf("the time %s: %v", name, err)
	}
	return plain
}

// list moves the times of a kept list: when searches brought which customers, when the list
// was begun, when the service was last heard. What follows has none.
func (s shifter) list(copied []byte) []byte {
	s.t.Helper()
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(copied[1:])))
	if err != nil {
		s.t.Fatalf("a kept list: %v", err)
	}
	var out []byte
	text := func() {
		n, size := binary.Uvarint(plain)
		out, plain = append(out, plain[:size+int(n)]...), plain[size+int(n):]
	}
	milli := func() {
		n, size := binary.Varint(plain)
		out, plain = binary.AppendVarint(out, n+s.by.Milliseconds()), plain[size:]
	}
	text() // the worker
	met, size := binary.Uvarint(plain)
	out, plain = append(out, plain[:size]...), plain[size:]
	for range met {
		text()
		milli()
	}
	text() // the version's id
	milli()
	milli()
	var packed bytes.Buffer
	packed.WriteByte(copied[0])
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(append(out, plain...))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return packed.Bytes()
}

func readKey(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// aead is the cipher of a purpose.
func (s shifter) aead(purpose string) cipher.AEAD {
	s.t.Helper()
	key, err := hkdf.Key(sha256.New, s.key, nil, "clientele/"+purpose, 32)
	if err != nil {
		s.t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		s.t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		s.t.Fatal(err)
	}
	return aead
}

func (s shifter) open(purpose, context, sealed string) []byte {
	s.t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err == nil {
		raw, err = s.aead(purpose).Open(nil, nil, raw, []byte(context))
	}
	if err != nil {
		s.t.Fatalf("what was sealed for %q cannot be opened: %v", purpose, err)
	}
	return raw
}

func (s shifter) seal(purpose, context string, plain []byte) string {
	return base64.RawURLEncoding.EncodeToString(s.aead(purpose).Seal(nil, nil, plain, []byte(context)))
}
