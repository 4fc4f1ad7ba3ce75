// Package aliases has the names that columns and keys go by in the exports of the usual
// products and in spreadsheets, and words that their cells hold: a file for each language.
//
// A line of a file is a section and its entries. Most sections are the fields of customers.
// These hold words:
//
//   - which: words in the name of a column that only say which one of several it is
//   - yes no: what a cell of a column of flags holds
//   - fax: parts of words for a fax
//   - total: what a row that sums up a table begins with
//   - count: what a line below a table says beside a number
//   - notice: how any other line below a table begins
package aliases

import (
	"embed"
	"slices"
	"strings"
	"sync"

	"github.com/clientele-project/clientele/internal/text"
)

//go:embed *.txt
var files embed.FS

var wordSections = []string{"which", "yes no", "fax", "total", "count", "notice"}

// Names yields the sections that are fields with their names, the best first: those in
// English are better than others.
func Names(yield func(section, name string) bool) {
	for section, entry := range entries {
		if !slices.Contains(wordSections, section) && !yield(section, entry) {
			return
		}
	}
}

// Words returns the words of a section, folded.
func Words(section string) map[string]bool { return words()[section] }

var words = sync.OnceValue(func() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, section := range wordSections {
		all[section] = map[string]bool{}
	}
	for section, entry := range entries {
		if list := all[section]; list != nil {
			list[text.Fold(entry)] = true
		}
	}
	return all
})

// entries yields all entries with their sections.
func entries(yield func(section, entry string) bool) {
	list, err := files.ReadDir(".")
	if err != nil {
		panic(err)
	}
	names := []string{"en.txt"}
	for _, f := range list {
		names = append(names, f.Name())
	}
	for _, name := range slices.Compact(names) {
		content, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		for line := range strings.Lines(string(content)) {
			section, rest, ok := strings.Cut(line, ": ")
			if !ok || strings.HasPrefix(line, "#") {
				continue
			}
			for entry := range strings.SplitSeq(rest, ",") {
				if !yield(section, strings.TrimSpace(entry)) {
					return
				}
			}
		}
	}
}
