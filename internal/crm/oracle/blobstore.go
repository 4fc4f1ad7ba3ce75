package external

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"time"
)

// The names under which a shelf keeps things in its BlobStore.
const (
	listCopy    = "list"    // the newest version of a worker's list
	bestCopy    = "best"    // the one that reaches further, if there is one
	serviceCopy = "service" // what was learnt of the service, under no worker
)

// copyForm begins every kept copy. One of another form counts as nothing there.
const copyForm = 2

// maxCopyBytes bounds what a copy may unpack to.
const maxCopyBytes = 2*maxVersionBytes + maxMet<<10

// errNoCopy tells that a kept copy is none of ours, or not one of this worker's.
var errNoCopy = errors.New("stored copy is unreadable")

// A keptList is what is kept of a list: a version with its rows and its position,
// for whom, and which customers searches brought. The worker is there byte for
// byte: the service may tell apart what counts as the same identity here.
type keptList struct {
	worker  string
	version *version
	met     []metID
}

// Of a version's bits.
const (
	bitDone = 1 << iota
	bitCapped
	bitBegun
	bitTokens
	bitRewound
	bitFull
)

// pack writes a copy: compact, and about a third the size of the names alone.
func (k keptList) pack() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte(copyForm)
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	b := appendText(nil, k.worker)
	b = binary.AppendUvarint(b, uint64(len(k.met)))
	for _, m := range k.met {
		b = binary.AppendVarint(appendText(b, m.id), m.at.UnixMilli())
	}
	if _, err := w.Write(k.version.appendTo(b)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (v *version) appendTo(b []byte) []byte {
	v.mu.RLock()
	defer v.mu.RUnlock()
	b = appendText(b, v.id)
	b = binary.AppendVarint(b, v.asOf.UnixMilli())
	b = binary.AppendVarint(b, v.heard.UnixMilli())
	var bits uint64
	for i, set := range []bool{v.done, v.capped, v.walk.begun, v.walk.tokens, v.walk.rewound, v.walk.full} {
		if set {
			bits |= 1 << i
		}
	}
	b = binary.AppendUvarint(b, bits)
	b = appendText(b, v.walk.token)
	b = appendText(b, v.walk.anchor)
	b = appendText(b, v.walk.lost)
	for _, n := range []int{v.walk.pages, v.walk.dry, v.walk.high, v.walk.tries, v.walk.restarts, v.walk.refused} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = binary.AppendUvarint(b, uint64(len(v.rows)))
	for _, r := range v.rows {
		b = appendText(appendText(appendText(b, r.ID), r.Name), r.Avatar)
	}
	return b
}

// unpack reads a copy; the only error is errNoCopy.
func unpack(copied []byte) (k keptList, err error) {
	if len(copied) == 0 || copied[0] != copyForm {
		return keptList{}, errNoCopy
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(copied[1:])), maxCopyBytes+1))
	if err != nil || len(plain) > maxCopyBytes {
		return keptList{}, errNoCopy
	}
	r := reader{b: plain}
	k.worker = r.text()
	for range r.number(maxMet) {
		k.met = append(k.met, metID{r.text(), r.milli()})
	}
	k.version = r.version()
	if r.bad || len(r.b) > 0 || k.worker == "" {
		return keptList{}, errNoCopy
	}
	return k, nil
}

func (r *reader) version() *version {
	id, asOf, heard, bits := r.text(), r.milli(), r.milli(), r.uvarint()
	v := newVersion(id, asOf)
	v.heard = heard
	v.walk = position{begun: bits&bitBegun != 0, tokens: bits&bitTokens != 0, rewound: bits&bitRewound != 0, full: bits&bitFull != 0,
		token: r.text(), anchor: r.text(), lost: r.text()}
	for _, n := range []*int{&v.walk.pages, &v.walk.dry, &v.walk.high, &v.walk.tries, &v.walk.restarts, &v.walk.refused} {
		*n = r.number(1 << 30)
	}
	n := r.number(maxVersionRows)
	if n > len(r.b)/3 { // each row has three lengths at least
		r.bad = true
		return v
	}
	rows := make([]row, 0, n)
	for range n {
		rows = append(rows, row{ID: r.text(), Name: r.text(), Avatar: r.text()})
	}
	if v.append(rows) != len(rows) || v.id == "" {
		r.bad = true
	}
	v.done, v.capped = bits&bitDone != 0, bits&bitCapped != 0
	return v
}

func (r *reader) milli() time.Time {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.bad, r.b = true, nil
		return time.Time{}
	}
	r.b = r.b[size:]
	return time.UnixMilli(n)
}
