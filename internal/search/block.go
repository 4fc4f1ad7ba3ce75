package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// A block holds documents in list order, each with the number of its row. A few
// hundred documents a block are a good size: 256 are about 25 KB.
//
// The layout, in little-endian order: a header; the end of each document's name in the
// names; the end of each one's rest in the rests; each one's row; the names; the rests.
// Names are separate because the best matches are in names, a fifth of the block.
//
//	header   version 2, row width, end width, 0; count, names length, rests length (4 bytes each)
//	tables   count ends of names, count ends of rests (end width each), count rows (row width each)
const (
	blockVersion = 2
	blockHeader  = 16
	maxBlock     = 1 << 30
)

// ErrCorruptBlock is returned for a block that AppendBlock did not make.
var ErrCorruptBlock = errors.New("corrupt search block")

// AppendBlock appends a block of documents to dst. rows[i] is the row of docs[i]. It
// panics if their numbers differ or the documents have more than 1 GiB.
func AppendBlock(dst []byte, rows []int64, docs [][]byte) []byte {
	if len(rows) != len(docs) {
		panic(fmt.Sprintf("search: a block of %d rows and %d documents", len(rows), len(docs)))
	}
	names, rests, bitsOfRows := 0, 0, uint64(0)
	for i, doc := range docs {
		name, rest := splitDocument(doc)
		names += len(name)
		rests += len(rest)
		bitsOfRows |= uint64(rows[i])
	}
	if names+rests > maxBlock {
		panic("search: a block of more than 1 GiB")
	}
	rowWidth := max(1, (bits.Len64(bitsOfRows)+7)/8)
	endWidth := 2
	if names > 0xFFFF || rests > 0xFFFF {
		endWidth = 4
	}
	dst = append(dst, blockVersion, byte(rowWidth), byte(endWidth), 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(docs)))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(names))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(rests))
	end := 0
	for _, doc := range docs {
		name, _ := splitDocument(doc)
		end += len(name)
		dst = appendWidth(dst, uint64(end), endWidth)
	}
	end = 0
	for _, doc := range docs {
		_, rest := splitDocument(doc)
		end += len(rest)
		dst = appendWidth(dst, uint64(end), endWidth)
	}
	for _, row := range rows {
		dst = appendWidth(dst, uint64(row), rowWidth)
	}
	for _, doc := range docs {
		name, _ := splitDocument(doc)
		dst = append(dst, name...)
	}
	for _, doc := range docs {
		_, rest := splitDocument(doc)
		dst = append(dst, rest...)
	}
	return dst
}

func appendWidth(dst []byte, v uint64, width int) []byte {
	for range width {
		dst = append(dst, byte(v))
		v >>= 8
	}
	return dst
}

// ReadBlock returns the rows and copies of the documents of a block.
func ReadBlock(block []byte) (rows []int64, docs [][]byte, err error) {
	r, err := parseBlock(block)
	if err != nil {
		return nil, nil, err
	}
	rows, docs = make([]int64, r.count), make([][]byte, r.count)
	all := make([]byte, 0, len(r.names.text)+len(r.rests.text))
	for i := range docs {
		name, ok1 := r.names.record(i)
		rest, ok2 := r.rests.record(i)
		if !ok1 || !ok2 {
			return nil, nil, ErrCorruptBlock
		}
		start := len(all)
		all = append(append(all, name...), rest...)
		rows[i], docs[i] = r.row(i), all[start:len(all):len(all)]
	}
	return rows, docs, nil
}

// A blockReader reads a block in place. Its sizes are checked when it is parsed, its
// tables when they are used.
type blockReader struct {
	count    int
	names    column
	rests    column
	rows     []byte
	rowWidth int
}

// A column holds the names or the rests of a block.
type column struct {
	text []byte
	ends []byte
	wide bool // ends of 4 bytes, not 2
}

func parseBlock(b []byte) (r blockReader, err error) {
	if len(b) < blockHeader || len(b) > 2*maxBlock || b[0] != blockVersion || b[1] < 1 || b[1] > 8 || b[2] != 2 && b[2] != 4 {
		return r, ErrCorruptBlock
	}
	rowWidth, endWidth := int(b[1]), int(b[2])
	count := int64(binary.LittleEndian.Uint32(b[4:]))
	names := int64(binary.LittleEndian.Uint32(b[8:]))
	rests := int64(binary.LittleEndian.Uint32(b[12:]))
	ends := count * int64(endWidth)
	if blockHeader+2*ends+count*int64(rowWidth)+names+rests != int64(len(b)) {
		return r, ErrCorruptBlock
	}
	take := func(n int64) []byte {
		part := b[:n:n]
		b = b[n:]
		return part
	}
	take(blockHeader)
	r.count, r.rowWidth = int(count), rowWidth
	r.names.wide, r.rests.wide = endWidth == 4, endWidth == 4
	r.names.ends = take(ends)
	r.rests.ends = take(ends)
	r.rows = take(count * int64(rowWidth))
	r.names.text = take(names)
	r.rests.text = take(rests)
	return r, nil
}

func (b *blockReader) row(i int) int64 {
	var row uint64
	for j := b.rowWidth - 1; j >= 0; j-- {
		row = row<<8 | uint64(b.rows[i*b.rowWidth+j])
	}
	return int64(row)
}

// end returns the end of record i in the text, which a corrupt table may exceed.
func (c *column) end(i int) int {
	if c.wide {
		return int(binary.LittleEndian.Uint32(c.ends[4*i:]))
	}
	return int(binary.LittleEndian.Uint16(c.ends[2*i:]))
}

func (c *column) start(i int) int {
	if i == 0 {
		return 0
	}
	return c.end(i - 1)
}

// record returns the text of record i; it is not ok if the table is corrupt.
func (c *column) record(i int) ([]byte, bool) {
	start, end := c.start(i), c.end(i)
	if start > end || end > len(c.text) {
		return nil, false
	}
	return c.text[start:end], true
}

// recordAt returns the record, from i on, that contains the byte at pos: the first that
// ends after it, or count. Matches are mostly close to one another, so it searches in
// growing steps.
func (c *column) recordAt(i, count, pos int) int {
	step := 1
	for i+step <= count && c.end(i+step-1) <= pos {
		i += step
		step *= 2
	}
	// The record is among i … i+step-1.
	last := min(i+step-1, count)
	for i < last {
		mid := int(uint(i+last) / 2)
		if c.end(mid) <= pos {
			i = mid + 1
		} else {
			last = mid
		}
	}
	return i
}
