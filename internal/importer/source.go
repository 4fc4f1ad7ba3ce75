package importer

import (
	"bufio"
	"io"
	"slices"
)

// source is a file of one kind.
type source interface {
	// next answers the following item, false at the end or when reading failed.
	next() (item, bool)
	// failure answers why reading ended, nil at the end of the file.
	failure() error
	// begin looks at the first items and decides what everything means; a
	// *UsageError tells that the import has to be asked for differently.
	begin(first []item) error
	// convert makes a record of an item. Several goroutines call it at once.
	convert(it item) record
	// unused are the columns or keys that have no place in a customer; asked for
	// when all is converted.
	unused() []string
	// carries are the fields that the file has.
	carries() fieldSet
	// columns are what the first items have.
	columns(first []item) []Column
	// rejects is how rows that were not used are kept.
	rejects() rejectFormat
}

// newSource tells what a text is and answers a source over it. There is one also
// beside a *UsageError, as far as the text could be understood.
func newSource(text io.Reader, opts Options) (source, kind, error) {
	buffered := bufio.NewReaderSize(text, sampleSize)
	v := newVocabulary()
	s, err := sniff(buffered, func(name string) bool {
		return v.knows(name) || slices.ContainsFunc(opts.Map, func(m Mapping) bool { return exactKey(m.Column) == exactKey(name) })
	})
	if err != nil {
		return nil, s.kind, err
	}
	text = buffered
	if s.oldMac {
		text = macReader{buffered}
	}
	w := newWindow(text)
	switch s.kind {
	case kindJSON:
		file, err := newJSONSource(w, v, opts)
		return file, s.kind, err
	case kindVCard:
		file, err := newCardSource(w, opts)
		return file, s.kind, err
	}
	file, err := newTable(w, s, v, opts)
	if file == nil {
		return nil, s.kind, err
	}
	return file, s.kind, err
}
