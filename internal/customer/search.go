package customer

import "github.com/clientele-project/clientele/internal/search"

// Query is what a worker typed to search: the rules are those of package search.
type Query = search.Query

// The classes of a match, best first. Within a class, matches come in list order.
const (
	ClassName  = search.ClassName
	ClassWords = search.ClassWords
	ClassAny   = search.ClassAny
)

// ParseQuery makes what a worker typed ready to be matched with Documents.
func ParseQuery(s string) Query { return search.ParseQuery(s) }

// AppendBlock appends a block of documents to dst: see search.AppendBlock.
func AppendBlock(dst []byte, rows []int64, docs [][]byte) []byte {
	return search.AppendBlock(dst, rows, docs)
}

// ReadBlock answers what a block was made from. The documents are copies.
func ReadBlock(block []byte) (rows []int64, docs [][]byte, err error) {
	return search.ReadBlock(block)
}
