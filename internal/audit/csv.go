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
			escapeFormula(e.Actor), escapeFormula(e.Via), escapeFormula(string(e.Action)), escapeFormula(e.Subject), escapeFormula(e.Name),
			escapeFormula(e.Detail), count, escapeFormula(e.Address), unusual}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// escapeFormula puts an apostrophe before what a spreadsheet may take for a formula, also
// after blanks and quotation marks, which some of them drop. Where semicolons are the
// delimiter, as in much of Europe, the cells are cut apart at those, whatever the
// quotation marks say.
func escapeFormula(s string) string {
	if !strings.Contains(s, ";") {
		return escapeFormulaCell(s)
	}
	cells := strings.Split(s, ";")
	for i, cell := range cells {
		cells[i] = escapeFormulaCell(cell)
	}
	return strings.Join(cells, ";")
}

func escapeFormulaCell(s string) string {
	rest := strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("\"'`“”„‘’«»", r)
	})
	if s != "" && strings.ContainsRune("\t\r\n", rune(s[0])) || rest != "" && strings.ContainsRune("=+-@＝＋－＠", firstRune(rest)) {
		return "'" + s
	}
	return s
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}
