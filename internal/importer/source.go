package importer

import (
	"bufio"
	"io"
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
	// names are the columns or keys that have no place in a customer; asked for
	// when all is converted.
	unused() []string
	// carries are the fields that the file has.
	carries() fieldSet
	// rejects is how rows that were not used are kept.
	rejects() rejectFormat
}

// open tells what the file is and answers a source over it.
func open(src io.Reader, opts Options) (source, *decoder, string, error) {
	decoded := newDecoder(src)
	buffered := bufio.NewReaderSize(decoded, sampleSize)
	v := newVocabulary()
	known := func(name string) bool {
		if v.knows(name) {
			return true
		}
		for _, m := range opts.Map {
			if exactKey(m.Column) == exactKey(name) {
				return true
			}
		}
		return false
	}
	s, err := sniff(buffered, known)
	if err != nil {
		return nil, decoded, "", err
	}
	var text io.Reader = buffered
	if s.oldMac {
		text = macReader{buffered}
	}
	w := newWindow(text)
	switch s.kind {
	case kindJSON:
		j, err := newJSONSource(w, v, opts)
		return j, decoded, "JSON", err
	case kindVCard:
		c, err := newCardSource(w, opts)
		return c, decoded, "vCard", err
	}
	t, err := newTable(w, s, v, opts)
	return t, decoded, "CSV", err
}
