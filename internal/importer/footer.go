package importer

import (
	"regexp"
	"slices"
)

// footer matches lines of text below a table.
var footer = regexp.MustCompile(`(?i)^\W*(` +
	`copyright|©|\(c\) |confidential|vertraulich|confidentiel|confidencial|riservato|poufne|` +
	`(grand )?total( \w+)?\W*[\d.,]*$|(summe|gesamt|gesamtsumme|totale|somme|suma|razem|итого)\W*[\d.,]*$|` +
	`(page|seite|página|pagina|strona|side|sida) \d|` +
	`(generated|exported|printed|downloaded|created|report run|erstellt|exportiert|gedruckt|généré|exporté|generado|exportado|generato|esportato)` +
	` (by|on|at|am|von|le|par|el|por|il|da)\b|` +
	`end of (report|file|list)|\d+ (records|rows|contacts|customers|results)\b|(\S+ ){12})`)

// isFooter reports whether cells are a line of text and no row of a table.
func isFooter(cells []string) bool {
	first := slices.IndexFunc(cells, func(c string) bool { return c != "" })
	return first >= 0 && !slices.ContainsFunc(cells[first+1:], func(c string) bool { return c != "" }) && footer.MatchString(cells[first])
}
