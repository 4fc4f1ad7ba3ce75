package source

import (
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// readRows returns the lines and the cells of all rows of a CSV. A malformed row has
// "BAD" and its text.
func readRows(text string, delim byte) (lines []int, rows [][]string) {
	r := rowReader{text: newBuffer(iotest.OneByteReader(strings.NewReader(text))), delim: delim}
	for {
		row, ok := r.next()
		if !ok {
			return lines, rows
		}
		lines = append(lines, row.Line)
		if row.Malformed != "" {
			rows = append(rows, []string{"BAD", row.Raw})
		} else {
			rows = append(rows, splitRow(nil, row.Raw, delim, unquote))
		}
	}
}

func TestTable_ReadsRowsOfPeopleAndPrograms(t *testing.T) {
	for _, c := range []struct {
		name, text string
		lines      []int
		rows       [][]string
	}{
		{"plain", "a,b\nc,d\n", []int{1, 2}, [][]string{{"a", "b"}, {"c", "d"}}},
		{"no line end at the end", "a,b\nc,d", []int{1, 2}, [][]string{{"a", "b"}, {"c", "d"}}},
		{"Windows line ends", "a,b\r\nc,d\r\n", []int{1, 2}, [][]string{{"a", "b"}, {"c", "d"}}},
		{"blank lines are rows of nothing", "a\n\nb\n", []int{1, 2, 3}, [][]string{{"a"}, {""}, {"b"}}},
		{"empty fields", ",,\n", []int{1}, [][]string{{"", "", ""}}},
		{"quoted", `"a","b, c","say ""hi"""` + "\n", []int{1}, [][]string{{"a", "b, c", `say "hi"`}}},
		{"quoted over lines", "\"a\nb\",c\nd,e\n", []int{1, 3}, [][]string{{"a\nb", "c"}, {"d", "e"}}},
		{"quoted over Windows lines", "\"a\r\nb\",c\r\nd,e\r\n", []int{1, 3}, [][]string{{"a\nb", "c"}, {"d", "e"}}},
		{"blanks around", ` a , "b" , c `, []int{1}, [][]string{{"a", "b", "c"}}},
		{"a mark inside a field", `5" pipe,a"b` + "\n", []int{1}, [][]string{{`5" pipe`, `a"b`}}},
		{"marks not doubled in a quoted field", `"John "Johnny" Doe",x` + "\n", []int{1}, [][]string{{`John "Johnny" Doe`, "x"}}},
		{"an empty quoted field", `"",x` + "\n", []int{1}, [][]string{{"", "x"}}},
		{"a mark never closed at the end", "a,\"b\nc,d\ne,f\n", []int{1, 2, 3}, [][]string{{"BAD", `a,"b`}, {"c", "d"}, {"e", "f"}}},
		{"a mark never closed before quoted rows", "1,\"Anna,x\n2,\"Bob\",y\n3,\"Carl\",z\n", []int{1, 2, 3},
			[][]string{{"BAD", `1,"Anna,x`}, {"2", "Bob", "y"}, {"3", "Carl", "z"}}},
		{"a mark never closed where all is quoted", "\"1\",\"Anna,\"x\"\n\"2\",\"Bob\",\"y\"\n", []int{1, 2},
			[][]string{{"1", `Anna,"x`}, {"2", "Bob", "y"}}},
		{"byte order marks before cells", "\uFEFFa,\uFEFF\"b\",\"\uFEFFc\"\n", []int{1}, [][]string{{"a", "b", "c"}}},
		{"nothing", "", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, rows := readRows(c.text, ',')
			if diff := cmp.Diff(c.rows, rows); diff != "" {
				t.Errorf("cells (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.lines, lines); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOpen_DetectsTheDelimiter(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want byte
	}{
		"comma":                                {"name,phone\nAnna,1\n", ','},
		"semicolon":                            {"Name;Telefon\nAnna;1\n", ';'},
		"tab":                                  {"name\tphone\nAnna, Lee\t1\n", '\t'},
		"bar":                                  {"name|phone\nAnna|1\n", '|'},
		"semicolons inside quoted fields":      {"name,notes\nAnna,\"a;b;c\"\nBob,\"d;e;f\"\n", ','},
		"commas inside every field":            {"Name;Notiz\nLee, Anna;a, b\nLee, Bob;c, d\n", ';'},
		"unknown headers":                      {"q1;q2;q3\nx,y;2;3\nz;5;6,1\n", ';'},
		"a single column":                      {"name\nAnna\nBob\n", ','},
		"decimal commas and semicolons":        {"Name;Umsatz;Ort\nAnna;1,50;Bonn\nBob;2,75;Köln\n", ';'},
		"a note with line breaks and the rest": {"name;notes\nAnna;\"a,b,c\nd,e,f\ng,h\"\n", ';'},
	} {
		file, err := Open(t.Context(), strings.NewReader(c.text), Options{IsColumn: isColumn})
		if err != nil {
			t.Fatalf("Open(%q): %v", c.text, err)
		}
		if got := file.Reader.(*Table).Delim; got != c.want {
			t.Errorf("Open(%s) = delimiter %q, want %q", name, got, c.want)
		}
	}
}

// isColumn knows some columns.
func isColumn(name string) bool {
	return slices.Contains([]string{"name", "phone", "telefon", "notes", "notiz"}, strings.ToLower(name))
}

func FuzzRows(f *testing.F) {
	for _, seed := range []string{"a,b\nc,\"d\ne\"\n", `a,"b`, "\"a\"b\n\",c", "a;b\r\n", "\"\"\"\n\"\",\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := rowReader{text: newBuffer(strings.NewReader(text)), delim: ','}
		taken, line := 0, 1
		for {
			row, ok := r.next()
			if !ok {
				break
			}
			if row.Line != line {
				t.Fatalf("Line = %d, want %d", row.Line, line)
			}
			at := strings.Index(text[taken:], row.Raw)
			if at != 0 {
				t.Fatalf("Raw = %q, which is not the beginning of %q", row.Raw, text[taken:])
			}
			taken += len(row.Raw)
			for _, end := range []string{"\r\n", "\n"} {
				if strings.HasPrefix(text[taken:], end) {
					taken += len(end)
					break
				}
			}
			line = 1 + strings.Count(text[:taken], "\n")
			if len(splitRow(nil, row.Raw, ',', unquote)) == 0 {
				t.Fatalf("splitRow(%q) returns no cells", row.Raw)
			}
		}
		if taken != len(text) && strings.Trim(text[taken:], "\r") != "" {
			t.Errorf("next() leaves %q unread at the end", text[taken:])
		}
	})
}
