package console

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much of somebody else's answer a page shows, in bytes: of its body, and of a
// header's value or the like.
const (
	maxBodyShown  = 8 << 10
	MaxValueShown = 500
)

// isJSON tells whether a body is JSON.
func isJSON(content []byte) bool { return json.Valid(content) }

// formatBody is a body as a person reads it: JSON with its lines broken, anything else
// as it came, at most maxBodyShown of it. cut tells that there is more.
func formatBody(content []byte) (s string, cut bool) {
	content = bytes.TrimPrefix(content, []byte("\uFEFF"))
	var pretty bytes.Buffer
	// Deep nesting is mostly indentation: as it came is better then.
	if isJSON(content) && json.Indent(&pretty, content, "", "  ") == nil && pretty.Len() < 8*len(content)+1024 {
		content = pretty.Bytes()
	}
	if len(content) > maxBodyShown {
		content, cut = content[:maxBodyShown], true
		for i := 0; i < utf8.UTFMax && !utf8.Valid(content); i++ { // whole characters
			content = content[:len(content)-1]
		}
	}
	return strings.TrimRight(Plain(string(content), "\n\t"), "\n"), cut
}

// Line is somebody else's text on one line, at most n bytes of it.
func Line(s string, n int) string {
	if len(s) > n {
		s = s[:n] + "…"
	}
	return Plain(s, "")
}

// Plain makes everything visible that would turn, hide or break the text around it,
// but for what keep lists: the page shows what came, it does not obey it.
func Plain(s, keep string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(keep, r), r == '\u200C', r == '\u200D': // the latter join letters and emoji
			return r
		case r == '\r':
			return -1
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
}
