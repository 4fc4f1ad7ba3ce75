package searchindex

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"

	"github.com/clientele-project/clientele/internal/search"
)

// Classes is how many classes of match there are.
const Classes = int(search.ClassAny) + 1

// Query is a search. Wanted are the matches of class Class that follow the sort key After,
// and all matches of later classes; After is empty at the beginning.
type Query struct {
	search.Query
	Class uint8
	After []byte
	// Need is how many matches are needed.
	Need int
}

// Matches are the customers found in each class, in no particular order.
type Matches [Classes][]int64

// Find adds the first of an owner's wanted matches to found: of each class as many as are
// needed, if there are, and maybe more.
func (x *Index) Find(ctx context.Context, r Reader, owner int64, q Query, found *Matches) error {
	f := finder{ctx: ctx, r: r, owner: owner, Query: q}
	if err := f.readJournal(found); err != nil {
		return err
	}
	begin, passed, err := f.start()
	if err != nil {
		return err
	}
	behind := scan{finder: &f, r: r, from: begin, best: q.Class, passed: passed}
	if err := behind.runOnTwo(x.sizes.FewBlocks); err != nil {
		return err
	}
	head := scan{finder: &f, r: r, from: []byte{}, to: begin, best: q.Class + 1, others: &behind.found}
	if len(begin) > 0 && int(head.best) < Classes {
		if err := head.run(); err != nil {
			return err
		}
	}
	for class := range found {
		found[class] = append(append(found[class], head.found[class]...), behind.found[class]...)
	}
	return nil
}

// finder is one search among the customers of an owner.
type finder struct {
	ctx   context.Context
	r     Reader
	owner int64
	Query
	// outdated are the documents that the journal has replaced: rows, by the sort key at
	// which their block begins.
	outdated map[string]map[int64]struct{}
}

// readJournal adds the first wanted matches in the journal.
func (f *finder) readJournal(found *Matches) error {
	var n [Classes]int
	return f.journal(func(e Entry) {
		class, ok := f.Match(e.Doc)
		if ok && n[class] < f.Need && (class > f.Class || class == f.Class && bytes.Compare(e.Key, f.After) > 0) {
			found[class] = append(found[class], e.Row)
			n[class]++
		}
	})
}

// journal calls fn with the entries of the journal that count and have a document, in list
// order, and finds which documents of blocks are outdated.
func (f *finder) journal(fn func(e Entry)) error {
	f.outdated = map[string]map[int64]struct{}{}
	var begin, next []byte // of the block that covers the last entry's key
	first := true
	return newestEntries(f.r, f.owner, func(e Entry) (err error) {
		if first || next != nil && bytes.Compare(e.Key, next) >= 0 {
			if begin, next, err = f.r.Bounds(f.owner, e.Key); err != nil {
				return err
			}
			f.outdated[string(begin)], first = map[int64]struct{}{}, false
		}
		if begin != nil {
			f.outdated[string(begin)][e.Row] = struct{}{}
		}
		if e.Doc != nil && len(e.Doc) == 0 {
			e.Doc, err = f.r.Document(e.Row)
		}
		if e.Doc != nil {
			fn(e)
		}
		return errors.Join(err, f.ctx.Err())
	})
}

// start finds where the block begins that covers the key to begin after, and which of its
// customers are not behind that key.
func (f *finder) start() (begin []byte, passed map[int64]struct{}, err error) {
	if len(f.After) == 0 {
		return []byte{}, nil, nil
	}
	begin, _, err = f.r.Bounds(f.owner, f.After)
	if err != nil || begin == nil {
		return []byte{}, nil, err
	}
	after := append(bytes.Clone(f.After), 0) // the smallest sort key after it
	passed = map[int64]struct{}{}
	return begin, passed, f.r.List(f.owner, begin, after, 0, func(row int64, _ []byte) error {
		passed[row] = struct{}{}
		return nil
	})
}

// A scan looks through some of the blocks once, in list order.
type scan struct {
	*finder
	r        Reader
	from, to []byte // blocks that begin at from or later but before to (nil: all)
	best     uint8  // the first wanted class
	// Matches of others are in blocks behind these.
	others *Matches
	// Of these customers, matches of the query's class are not wanted.
	passed map[int64]struct{}

	found Matches
	// stopped is set when what is found elsewhere is enough; nil: never.
	stopped *atomic.Bool
}

// runOnTwo runs the scan of more than a few blocks on two processors, if a second Reader
// is there.
func (s *scan) runOnTwo(few int) error {
	middle, second, end, err := s.r.Half(s.owner, s.from, few)
	if err != nil {
		return err
	}
	if second == nil {
		return s.run()
	}
	defer end()
	rest := *s
	rest.r, rest.from, rest.stopped = second, middle, new(atomic.Bool)
	s.to = middle
	restDone := make(chan error)
	go func() { restDone <- rest.run() }()
	err = s.run()
	if _, more := s.worst(); !more {
		rest.stopped.Store(true)
	}
	err = errors.Join(err, <-restDone)
	for class := range s.found {
		s.found[class] = append(s.found[class], rest.found[class]...)
	}
	return err
}

// run scans until no other match is needed.
func (s *scan) run() error {
	wanted := func(signature []byte) bool {
		worst, ok := s.worst()
		return !ok || s.MayMatch(signature, worst)
	}
	return s.r.Scan(s.owner, s.from, s.to, wanted, func(first, block []byte) (enough bool, err error) {
		if err := s.ctx.Err(); err != nil {
			return false, err
		}
		worst, ok := s.worst()
		if !ok || s.stopped != nil && s.stopped.Load() {
			return true, nil
		}
		outdated := s.outdated[string(first)]
		err = s.ScanBest(block, worst, func(_ int, row int64, class uint8) bool {
			if class < s.best || class > worst || class == s.Class && has(s.passed, row) || has(outdated, row) {
				return true
			}
			s.found[class] = append(s.found[class], row)
			worst, ok = s.worst()
			return ok
		})
		return !ok, err
	})
}

// worst returns the worst class of which another match is needed; not ok when there is
// none.
func (s *scan) worst() (class uint8, ok bool) {
	sum := 0
	for c := s.Class; int(c) < Classes && sum+len(s.found[c]) < s.Need; c++ {
		if c >= s.best {
			class, ok = c, true
		}
		sum += len(s.found[c])
		if s.others != nil {
			sum += len(s.others[c])
		}
	}
	return class, ok
}

func has(set map[int64]struct{}, row int64) bool {
	_, ok := set[row]
	return ok
}
