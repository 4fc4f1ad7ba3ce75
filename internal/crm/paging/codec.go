package paging

import (
	"encoding/binary"
	"errors"
	"time"
)

// errNoSnapshot is returned for data that is no snapshot of ours.
var errNoSnapshot = errors.New("stored copy of a list is unreadable")

// Of the bits of a stored snapshot. Others were written by earlier versions.
const (
	bitDone    = 1 << 0
	bitCapped  = 1 << 1
	bitByToken = 1 << 3
	bitFull    = 1 << 5
)

// unusedNumbers is how many numbers the form has that earlier versions wrote.
const unusedNumbers = 6

// Append appends the stored form of s.
func (s *Snapshot) Append(b []byte) []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b = AppendText(b, s.id)
	b = AppendTime(AppendTime(b, s.asOf), s.heard)
	var bits uint64
	for bit, set := range map[uint64]bool{bitDone: s.state != growing, bitCapped: s.state == capped,
		bitByToken: s.next.byToken, bitFull: s.next.full} {
		if set {
			bits |= bit
		}
	}
	b = binary.AppendUvarint(b, bits)
	b = AppendText(b, s.next.token)
	b = AppendText(b, s.next.anchor)
	b = AppendText(b, "") // written by earlier versions
	b = append(b, make([]byte, unusedNumbers)...)
	b = binary.AppendUvarint(b, uint64(len(s.rows)))
	for _, r := range s.rows {
		b = AppendText(AppendText(AppendText(b, r.ID), r.Name), r.Avatar)
	}
	return b
}

// Snapshot reads what Append wrote.
func (r *Reader) Snapshot() (*Snapshot, error) {
	s := &Snapshot{id: r.Text(), asOf: r.Time(), heard: r.Time(), index: make(map[string]int32)}
	bits := r.uvarint()
	s.next = question{token: r.Text(), anchor: r.Text(), byToken: bits&bitByToken != 0, full: bits&bitFull != 0}
	r.Text()
	for range unusedNumbers {
		r.uvarint()
	}
	n := r.Number(min(MaxRows, len(r.Data)/3)) // each row has three lengths at least
	rows := make([]Row, 0, n)
	for range n {
		rows = append(rows, Row{r.Text(), r.Text(), r.Text()})
	}
	if s.append(rows) != len(rows) || s.id == "" || r.bad {
		return nil, errNoSnapshot
	}
	switch {
	case bits&bitCapped != 0:
		s.state = capped
	case bits&bitDone != 0:
		s.state = complete
	}
	return s, nil
}

// AppendText appends a text and its length.
func AppendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// AppendTime appends a time in milliseconds.
func AppendTime(b []byte, t time.Time) []byte { return binary.AppendVarint(b, t.UnixMilli()) }

// A Reader reads what AppendText and the like wrote.
type Reader struct {
	Data []byte
	bad  bool
}

// Done reports whether everything was read and well-formed.
func (r *Reader) Done() bool { return !r.bad && len(r.Data) == 0 }

func (r *Reader) fail() { r.bad, r.Data = true, nil }

func (r *Reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.Data)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.Data = r.Data[size:]
	return n
}

// Number reads a number of at most limit.
func (r *Reader) Number(limit int) int {
	n := r.uvarint()
	if n > uint64(limit) {
		r.fail()
		return 0
	}
	return int(n)
}

// Text reads a text.
func (r *Reader) Text() string {
	n := r.Number(len(r.Data))
	if n > len(r.Data) {
		r.fail()
		return ""
	}
	s := string(r.Data[:n])
	r.Data = r.Data[n:]
	return s
}

// Time reads a time.
func (r *Reader) Time() time.Time {
	n, size := binary.Varint(r.Data)
	if size <= 0 {
		r.fail()
		return time.Time{}
	}
	r.Data = r.Data[size:]
	return time.UnixMilli(n)
}
