package external

import (
	"encoding/binary"
	"strconv"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// A spot is a place in a version. Mended is set when the service failed there and
// the list went on in an older version: then it is a place in both.
type spot struct {
	version string
	from    int // rows of it that were shown
	mended  bool
	older   string
	further int // rows of the older one that were gone through
}

// pageTokens makes the walk's page tokens and reads them: sealed spots, each bound
// to the service, the worker and the query that it was made for. Under 150 bytes.
type pageTokens struct {
	sealer  Sealer
	service string
}

// tokenForm begins every token, so that a later form can be told apart.
const tokenForm = 1

func (t pageTokens) seal(s spot, worker, query string) string {
	b := []byte{tokenForm}
	b = appendText(b, s.version)
	b = binary.AppendUvarint(b, uint64(s.from))
	if s.mended {
		b = appendText(b, s.older)
		b = binary.AppendUvarint(b, uint64(s.further))
	}
	return t.sealer.Seal(b, t.context(worker, query))
}

var errForeignToken = &frontline.InvalidRequestError{
	Reason: "NextPageToken was not made by this service for this Worker and Query"}

// errOldToken is for a token whose version is held no more.
var errOldToken = &frontline.InvalidRequestError{
	Reason: "NextPageToken is too old: start again at the first page"}

// open reads a token; the only error is errForeignToken.
func (t pageTokens) open(token, worker, query string) (s spot, err error) {
	if len(token) > frontline.MaxTokenBytes {
		return spot{}, errForeignToken
	}
	plain, err := t.sealer.Open(token, t.context(worker, query))
	if err != nil || len(plain) == 0 || plain[0] != tokenForm {
		return spot{}, errForeignToken
	}
	r := reader{b: plain[1:]}
	s.version, s.from = r.text(), r.number(maxVersionRows)
	if s.mended = !r.bad && len(r.b) > 0; s.mended {
		s.older, s.further = r.text(), r.number(maxVersionRows)
	}
	if r.bad || len(r.b) > 0 {
		return spot{}, errForeignToken
	}
	return s, nil
}

// context names whose token it is, and for what. No two have the same, as the
// lengths of the parts are told.
func (t pageTokens) context(worker, query string) string {
	return sealContext("list page", t.service, text.IdentityKey(worker), query)
}

func sealContext(use string, parts ...string) string {
	for _, p := range parts {
		use += "\x00" + strconv.Itoa(len(p)) + ":" + p
	}
	return use
}

// appendText appends a text and its length.
func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader reads what was written by appendText and the like; bad tells that it was
// not all there.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

// number reads a number of at most most.
func (r *reader) number(most int) int {
	n := r.uvarint()
	if n > uint64(most) {
		r.bad, r.b = true, nil
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}
