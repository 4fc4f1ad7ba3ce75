package sqlite

import (
	"bytes"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// place is where a customer of this name and id stands in a list: sort key, name
// and id with a NUL between them. None of the three holds a NUL (Validate), so
// places compare bytewise as lists are ordered: by sort key, then by exact name,
// then by id.
func place(name, id string) []byte {
	key := text.SortKey(name)
	p := make([]byte, 0, len(key)+len(name)+len(id)+2)
	p = append(p, key...)
	p = append(p, 0)
	p = append(p, name...)
	p = append(p, 0)
	return append(p, id...)
}

// splitPlace takes name and id out of a place.
func splitPlace(p string) (name, id string) {
	_, rest, _ := strings.Cut(p, "\x00")
	name, id, _ = strings.Cut(rest, "\x00")
	return name, id
}

// samePlace tells whether two places are one.
func samePlace(a, b []byte) bool { return bytes.Equal(a, b) }
