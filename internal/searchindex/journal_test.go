package searchindex

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// journalInMemory is a Writer of a journal alone.
type journalInMemory struct {
	Writer
	runs []runInMemory
}

type runInMemory struct {
	id    int64
	first string
	run   []byte
}

// PutRun implements Writer.
func (j *journalInMemory) PutRun(_, id int64, first []byte, _ int, run []byte) error {
	j.runs = append(j.runs, runInMemory{id, string(first), run})
	return nil
}

// Journal implements Reader.
func (j *journalInMemory) Journal(_ int64, fn func(id int64, run []byte) error) error {
	slices.SortFunc(j.runs, func(a, b runInMemory) int { return cmp.Compare(a.first, b.first) })
	for _, r := range j.runs {
		if err := fn(r.id, r.run); err != nil {
			return err
		}
	}
	return nil
}

func TestNewestEntries(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	for range 50 {
		var j journalInMemory
		newest := map[string]string{}
		for n := range 1 + rng.IntN(20) {
			run := []Entry{}
			for range 1 + rng.IntN(10) {
				run = append(run, Entry{Key: fmt.Append(nil, rng.IntN(15)), Row: rng.Int64N(3), Doc: fmt.Append(nil, n)})
			}
			slices.SortFunc(run, compareEntries)
			run = slices.CompactFunc(run, func(a, b Entry) bool { return compareEntries(a, b) == 0 })
			for _, e := range run {
				newest[fmt.Sprintf("%s %d", e.Key, e.Row)] = string(e.Doc)
			}
			if err := putRun(&j, int64(n+1), run); err != nil {
				t.Fatal(err)
			}
		}
		var got, want []string
		err := newestEntries(&j, 0, func(e Entry) error {
			got = append(got, fmt.Sprintf("%s %d: %s", e.Key, e.Row, e.Doc))
			return nil
		})
		for _, at := range slices.Sorted(maps.Keys(newest)) {
			want = append(want, at+": "+newest[at])
		}
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("newestEntries() = %q, %v, want %q", got, err, want)
		}
	}
}

// FuzzUnpack reads runs that the database may have damaged.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x03keyd"))
	f.Add([]byte("\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x07\xff\xff\xff\xffk"))
	f.Fuzz(func(t *testing.T, packed []byte) {
		run, err := unpack(1, packed)
		bytes := 16 * len(run)
		for _, e := range run {
			bytes += len(e.Key) + len(e.Doc)
		}
		if err == nil && bytes != len(packed) || bytes > len(packed) {
			t.Errorf("unpack() = %d bytes in %d entries of %d bytes, %v", bytes, len(run), len(packed), err)
		}
	})
}
