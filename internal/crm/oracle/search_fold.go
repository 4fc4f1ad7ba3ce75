package external

import (
	"sync"

	"github.com/clientele-project/clientele/internal/search"
)

// foldedBlock is how many names are folded and searched together.
const foldedBlock = 512

// folded is the names of a version, folded, laid out to be searched. It grows with
// the version, as far as searches want it.
type folded struct {
	mu     sync.Mutex
	full   [][]byte // blocks of foldedBlock names
	tail   []byte   // the block of those after
	tailed int      // how many these are
	bytes  int      // of full
}

// blocks answers blocks with at least the first n rows of v, and about how much
// memory all of them take. It is folded once, so that typing on is quick.
func (f *folded) blocks(v *version, n int) (blocks [][]byte, size int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.full)*foldedBlock+f.tailed < n {
		from := len(f.full) * foldedBlock
		rows := v.Rows(from, foldedBlock)
		if len(rows) <= f.tailed {
			break // n is beyond the version
		}
		block := foldRows(rows, from)
		if len(rows) == foldedBlock {
			f.full, f.tail, f.tailed = append(f.full, block), nil, 0
			f.bytes += len(block)
		} else {
			f.tail, f.tailed = block, len(rows)
		}
	}
	blocks = f.full[:len(f.full):len(f.full)]
	if f.tailed > 0 {
		blocks = append(blocks, f.tail)
	}
	return blocks, f.bytes + len(f.tail) + 24*len(f.full) + 128
}

// foldRows makes a block of rows, numbered by their place in the version.
func foldRows(rows []row, from int) []byte {
	numbers, docs := make([]int64, len(rows)), make([][]byte, len(rows))
	all, ends := make([]byte, 0, 32*len(rows)), make([]int, len(rows))
	for i, r := range rows {
		all = search.AppendNamed(all, r.Name)
		ends[i], numbers[i] = len(all), int64(from+i)
	}
	start := 0
	for i, end := range ends {
		docs[i], start = all[start:end], end
	}
	return search.AppendBlock(nil, numbers, docs)
}
