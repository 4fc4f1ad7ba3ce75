package customer

import "github.com/clientele-project/clientele/internal/search"

// Query is a parsed search query. Package search has its rules.
type Query = search.Query

// Classes of a match, best first. Within a class, matches are in list order.
const (
	ClassName  = search.ClassName
	ClassWords = search.ClassWords
	ClassAny   = search.ClassAny
)

// ParseQuery parses what a worker typed, to be matched with Documents.
func ParseQuery(s string) Query { return search.ParseQuery(s) }

// AppendBlock appends a block of documents to dst, as search.AppendBlock does.
func AppendBlock(dst []byte, rows []int64, docs [][]byte) []byte {
	return search.AppendBlock(dst, rows, docs)
}

// ReadBlock returns the contents of a block. The documents are copies.
func ReadBlock(block []byte) (rows []int64, docs [][]byte, err error) {
	return search.ReadBlock(block)
}
