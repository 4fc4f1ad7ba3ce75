package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// A block holds some documents, say of a worker's customers, one after the
// other in list order, each with the number of its row. A few hundred documents
// a block are a good measure: 256 of them are about 25 KB.
//
// The layout, in little-endian order: a header; for each document the end of its
// name in the names, then for each the end of its rest in the rests, then each
// one's row; then the names, then the rests. Names are apart because good matches
// are in names, and these are a fifth of the whole.
//
//	header   version 1, row width, end width, 0; count, names length, rests length (4 bytes each)
//	tables   count ends of names, count ends of rests (end width each), count rows (row width each)
const (
	blockVersion = 1
	blockHeader  = 16
	maxBlock     = 1 << 30
)

// ErrCorruptBlock tells that a block is not what AppendBlock made.
var ErrCorruptBlock = errors.New("corrupt search block")

// AppendBlock appends a block of documents, each to dst.
// rows[i] is the row of docs[i]. It panics when there are not as many rows as
// documents, or more than 1 GiB of documents: mistakes of the caller.
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

// BlockRows answers the rows of a block's documents, in order.
func BlockRows(block []byte) ([]int64, error) {
	v, err := parseBlock(block)
	if err != nil {
		return nil, err
	}
	rows := make([]int64, v.count)
	for i := range rows {
		rows[i] = v.row(i)
	}
	return rows, nil
}

// ReadBlock answers what a block was made from. The documents are copies.
func ReadBlock(block []byte) (rows []int64, docs [][]byte, err error) {
	v, err := parseBlock(block)
	if err != nil {
		return nil, nil, err
	}
	rows, docs = make([]int64, v.count), make([][]byte, v.count)
	all := make([]byte, 0, len(v.names.text)+len(v.rests.text))
	for i := range docs {
		name, ok1 := v.names.record(i)
		rest, ok2 := v.rests.record(i)
		if !ok1 || !ok2 {
			return nil, nil, ErrCorruptBlock
		}
		start := len(all)
		all = append(append(all, name...), rest...)
		rows[i], docs[i] = v.row(i), all[start:len(all):len(all)]
	}
	return rows, docs, nil
}
