package move

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// A Result says what of a table is in both databases.
type Result struct {
	Table    string
	From, To Content
}

// Content is what a table holds.
type Content struct {
	Rows     int64
	Checksum [sha256.Size]byte // of all rows in order
}

// Same reports whether a table is the same in both databases.
func (r Result) Same() bool { return r.From == r.To }

// compare reads both databases, and returns ErrDiffer if they are not the same.
func (m *mover) compare(ctx context.Context) (results []Result, err error) {
	m.opts.Note("Comparing")
	m.done = 0
	viewErr := m.to.ViewApart(ctx, func(target *sqldb.Conn) error {
		for _, t := range tables {
			var r Result
			if r, err = m.compareTable(ctx, t, target); err != nil {
				break
			}
			results = append(results, r)
		}
		return nil
	})
	if err = errors.Join(err, m.to.Explain(viewErr)); err != nil {
		return nil, err
	}
	var differ []string
	for _, r := range results {
		if !r.Same() {
			differ = append(differ, r.Table)
		}
	}
	if differ == nil {
		return results, nil
	}
	return results, errors.Join(fmt.Errorf("%w in table %s: run the same command again: it starts over", ErrDiffer, strings.Join(differ, ", ")), m.noteDifferences(ctx))
}

// compareTable reads a table of both databases at the same time.
func (m *mover) compareTable(ctx context.Context, t table, target *sqldb.Conn) (r Result, err error) {
	r.Table = t.name
	failed := make(chan error, 1)
	go func() {
		var err error
		r.To, err = contentOf(ctx, target, t, func() {})
		failed <- m.to.Explain(err)
	}()
	r.From, err = contentOf(ctx, m.source, t, func() { m.advance(1) })
	err = errors.Join(m.from.Explain(err), <-failed)
	return r, err
}

// contentOf reads a table, and calls advance after each row.
func contentOf(ctx context.Context, c *sqldb.Conn, t table, advance func()) (content Content, err error) {
	hash := sha256.New()
	var encoded []byte
	err = t.each(c, nil, func(row []any, _ int) error {
		encoded = encoded[:0]
		for _, v := range row {
			encoded = appendValue(encoded, v)
		}
		hash.Write(encoded)
		content.Rows++
		advance()
		return ctx.Err()
	})
	hash.Sum(content.Checksum[:0])
	return content, err
}

// appendValue appends a value so that different rows never have the same encoding.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case int64:
		return binary.BigEndian.AppendUint64(append(b, 'n'), uint64(v))
	case string:
		return append(binary.BigEndian.AppendUint64(append(b, 't'), uint64(len(v))), v...)
	case []byte:
		return append(binary.BigEndian.AppendUint64(append(b, 'b'), uint64(len(v))), v...)
	}
	return append(b, '0') // NULL
}
