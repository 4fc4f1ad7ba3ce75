package external

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/internal/search"
)

// finding is what a local search found in one snapshot, all of it, best first.
type finding struct {
	rows    []row
	covered int
	whole   bool
	asOf    time.Time
	heard   time.Time // when the service last answered for it
}

// findingKey names a finding. The same key always has the same finding.
type findingKey struct {
	worker, query string
	extent
	whole bool
}

// find searches a snapshot: best matches first, each class in list order, the
// newest version before what else the other has.
func (s *localSearch) find(ctx context.Context, key findingKey, snap snapshot) (finding, error) {
	if f, ok := s.findings.Get(key); ok {
		return f, nil
	}
	q := search.ParseQuery(key.query)
	var found [search.ClassAny + 1][]row
	add := func(v *version, n int, wanted func(row) bool) error {
		rows := v.Rows(0, n)
		for _, block := range s.blocks(key.worker, v, n) {
			err := q.Scan(block, func(_ int, i int64, class uint8) bool {
				if int(i) >= len(rows) {
					return false // came after the snapshot
				}
				if r := rows[i]; wanted == nil || wanted(r) {
					found[class] = append(found[class], r)
				}
				return true
			})
			if err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	}
	if err := add(snap.current, snap.Rows, nil); err != nil {
		return finding{}, err
	}
	if snap.best != nil {
		other := func(r row) bool { return !snap.current.among(r.ID, snap.Rows) }
		if err := add(snap.best, snap.Further, other); err != nil {
			return finding{}, err
		}
	}
	f := finding{covered: snap.covered(), whole: snap.whole, asOf: snap.asOf, heard: snap.heard}
	size := 256
	for _, rows := range found {
		f.rows = append(f.rows, rows...)
		for _, r := range rows {
			size += rowBytes(r)
		}
	}
	s.findings.Put(key, f, size)
	return f, nil
}

// foldedKey names the folded names of a version.
type foldedKey struct{ worker, version string }

// blocks answers the first n names of a version, folded.
func (s *localSearch) blocks(worker string, v *version, n int) [][]byte {
	key := foldedKey{worker, v.ID()}
	f, ok := s.folded.Get(key)
	if !ok {
		f = new(folded)
	}
	blocks, size := f.blocks(v, n)
	s.folded.Put(key, f, size)
	return blocks
}
