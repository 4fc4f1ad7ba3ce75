package builtin

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// tokens seals and opens next_page_tokens. A token is a sealed Cursor of less than 100
// bytes: worker and query are its sealing context, not its content.
type tokens struct{ sealer Sealer }

// tokenVersion is the first byte of every token.
const tokenVersion = 1

func (t tokens) seal(c customer.Cursor, context string) string {
	plain := make([]byte, 0, 24)
	plain = append(plain, tokenVersion, c.Class)
	plain = binary.AppendUvarint(plain, uint64(c.Row))
	plain = binary.AppendUvarint(plain, uint64(c.Rev))
	return t.sealer.Seal(plain, context)
}

var errInvalidToken = &frontline.InvalidRequestError{
	Reason: "NextPageToken was not made by this service for this Worker and Query"}

func (t tokens) open(token, context string) (customer.Cursor, error) {
	if len(token) > frontline.MaxTokenBytes {
		return customer.Cursor{}, errInvalidToken
	}
	plain, err := t.sealer.Open(token, context)
	if err != nil || len(plain) < 2 || plain[0] != tokenVersion {
		return customer.Cursor{}, errInvalidToken
	}
	c := customer.Cursor{Class: plain[1]}
	rest := plain[2:]
	row, n := binary.Uvarint(rest)
	if n <= 0 {
		return customer.Cursor{}, errInvalidToken
	}
	rev, m := binary.Uvarint(rest[n:])
	if m <= 0 || n+m != len(rest) || row == 0 || int64(row) < 0 || int64(rev) < 0 {
		return customer.Cursor{}, errInvalidToken
	}
	c.Row, c.Rev = int64(row), int64(rev)
	return c, nil
}

// tokenContext returns the sealing context of a worker's list or search. The length
// of the worker's key makes it unambiguous.
func tokenContext(worker, query string) string {
	key := text.IdentityKey(worker)
	return strconv.Itoa(len(key)) + ":" + key + strings.ToValidUTF8(query, "\uFFFD")
}

// checkWorker rejects an empty or invalid worker, for callers other than the handler.
func checkWorker(worker string) error {
	if worker == "" || !utf8.ValidString(worker) {
		return &frontline.InvalidRequestError{Reason: "Worker is missing or not valid text"}
	}
	return nil
}

// anchorKey is a digest of a token context and an id, both of any length.
type anchorKey [16]byte

func newAnchorKey(tokenCtx, id string) anchorKey {
	ctxSum, idSum := sha256.Sum256([]byte(tokenCtx)), sha256.Sum256([]byte(id))
	both := sha256.Sum256(append(ctxSum[:], idSum[:]...))
	return anchorKey(both[:16])
}
