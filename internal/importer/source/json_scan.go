package source

import (
	"bytes"
	"iter"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/text"
)

// wrappedArray returns where the first record begins in an object that only wraps an
// array of them, such as {"customers":[…]}, or has each under its id, and how many objects
// are around the records; 0 when data is none.
func wrappedArray(data []byte, depth int) (begin, around int) {
	if hasIDs(data) {
		return 1, depth
	}
	for name, i := range members(data) {
		key := NameKey(name)
		rest := bytes.TrimLeft(data[i+1:], blanks)
		switch {
		case isRecordKey(key) || depth == 4:
			return 0, 0
		case !isWrapperKey(key):
		case data[i] == '[' && len(rest) > 0 && (rest[0] == '{' || rest[0] == ']'):
			return i + 1, depth + 1
		case data[i] == '{':
			if begin, around := wrappedArray(data[i:], depth+1); begin > 0 {
				return i + begin, around
			}
		}
	}
	return 0, 0
}

// firstPage returns what wrappedArray does, for the elements of an array that are pages of
// records: arrays, or objects that are no records themselves.
func firstPage(data []byte) (begin, around int) {
	i := skipBytes(data, blanks)
	switch page := data[i:]; {
	case len(page) == 0:
		return 0, 0
	case page[0] == '[' && bytes.HasPrefix(bytes.TrimLeft(page[1:], blanks), []byte("{")):
		return i + 1, 0
	case page[0] == '{' && !hasIDs(page):
		for name := range members(page) {
			if key := NameKey(name); isRecordKey(key) || key == "id" {
				return 0, 0
			}
		}
		if begin, around = wrappedArray(page, 0); begin > 0 {
			return i + begin, around
		}
	}
	return 0, 0
}

// members yields the names of an object's members, and where their values begin, as far as
// data has them whole.
func members(data []byte) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for i := 1; ; {
			i += skipBytes(data[min(i, len(data)):], blanks+",")
			n, whole := valueEnd(data[min(i, len(data)):])
			if !whole || data[i] != '"' {
				return
			}
			name := string(data[i : i+n])
			i += n + skipBytes(data[i+n:], blanks)
			if i == len(data) || data[i] != ':' {
				return
			}
			i++
			i += skipBytes(data[i:], blanks)
			if i == len(data) || !yield(name, i) {
				return
			}
			if n, whole = valueEnd(data[i:]); !whole {
				return
			}
			i += n
		}
	}
}

// hasIDs reports whether the first members of an object are records under their ids, as in
// {"c17":{"name":"Ann"},"c18":{"name":"Bob"}}.
func hasIDs(data []byte) bool {
	var first []string // the names of the first members of each
	for id, i := range members(data) {
		if data[i] != '{' || !strings.ContainsAny(id, "0123456789") {
			return false
		}
		for name := range members(data[i:]) {
			first = append(first, name)
			break
		}
		if len(first) == 2 {
			return first[0] == first[1]
		}
	}
	return false
}

func skipBytes(data []byte, cutset string) int {
	return len(data) - len(bytes.TrimLeft(data, cutset))
}

// isWrapperKey reports whether an array or object under this key can be the export.
func isWrapperKey(key string) bool {
	switch key {
	case "customers", "contacts", "objects", "data", "items", "results", "records", "rows", "value", "values",
		"people", "persons", "users", "members", "parties", "connections", "othercontacts", "entries", "hits", "edges", "nodes", "elements", "entities", "list", "response", "result", "export", "clients", "leads", "customer", "contact", "client", "lead", "person", "embedded", "queryresponse", "kunden", "kontakte":
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
