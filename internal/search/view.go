package search

import "encoding/binary"

// A blockReader reads a block in place. The sums of its sizes have been checked;
// what its tables say has not, and is checked on use.
type blockReader struct {
	count    int
	names    column
	rests    column
	rows     []byte
	rowWidth int
}

// An column is the names or the rests of a block.
type column struct {
	text []byte
	ends []byte
	wide bool // ends of 4 bytes, not 2
}

func parseBlock(b []byte) (v blockReader, err error) {
	if len(b) < blockHeader || len(b) > 2*maxBlock || b[0] != blockVersion || b[1] < 1 || b[1] > 8 || b[2] != 2 && b[2] != 4 {
		return v, ErrCorruptBlock
	}
	rowWidth, endWidth := int(b[1]), int(b[2])
	count := int64(binary.LittleEndian.Uint32(b[4:]))
	names := int64(binary.LittleEndian.Uint32(b[8:]))
	rests := int64(binary.LittleEndian.Uint32(b[12:]))
	ends := count * int64(endWidth)
	if blockHeader+2*ends+count*int64(rowWidth)+names+rests != int64(len(b)) {
		return v, ErrCorruptBlock
	}
	take := func(n int64) []byte {
		part := b[:n:n]
		b = b[n:]
		return part
	}
	take(blockHeader)
	v.count, v.rowWidth = int(count), rowWidth
	v.names.wide, v.rests.wide = endWidth == 4, endWidth == 4
	v.names.ends = take(ends)
	v.rests.ends = take(ends)
	v.rows = take(count * int64(rowWidth))
	v.names.text = take(names)
	v.rests.text = take(rests)
	return v, nil
}

func (v *blockReader) row(i int) int64 {
	var row uint64
	for j := v.rowWidth - 1; j >= 0; j-- {
		row = row<<8 | uint64(v.rows[i*v.rowWidth+j])
	}
	return int64(row)
}

// end is where record i ends in the text, if the table is right.
func (a *column) end(i int) int {
	if a.wide {
		return int(binary.LittleEndian.Uint32(a.ends[4*i:]))
	}
	return int(binary.LittleEndian.Uint16(a.ends[2*i:]))
}

func (a *column) start(i int) int {
	if i == 0 {
		return 0
	}
	return a.end(i - 1)
}

// record is the text of record i; not ok when the table cannot be right.
func (a *column) record(i int) ([]byte, bool) {
	start, end := a.start(i), a.end(i)
	if start > end || end > len(a.text) {
		return nil, false
	}
	return a.text[start:end], true
}

// recordAt is the record, i or a later one, that holds the byte at pos: the first
// that ends after it. It is count when there is none. Matches are mostly near
// one another, so the steps grow as it goes.
func (a *column) recordAt(i, count, pos int) int {
	step := 1
	for i+step <= count && a.end(i+step-1) <= pos {
		i += step
		step *= 2
	}
	// The holder is among i … i+step-1.
	last := min(i+step-1, count)
	for i < last {
		mid := int(uint(i+last) / 2)
		if a.end(mid) <= pos {
			i = mid + 1
		} else {
			last = mid
		}
	}
	return i
}
