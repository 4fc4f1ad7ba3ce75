package source

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// rowsOf opens a file and returns its rows, which must be in order.
func rowsOf(t *testing.T, text string) (Reader, []Row) {
	t.Helper()
	file, err := Open(t.Context(), strings.NewReader(text), Options{})
	if err != nil {
		t.Skip(err)
	}
	defer file.Close()
	var rows []Row
	last := 1
	for {
		row, ok := file.Next()
		if !ok {
			break
		}
		if row.Line < last || len(rows) > len(text) {
			t.Fatalf("row %d is on line %d, after line %d", len(rows), row.Line, last)
		}
		last = row.Line
		rows = append(rows, row)
	}
	if err := file.Err(); err != nil {
		t.Skip(err)
	}
	return file.Reader, rows
}

func FuzzCards(f *testing.F) {
	for _, seed := range []string{
		"FN:A\nTEL;TYPE=cell;PREF=1:1\nitem1.X-ABLABEL:_$!<x>!$_\nitem1.URL:x\n",
		"N;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8ER=\n=93c;=91=BE=98Y=\n\n",
		"NOTE;ENCODING=b:QUFB\n QUFB\nX;Y=\"a;b:c\":\\n\\,\n",
		"FN:\xD0\n \x90\r\nEND:VCARDBEGIN:VCARD\rAGENT:\nBEGIN:VCARD\nEND:VCARD\n",
		"FN;CHARSET=GBK:\xCD\xF5\nORG:\xC0\xED\n\uFEFF\x00",
	} {
		f.Add("BEGIN:VCARD\n" + seed + "END:VCARD\n")
	}
	f.Fuzz(func(t *testing.T, text string) {
		reader, rows := rowsOf(t, "BEGIN:VCARD\n"+text)
		cards, ok := reader.(*Cards)
		if !ok {
			t.Skip("not read as a vCard")
		}
		for _, row := range rows {
			for _, p := range cards.Properties(row) {
				parts := strings.Join(append(p.Parts(), p.Types...), "")
				if p.Name == "" || !utf8.ValidString(p.Name+p.Label+p.Text()+p.Service+parts) || p.Preference > 101 {
					t.Errorf("property %+v of %q", p, row.Raw)
				}
			}
		}
	})
}

func FuzzObjects(f *testing.F) {
	for _, seed := range []string{
		`[{"a":1},{"b":[1,2]},"x",{"c":"\""}]`, `{"data":{"items":[{"a":1}]}}`, "{\"a\":1}\n{\"a\n{\"a\":2}\n",
		"{\n \"a\":1\n}\n{\n \"a\":[1}\n}\n", "[\n{\"a\":\n{\"b\":1},\n{\"c\":1}]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		reader, rows := rowsOf(t, text)
		objects, ok := reader.(*Objects)
		if !ok {
			t.Skip("not read as JSON")
		}
		for i, row := range rows {
			object, malformed := objects.Object(row)
			if (object == nil) == (malformed == "") {
				t.Errorf("Object(%q) = %v, %q", row.Raw, object, malformed)
			}
			if row.Item != 0 && row.Item != i+1 {
				t.Errorf("item %d of the array is numbered %d", i+1, row.Item)
			}
		}
	})
}
