package importer

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/rejects"
	"github.com/clientele-project/clientele/internal/importer/source"
)

// FuzzFile checks the invariants of any file.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"name,phone,owner\nAnna,1,bob\n\"Bert\nx\",\"2\n",
		"sep=;\r\nVorname;Nachname;E-Mail\r\nA;B;c@d\r\n",
		`[{"id":1,"name":"A","channels":[{"type":"sms","value":"+1 555"}],"links":["x"],"details":{"content":"x"}},7]`,
		`{"objects":{"customers":[{"display_name":"A","workers":["b"]}]}}`,
		"{\"name\":\"A\"}\n{\"name\":\n",
		"BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:=C3=\n=BC;x\nitem1.TEL;type=\"a;b\":tel:+1;ext=5\nEND:VCARD\nx",
		strings.Join(exportColumns, ",") + "\n1,A,'=1,,\"sms:+1\nemail:a\\nb\",\"x;y\\;;z\",,,,\"bob\nzoe\"\n,,,,x,y;z,,,,\n,B,,,sms: ,,,,,\n",
		"\xFF\xFEn\x00a\x00m\x00e\x00\n\x00A\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Open(t.Context(), strings.NewReader(string(data)), Options{Worker: "bob", Region: "US"})
		if file != nil {
			checkColumns(t, file)
		}
		if err != nil {
			if text := err.Error(); !utf8.ValidString(text) || strings.ContainsAny(text, "\x1b\r\n\u202e") {
				t.Errorf("the error is not safe to print: %q", text)
			}
			return
		}
		last := 0
		for rows := file.first; len(rows) > 0; rows = readRows(file.source) {
			for _, row := range rows {
				if row.Line < last || row.Line < 1 {
					t.Fatalf("line %d follows line %d", row.Line, last)
				}
				last = row.Line
				checkRow(t, file.mapper.convert(row))
			}
		}
		if limit := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1; last > limit {
			t.Errorf("line %d of a file of %d", last, limit)
		}
	})
}

func checkColumns(t *testing.T, file *File) {
	t.Helper()
	for _, c := range file.Columns() {
		if c.Field != "" && !slices.Contains(Targets(), c.Field) {
			t.Errorf("column %+v", c)
		}
		for _, sample := range c.Samples {
			if sample == "" || strings.ContainsAny(sample, "\x1b\r\n\u202e") || !utf8.ValidString(sample) {
				t.Errorf("the sample is not safe to print: %q", sample)
			}
		}
	}
}

func checkRow(t *testing.T, r mappedRow) {
	t.Helper()
	var out strings.Builder
	switch {
	case r.blank:
		if strings.Trim(r.Raw, " \t\r\n\",;|") != "" {
			t.Errorf("row %q is blank, want its text read", r.Raw)
		}
		return
	case r.reject != "" || r.skip != "":
		for _, reader := range []source.Reader{&source.Table{Delim: ','}, &source.Objects{}, &source.Cards{}} {
			rejects.New(&out, reader).Write(r.Row, r.reject+r.skip)
		}
		return
	}
	c := r.apply(customer.Customer{ID: r.id + r.hashID}, "bob")
	if c.Name == "" || c.ID == "" {
		t.Errorf("a customer without name or id: %+v", c)
	}
	if again := r.apply(c, "bob"); !same(c, again) {
		t.Errorf("applied twice:\n%+v\n%+v", c, again)
	}
	for _, ch := range c.Channels {
		if strings.TrimSpace(ch.Value) == "" || !r.allChannels && !r.providesType(ch.Type) {
			t.Errorf("channel %+v", ch)
		}
	}
	for _, remark := range r.remarks {
		if strings.ContainsAny(remark, "\x1b\r\n\u202e") {
			t.Errorf("the remark is not safe to print: %q", remark)
		}
	}
}
