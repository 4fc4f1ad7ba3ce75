package searchindex

import (
	"bytes"
	"context"

	"github.com/clientele-project/clientele/internal/search"
)

// Verify reports whether searches find just the customers of an owner's list: not those of a
// block with a wrong signature, which they may leave out. It compares their number and the
// sum of their rows, so that it needs little memory.
func Verify(ctx context.Context, r Reader, owner int64) (found, listed int64, ok bool, err error) {
	var difference int64 // between the sums
	find := func(row int64) {
		found++
		difference += row
	}
	f := finder{ctx: ctx, r: r, owner: owner}
	if err := f.journal(func(e Entry) { find(e.Row) }); err != nil {
		return 0, 0, false, err
	}
	var signature, right []byte
	every := func(s []byte) bool {
		signature = append(signature[:0], s...)
		return true
	}
	err = r.Scan(owner, []byte{}, nil, every, func(first, block []byte) (bool, error) {
		rows, _, err := search.ReadBlock(block)
		if err == nil && len(signature) > 0 {
			if right, err = search.AppendSignature(right[:0], block); !bytes.Equal(signature, right) {
				rows = nil
			}
		}
		outdated := f.outdated[string(first)]
		for _, row := range rows {
			if !has(outdated, row) {
				find(row)
			}
		}
		return false, err
	})
	if err != nil {
		return 0, 0, false, err
	}
	err = r.List(owner, []byte{}, nil, 0, func(row int64, _ []byte) error {
		listed++
		difference -= row
		return ctx.Err()
	})
	return found, listed, found == listed && difference == 0, err
}
