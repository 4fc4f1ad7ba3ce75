package audit

import (
	"encoding/csv"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// WriteCSV writes entries as RFC 4180 with a header row, as UTF-8 with a byte order
// mark (without which spreadsheets take it for something else), times in UTC.
//
// It is harmless in a spreadsheet: what could begin a formula there, in a field or after
// a semicolon in it, gets an apostrophe before it. The error is of w, or what entries ended with: then what was
// written is not all.
func WriteCSV(w io.Writer, entries iter.Seq2[Entry, error]) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"id", "when", "actor", "via", "action", "subject", "name", "detail", "count", "address", "unusual"}); err != nil {
		return err
	}
	for e, err := range entries {
		if err != nil {
			out.Flush()
			return err
		}
		count, unusual := "", ""
		if e.Count != 0 {
			count = strconv.Itoa(e.Count)
		}
		if e.Unusual {
			unusual = "unusual"
		}
		row := []string{strconv.FormatInt(e.ID, 10), e.When.UTC().Format(time.RFC3339),
			harmless(e.Actor), harmless(e.Via), harmless(string(e.Action)), harmless(e.Subject), harmless(e.Name),
			harmless(e.Detail), count, harmless(e.Address), unusual}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless puts an apostrophe before what a spreadsheet may take for a formula, also
// after blanks and quotation marks, which some of them drop. Where semicolons are the
// delimiter, as in much of Europe, the cells are cut apart at those, whatever the
// quotation marks say.
func harmless(s string) string {
	if !strings.Contains(s, ";") {
		return harmlessCell(s)
	}
	cells := strings.Split(s, ";")
	for i, cell := range cells {
		cells[i] = harmlessCell(cell)
	}
	return strings.Join(cells, ";")
}

func harmlessCell(s string) string {
	rest := strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("\"'`“”„‘’«»", r)
	})
	if s != "" && strings.ContainsRune("\t\r\n", rune(s[0])) || rest != "" && strings.ContainsRune("=+-@＝＋－＠", first(rest)) {
		return "'" + s
	}
	return s
}

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}
