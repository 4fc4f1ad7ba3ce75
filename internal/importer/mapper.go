package importer

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/clientele-project/clientele/internal/importer/source"
)

// mapper turns the rows of one sort of file into mapped rows.
type mapper interface {
	// begin decides what the columns are used for and checks the options against the first
	// rows. A *UsageError says which option the file needs.
	begin(first []source.Row) error
	// convert may be called concurrently.
	convert(source.Row) mappedRow
	// fields are those that the file provides.
	fields() fieldSet
	// unusedColumns are the columns or keys that no field of a customer holds, complete when
	// all rows are converted.
	unusedColumns() []string
	columns(first []source.Row) []Column
	// values returns a row's value of each column.
	values(row source.Row, columns []Column) []string
	// notes are things to know about the columns.
	notes() []string
}

// newMapper returns a mapper even with a *UsageError; its columns mean what their
// names suggest.
func newMapper(r source.Reader, v vocabulary, opts Options) (mapper, error) {
	switch r := r.(type) {
	case *source.Table:
		return newTableMapper(r, v, opts)
	case *source.Objects:
		return newJSONMapper(r, v, opts)
	case *source.Cards:
		return newCardMapper(r, opts)
	}
	panic("importer: a source without a mapper")
}

// nameSet is the names of columns without a field, for concurrent use.
type nameSet struct {
	mu    sync.Mutex
	names map[string]bool
}

func (s *nameSet) add(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.names) < 100 && !s.names[name] {
		if s.names == nil {
			s.names = map[string]bool{}
		}
		s.names[strings.Clone(name)] = true
	}
}

func (s *nameSet) sorted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.names))
}
