package audit

import (
	"bytes"
	"encoding/csv"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func storedDetail(e Entry) string { return e.Detail }

func sequence(all ...Entry) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// readCSV returns the rows that WriteCSV wrote, without the header.
func readCSV(t *testing.T, written []byte) [][]string {
	t.Helper()
	body, ok := bytes.CutPrefix(written, []byte("\ufeff"))
	if !ok {
		t.Fatal("WriteCSV() wrote no byte order mark")
	}
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(rows[0], ",") != "id,when,actor,via,action,subject,name,detail,count,address,unusual,params" {
		t.Errorf("WriteCSV() header = %q", rows[0])
	}
	return rows[1:]
}

func TestWriteCSV(t *testing.T) {
	var b bytes.Buffer
	err := WriteCSV(&b, sequence(Entry{ID: 7, When: time.Date(2026, 3, 1, 10, 0, 0, 123, time.FixedZone("", 3600)), Actor: "ada", Via: "console",
		Action: Reassigned, Subject: "bob, the \"old\" one", Name: "Zoë", Detail: "to eve", Count: 3, Address: "::1", Unusual: true}, Entry{ID: 6}), storedDetail)
	if err != nil {
		t.Fatal(err)
	}
	rows := readCSV(t, b.Bytes())
	for i, want := range []string{
		`7|2026-03-01T09:00:00Z|ada|console|reassigned|bob, the "old" one|Zoë|to eve|3|::1|unusual|`,
		`6|0001-01-01T00:00:00Z||||||||||`,
	} {
		if got := strings.Join(rows[i], "|"); got != want {
			t.Errorf("row %d = %s\nwant %s", i, got, want)
		}
	}
	if n := strings.Count(b.String(), "\r\n"); n != 3 {
		t.Errorf("WriteCSV() writes %d lines that end with CRLF, want 3", n)
	}
}

func TestWriteCSV_EscapesFormulas(t *testing.T) {
	for s, want := range map[string]string{
		"":                      "",
		"ada":                   "ada",
		"a=b":                   "a=b",
		"'":                     "'",
		"=1+1":                  "'=1+1",
		"+15550100":             "'+15550100",
		"-1":                    "'-1",
		"@SUM(A1)":              "'@SUM(A1)",
		"\t=1":                  "'\t=1",
		"\tx":                   "'\tx",
		"\rx":                   "'\rx",
		"\nx":                   "'\nx",
		" =1":                   "' =1",
		"\u00a0=1":              "'\u00a0=1",
		"\u3000＝1":              "'\u3000＝1",
		`"=1`:                   `'"=1`,
		"'=1":                   "''=1",
		"＝1":                    "'＝1",
		"＋1":                    "'＋1",
		"－1":                    "'－1",
		"＠x":                    "'＠x",
		"\ufeff=1":              "'\ufeff=1",
		"\u200e=1":              "'\u200e=1",
		"\x00=1":                "'\x00=1",
		"=cmd|' /C calc'!A0":    "'=cmd|' /C calc'!A0",
		"\u00e9=1":              "\u00e9=1",
		"zoë@example.com":       "zoë@example.com",
		"whatsapp:+15551234567": "whatsapp:+15551234567",
		"Ada;=1+1":              "Ada;'=1+1",
		`Ada; "=HYPERLINK("x")`: `Ada;' "=HYPERLINK("x")`,
		"=1;-1;b":               "'=1;'-1;b",
		"a;b; c":                "a;b; c",
	} {
		if got := escapeFormula(s); got != want {
			t.Errorf("escapeFormula(%q) = %q, want %q", s, got, want)
		}
		// The same in every column.
		var b bytes.Buffer
		if err := WriteCSV(&b, sequence(Entry{Actor: s, Via: s, Action: Action(s), Subject: s, Name: s, Detail: s, Address: s}), storedDetail); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(s, "\r") {
			continue // encoding/csv normalizes line ends
		}
		row := readCSV(t, b.Bytes())[0]
		for _, i := range []int{2, 3, 4, 5, 6, 7, 9} {
			if row[i] != want {
				t.Errorf("WriteCSV(%q) column %d = %q, want %q", s, i, row[i], want)
			}
		}
	}
}

func TestWriteCSV_Errors(t *testing.T) {
	broken := func(yield func(Entry, error) bool) {
		if yield(Entry{ID: 1}, nil) {
			yield(Entry{}, ErrUnavailable)
		}
	}
	var b bytes.Buffer
	if err := WriteCSV(&b, broken, storedDetail); !errors.Is(err, ErrUnavailable) {
		t.Errorf("WriteCSV(broken entries) = %v, want ErrUnavailable", err)
	}
	for n := range 3 {
		if err := WriteCSV(&limitedWriter{n}, sequence(Entry{}), storedDetail); !errors.Is(err, errFull) {
			t.Errorf("WriteCSV(writer of at most %d) = %v, want errFull", n, err)
		}
	}
}

var errFull = errors.New("full")

// limitedWriter fails after some writes.
type limitedWriter struct{ writes int }

func (f *limitedWriter) Write(p []byte) (int, error) {
	if f.writes--; f.writes <= 0 {
		return 0, errFull
	}
	return len(p), nil
}

// FuzzWriteCSV writes cleaned entries of any bytes and reads them back.
func FuzzWriteCSV(f *testing.F) {
	for _, s := range []string{"", "=1+1", " \"=x", "a,b\"c", "\r\n=1", "\xff\xfe", "\u202e=1", "＝1", strings.Repeat("é", 300), "-\x00"} {
		f.Add(s, "x")
		f.Add("x", s)
	}
	f.Fuzz(func(t *testing.T, subject, name string) {
		e := cleanEntry(Entry{Actor: name, Subject: subject, Name: name, Detail: subject + name})
		for _, s := range []string{e.Actor, e.Subject, e.Name, e.Detail} {
			if len(s) > MaxField || !utf8.ValidString(s) || strings.ContainsFunc(s, isInvisible) {
				t.Errorf("cleanEntry() turns %q into %q", subject+name, s)
			}
			if again := cleanText(s); again != s {
				t.Errorf("cleanText(%q) = %q, want it unchanged", s, again)
			}
		}
		var b bytes.Buffer
		if err := WriteCSV(&b, sequence(e, Entry{Detail: "the last"}), storedDetail); err != nil {
			t.Fatal(err)
		}
		rows := readCSV(t, b.Bytes())
		if len(rows) != 2 || rows[1][7] != "the last" {
			t.Fatalf("WriteCSV(two entries) wrote %q", rows)
		}
		for i, want := range map[int]string{2: e.Actor, 5: e.Subject, 6: e.Name, 7: e.Detail} {
			got := rows[0][i]
			if strings.ReplaceAll(got, "'", "") != strings.ReplaceAll(want, "'", "") {
				t.Errorf("column %d = %q, want %q", i, got, want)
			}
			for cell := range strings.SplitSeq(got, ";") {
				if rest := strings.TrimLeft(cell, " \u00a0\u3000\"`"); rest != "" && strings.ContainsRune("=+-@＝＋－＠", firstRune(rest)) {
					t.Errorf("a spreadsheet may evaluate %q", cell)
				}
			}
		}
	})
}

func TestWriteJSON(t *testing.T) {
	whole := Entry{ID: 7, When: time.Date(2026, 3, 1, 10, 0, 0, 123_000, time.FixedZone("", 3600)), Actor: "ada", Via: "console",
		Action: Reassigned, Subject: "<bob>", Name: "Zoë\n", Detail: "to eve", Count: 3, Address: "::1", Unusual: true}
	var b bytes.Buffer
	if err := WriteJSON(&b, sequence(whole, Entry{ID: 6, Action: SignedIn}), storedDetail); err != nil {
		t.Fatal(err)
	}
	const want = `{"id":7,"when":"2026-03-01T09:00:00.000123Z","actor":"ada","via":"console","action":"reassigned","subject":"<bob>","name":"Zoë\n","detail":"to eve","count":3,"address":"::1","unusual":true}
{"id":6,"when":"0001-01-01T00:00:00Z","action":"sign-in"}
`
	if b.String() != want {
		t.Errorf("WriteJSON() wrote\n%s\nwant\n%s", b.String(), want)
	}
	broken := func(yield func(Entry, error) bool) { yield(Entry{}, ErrUnavailable) }
	if err := WriteJSON(&b, broken, storedDetail); !errors.Is(err, ErrUnavailable) {
		t.Errorf("WriteJSON(broken entries) = %v, want ErrUnavailable", err)
	}
	if err := WriteJSON(&limitedWriter{}, sequence(whole), storedDetail); !errors.Is(err, errFull) {
		t.Errorf("WriteJSON(full writer) = %v, want errFull", err)
	}
}
