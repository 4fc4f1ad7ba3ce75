package importer

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// footer matches lines of text below a table.
var footer = regexp.MustCompile(`(?i)^\W*(` +
	`copyright|©|\(c\) |confidential|vertraulich|confidentiel|confidencial|riservato|poufne|` +
	`(grand )?total( \w+)?\W*[\d.,]*$|(summe|gesamt|gesamtsumme|totale|somme|suma|razem|итого)\W*[\d.,]*$|` +
	`(page|seite|página|pagina|strona|side|sida) \d|` +
	`(generated|exported|printed|downloaded|created|report run|erstellt|exportiert|gedruckt|généré|exporté|generado|exportado|generato|esportato)` +
	` (by|on|at|am|von|le|par|el|por|il|da)\b|` +
	`end of (report|file|list)|\d+ (records|rows|contacts|customers|results)\b|(\S+ ){12})`)

// totals and amounts match the first cell of a row that sums up a table, and the others.
var (
	totals  = regexp.MustCompile(`(?i)^\W*(((grand|sub) ?)?totals?|sum|count|summe|gesamt|gesamtsumme|zwischensumme|anzahl|totale|somme|suma|razem|итого|всего)\W*$`)
	amounts = regexp.MustCompile(`^([€$£¥%\s-]*(\d{1,6}|\d+[.,]\d\d|\d{1,3}([.,]\d{3})+)?([.,]\d+)?[€$£¥%\s-]*(\t|$))+$`)
)

// textLine is why a line of a table is no customer.
const textLine = "a line of text, not a customer"

// isFooter reports whether cells are a line of text or of sums and no row of a table.
func isFooter(cells []string) bool {
	first := slices.IndexFunc(cells, func(c string) bool { return c != "" })
	if first < 0 {
		return false
	}
	rest := strings.Trim(strings.Join(cells[first+1:], "\t"), "\t")
	switch {
	case rest == "":
		return footer.MatchString(cells[first])
	case strings.ContainsFunc(rest, unicode.IsLetter):
		return false
	}
	return totals.MatchString(cells[first]) && amounts.MatchString(rest)
}
