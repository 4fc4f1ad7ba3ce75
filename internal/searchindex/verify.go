package searchindex

import (
	"context"

	"github.com/clientele-project/clientele/internal/search"
)

// Verify reports whether searches find just the customers of an owner's list. It compares
// their number and the sum of their rows, so that it needs little memory.
func Verify(ctx context.Context, r Reader, owner int64) (found, listed int64, ok bool, err error) {
	var difference int64 // between the sums
	find := func(row int64) {
		found++
		difference += row
	}
	f := finder{ctx: ctx, r: r, owner: owner}
	all, err := f.journal(func([]byte) (uint8, bool) { return 0, true })
	if err != nil {
		return 0, 0, false, err
	}
	for _, j := range all {
		if j.matches {
			find(j.row)
		}
	}
	every := func([]byte) bool { return true }
	err = r.Scan(owner, []byte{}, nil, every, func(first, block []byte) (bool, error) {
		rows, _, err := search.ReadBlock(block)
		for _, row := range rows {
			if !f.isOutdated(row, first) {
				find(row)
			}
		}
		return false, err
	})
	if err != nil {
		return 0, 0, false, err
	}
	err = r.List(owner, []byte{}, nil, func(row int64, _ []byte) (bool, error) {
		listed++
		difference -= row
		return false, ctx.Err()
	})
	return found, listed, found == listed && difference == 0, err
}
