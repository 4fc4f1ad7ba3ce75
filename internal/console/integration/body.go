package integration

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/console/view"
)

// maxBodyShown is how much of a response body a page shows, in bytes.
const maxBodyShown = 8 << 10

// formatBody returns a body as a page shows it: JSON indented, other text as it is, at
// most maxBodyShown bytes. cut reports whether there is more.
func formatBody(content []byte) (s string, cut bool) {
	content = bytes.TrimPrefix(content, []byte("\uFEFF"))
	var pretty bytes.Buffer
	// Deep nesting is mostly indentation: show it unindented.
	if json.Valid(content) && json.Indent(&pretty, content, "", "  ") == nil && pretty.Len() < 8*len(content)+1024 {
		content = pretty.Bytes()
	}
	if len(content) > maxBodyShown {
		content, cut = content[:maxBodyShown], true
		for i := 0; i < utf8.UTFMax && !utf8.Valid(content); i++ { // whole characters
			content = content[:len(content)-1]
		}
	}
	return strings.TrimRight(view.Plain(string(content), "\n\t"), "\n"), cut
}
