package source

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/text"
)

// wrappedArray returns where the first record begins in an object that only wraps an
// array of them, such as {"customers":[…]}, and how many objects are around the array; 0 when
// data is none.
func wrappedArray(data []byte, depth int) (begin, around int) {
	i := 1
	for depth < 4 {
		i += skipBytes(data[i:], blanks+",")
		n, whole := valueEnd(data[i:])
		if !whole || data[i] != '"' {
			return 0, 0
		}
		key := NameKey(string(data[i : i+n]))
		if i += n; !strings.HasPrefix(string(bytes.TrimLeft(data[i:], blanks)), ":") {
			return 0, 0
		}
		i += skipBytes(data[i:], blanks+":")
		if i == len(data) {
			return 0, 0
		}
		rest := bytes.TrimLeft(data[i+1:], blanks)
		switch {
		case isRecordKey(key):
			return 0, 0
		case data[i] == '[' && isWrapperKey(key) && len(rest) > 0 && (rest[0] == '{' || rest[0] == ']'):
			return i + 1, depth + 1
		case data[i] == '{' && isWrapperKey(key):
			if begin, around := wrappedArray(data[i:], depth+1); begin > 0 {
				return i + begin, around
			}
		}
		n, whole = valueEnd(data[i:])
		if !whole {
			return 0, 0
		}
		i += n
	}
	return 0, 0
}

func skipBytes(data []byte, cutset string) int {
	return len(data) - len(bytes.TrimLeft(data, cutset))
}

// isWrapperKey reports whether an array or object under this key can be the export.
func isWrapperKey(key string) bool {
	switch key {
	case "customers", "contacts", "objects", "data", "items", "results", "records", "rows", "value", "values",
		"people", "persons", "users", "members", "parties", "connections", "othercontacts", "entries", "hits", "edges", "nodes", "elements", "entities", "list", "response", "result", "export", "clients", "leads", "kunden", "kontakte":
		return true
	}
	return false
}

// isRecordKey reports whether an object with this key is itself a record.
func isRecordKey(key string) bool {
	switch key {
	case "customerid", "displayname", "name", "firstname", "lastname", "fullname", "channels", "email", "phone":
		return true
	}
	return false
}

// NameKey returns the name of a column or key as names are compared: its letters,
// folded.
func NameKey(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			return r
		}
		return -1
	}, text.Fold(name))
}

// valueEnd returns how long the JSON value at the beginning of data is, and whether
// its end is in data. When a string in it runs over the end of a line, or brackets do not
// match, n is where, counted from -1 down.
func valueEnd(data []byte) (n int, whole bool) {
	depth, deepest := 0, 0
	arrays := uint64(0) // a bit for each open bracket, while there are at most 64
	for i := 0; i < len(data); i++ {
		switch c := data[i]; c {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
			arrays <<= 1
			if c == '[' {
				arrays |= 1
			}
		case '}', ']':
			if depth == 0 {
				return max(i, 1), true
			}
			if deepest <= 64 && (arrays&1 == 1) != (c == ']') {
				return -1 - i, false
			}
			arrays >>= 1
			if depth--; depth == 0 {
				return i + 1, true
			}
		case '"':
			end, ok := stringEnd(data[i:])
			if end < 0 {
				return end - i, false
			}
			if i += end - 1; !ok {
				return len(data), false
			}
			if depth == 0 {
				return i + 1, true
			}
		case ' ', '\t', '\r', '\n', ',':
			if depth == 0 && i > 0 {
				return i, true
			}
		}
	}
	return len(data), false
}

// stringEnd returns how long the string at the beginning of data is, and whether its
// end is in data. When it runs over the end of a line, which no string does, n is where,
// counted from -1 down.
func stringEnd(data []byte) (n int, whole bool) {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1, true
		case '\n':
			return -1 - i, false
		}
	}
	return len(data), false
}
