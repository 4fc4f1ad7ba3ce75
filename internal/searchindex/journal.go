package searchindex

import (
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"slices"
)

// An Entry says what an owner's list has at a sort key since the blocks were written. A
// change of a list writes an entry for each sort key at which the list has changed, in its
// own transaction, in place of an earlier entry of the same owner, sort key and customer.
type Entry struct {
	Owner int64
	Key   []byte
	Row   int64 // of the customer
	// Doc is the customer's document: nil when it is no longer there, empty when it is to
	// be made from the customer.
	Doc []byte
}

// compareEntries is the order of entries in runs.
func compareEntries(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Owner, b.Owner), bytes.Compare(a.Key, b.Key), cmp.Compare(a.Row, b.Row))
}

// Record writes entries into the journals of their owners. Of several for the same owner,
// sort key and customer, the last counts. It changes the order of the entries.
func (x *Index) Record(w Writer, entries []Entry) error {
	slices.Reverse(entries)
	slices.SortStableFunc(entries, compareEntries)
	entries = slices.CompactFunc(entries, func(a, b Entry) bool { return compareEntries(a, b) == 0 })
	begin, size := 0, 0
	for i, e := range entries {
		if i > begin && (entries[begin].Owner != e.Owner || i-begin >= x.sizes.Docs || size >= x.sizes.Bytes) {
			if err := putRun(w, 0, entries[begin:i]); err != nil {
				return err
			}
			begin, size = i, 0
		}
		size += len(e.Key) + len(e.Doc)
	}
	return putRun(w, 0, entries[begin:])
}

// putRun writes entries of one owner; none are no run.
func putRun(w Writer, id int64, run []Entry) error {
	if len(run) == 0 {
		return nil
	}
	var packed []byte
	for _, e := range run {
		length := 0 // of the document, and 1; 0: none
		if e.Doc != nil {
			length = len(e.Doc) + 1
		}
		packed = binary.BigEndian.AppendUint32(packed, uint32(len(e.Key)))
		packed = binary.BigEndian.AppendUint64(packed, uint64(e.Row))
		packed = binary.BigEndian.AppendUint32(packed, uint32(length))
		packed = append(append(packed, e.Key...), e.Doc...)
	}
	return w.PutRun(run[0].Owner, id, run[0].Key, len(run), packed)
}

var errCorruptRun = errors.New("corrupt run of the search journal")

// unpack returns the entries of an owner's run. They refer to its bytes.
func unpack(owner int64, packed []byte) (run []Entry, err error) {
	const header = 16
	for len(packed) > 0 {
		if len(packed) < header {
			return nil, errCorruptRun
		}
		key := int(binary.BigEndian.Uint32(packed))
		e := Entry{Owner: owner, Row: int64(binary.BigEndian.Uint64(packed[4:]))}
		length := int(binary.BigEndian.Uint32(packed[12:]))
		packed = packed[header:]
		doc := max(length-1, 0)
		if len(packed) < key+doc {
			return nil, errCorruptRun
		}
		e.Key = packed[:key:key]
		if length > 0 {
			e.Doc = packed[key : key+doc : key+doc]
		}
		packed = packed[key+doc:]
		run = append(run, e)
	}
	return run, nil
}

// newestEntries calls fn with the entries of an owner's journal that count: in list order, of
// several for the same sort key and customer the newest. Only runs that overlap are in memory
// at the same time, for a journal may be long during an import.
func newestEntries(r Reader, owner int64, fn func(e Entry) error) error {
	var runs openRuns
	var last Entry
	read := func(before []byte) error {
		for e, ok := runs.next(before); ok; e, ok = runs.next(before) {
			if last.Key != nil && compareEntries(e, last) == 0 {
				continue
			}
			last = e
			if err := fn(e); err != nil {
				return err
			}
		}
		return nil
	}
	err := r.Journal(owner, func(id int64, packed []byte) error {
		run, err := unpack(owner, packed)
		if err != nil || len(run) == 0 {
			return err
		}
		err = read(run[0].Key)
		heap.Push(&runs, openRun{id, run})
		return err
	})
	if err != nil {
		return err
	}
	return read(nil)
}

// openRuns is a heap of the runs that a search reads at the same time, each with the entries
// that are left, by the first of them.
type openRuns []openRun

type openRun struct {
	id      int64
	entries []Entry
}

func (r openRuns) Len() int      { return len(r) }
func (r openRuns) Swap(i, j int) { r[i], r[j] = r[j], r[i] }

// Less puts the newest of several entries for the same sort key and customer first.
func (r openRuns) Less(i, j int) bool {
	return cmp.Or(compareEntries(r[i].entries[0], r[j].entries[0]), cmp.Compare(r[j].id, r[i].id)) < 0
}

// Push implements heap.Interface.
func (r *openRuns) Push(x any) { *r = append(*r, x.(openRun)) }

// Pop implements heap.Interface.
func (r *openRuns) Pop() any {
	last := len(*r) - 1
	x := (*r)[last]
	(*r)[last], *r = openRun{}, (*r)[:last]
	return x
}

// next takes the first entry if it is before a sort key, nil: whatever it is.
func (r *openRuns) next(before []byte) (e Entry, ok bool) {
	if len(*r) == 0 || before != nil && bytes.Compare((*r)[0].entries[0].Key, before) >= 0 {
		return Entry{}, false
	}
	first := &(*r)[0]
	e, first.entries = first.entries[0], first.entries[1:]
	if len(first.entries) > 0 {
		heap.Fix(r, 0)
	} else {
		heap.Pop(r)
	}
	return e, true
}

// A takenRun is a run that a merger took out of the journal. The entries from begin to
// before next are merged; the others go back.
type takenRun struct {
	id          int64
	entries     []Entry
	begin, next int
}

// takeRuns takes the runs that begin before a sort key, nil: all.
func (m *merger) takeRuns(before []byte) error {
	err := m.w.TakeRuns(m.owner, before, func(id int64, packed []byte) error {
		entries, err := unpack(m.owner, packed)
		begin, _ := slices.BinarySearchFunc(entries, m.from, func(e Entry, from []byte) int { return bytes.Compare(e.Key, from) })
		m.runs = append(m.runs, takenRun{id, entries, begin, begin})
		return err
	})
	slices.SortFunc(m.runs, func(a, b takenRun) int { return cmp.Compare(a.id, b.id) })
	return err
}

// nextEntry returns the sort key of the first entry from a key on, nil when there is none.
func (m *merger) nextEntry(from []byte) ([]byte, error) {
	first, err := m.w.NextRun(m.owner, from)
	for _, r := range m.runs {
		if r.next < len(r.entries) && (first == nil || string(r.entries[r.next].Key) < string(first)) {
			first = r.entries[r.next].Key
		}
	}
	return first, err
}

// eachEntry calls fn with the entries before a sort key (nil: all) that are not merged yet:
// of several for the same key and customer, the one that counts comes last.
func (m *merger) eachEntry(before []byte, fn func(e Entry)) {
	for i := range m.runs {
		r := &m.runs[i]
		for ; r.next < len(r.entries) && (before == nil || string(r.entries[r.next].Key) < string(before)); r.next++ {
			fn(r.entries[r.next])
		}
	}
}

// putRunsBack writes the entries that were not merged into the journal again.
func (m *merger) putRunsBack() error {
	for _, r := range m.runs {
		if err := putRun(m.w, r.id, slices.Delete(r.entries, r.begin, r.next)); err != nil {
			return err
		}
	}
	return nil
}
