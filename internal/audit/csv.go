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

// WriteCSV writes entries as RFC 4180 CSV with a header row, as UTF-8 with a byte order
// mark for spreadsheets, times in UTC. An apostrophe is put before what a spreadsheet could
// take for a formula, in a field or after a semicolon in it. detail returns the particulars
// of an entry in words. The error is that of w or of entries; the output is incomplete then.
func WriteCSV(w io.Writer, entries iter.Seq2[Entry, error], detail func(Entry) string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"id", "when", "actor", "via", "action", "subject", "name", "detail", "count", "address", "unusual", "params"}); err != nil {
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
			escapeFormula(detail(e)), count, escapeFormula(e.Address), unusual, escapeFormula(string(e.Params))}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// escapeFormula puts an apostrophe before a possible formula, even after blanks and
// quotation marks, which some spreadsheets drop. Where semicolons are the delimiter, as in
// much of Europe, cells end at those even within quotation marks.
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
