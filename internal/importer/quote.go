package importer

import (
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// maxQuoted bounds a text of the file in a message, in characters.
const maxQuoted = 60

// quote returns a text of the file for a message.
func quote(s string) string { return `"` + sanitizeTo(s, maxQuoted) + `"` }

// sanitizeTo returns a text of the file that is safe to print, of at most so many characters.
func sanitizeTo(s string, limit int) string { return text.Printable(s, limit) }

// quoteAll quotes the names of columns, as many as fit on a screen.
func quoteAll(names []string) string {
	const limit = 40
	var quoted []string
	for _, name := range names[:min(len(names), limit)] {
		quoted = append(quoted, quote(name))
	}
	if len(names) > limit {
		quoted = append(quoted, "and more")
	}
	return strings.Join(quoted, ", ")
}
