package importer

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/importer/aliases"
	"github.com/clientele-project/clientele/internal/text"
)

var (
	// amounts matches the cells of a row that sums up a table, after the first.
	amounts = regexp.MustCompile(`^([€$£¥%\s-]*(\d{1,6}|\d+[.,]\d\d|\d{1,3}([.,]\d{3})+)?([.,]\d+)?[€$£¥%\s-]*(\t|$))+$`)
	// timeOfDay is in lines that say when a report was made.
	timeOfDay = regexp.MustCompile(`\b\d\d?:\d\d\b`)
)

// textLine is why a line of a table is no customer.
const textLine = "a line of text, not a customer"

// maxNameWords is how many words a name has at most.
const maxNameWords = 12

// isFooter reports whether cells are a line of text or of sums and no row of a table.
func isFooter(cells []string) bool {
	first := slices.IndexFunc(cells, func(c string) bool { return c != "" })
	if first < 0 {
		return false
	}
	line, rest := cells[first], strings.Trim(strings.Join(cells[first+1:], "\t"), "\t")
	switch {
	case rest == "":
		return isNotice(line)
	case strings.ContainsFunc(rest, unicode.IsLetter):
		return false
	}
	return aliases.Words("total")[text.Fold(line)] && amounts.MatchString(rest)
}

// isNotice reports whether a cell that is alone in its row is a text below a table.
func isNotice(line string) bool {
	words := strings.Fields(text.Fold(line))
	if len(words) > maxNameWords || timeOfDay.MatchString(line) {
		return true
	}
	for i := range words {
		if aliases.Words("notice")[strings.Join(words[:i+1], " ")] {
			return true
		}
	}
	letters := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !strings.ContainsFunc(word, unicode.IsLetter) })
	name := strings.Join(letters, " ")
	return aliases.Words("total")[name] || len(letters) < len(words) && aliases.Words("count")[name]
}
