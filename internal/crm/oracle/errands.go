package external

import (
	"slices"

	"github.com/clientele-project/clientele/internal/text"
)

// errands bounds what goes on by itself for each worker after nobody waits for it
// any more. deadline bounds what a worker waits for; without this, whoever asks and
// leaves at once would leave a call in the queue each time, for all others to wait
// behind. Its owner has a lock for it, and holds that whenever it calls a method.
type errands struct {
	most int                  // for each worker
	of   map[string][]*errand // by text.IdentityKey of the worker, oldest first
}

// An errand is one thing that goes on.
type errand struct {
	worker  string // the key
	giveUp  func()
	waiting int
}

// begin notes that something begins, and that one waits for it. When there is more
// than the most, the oldest that nobody waits for is given up: giveUp is called then,
// with the lock held.
func (e *errands) begin(worker string, giveUp func()) *errand {
	if e.of == nil {
		e.of = make(map[string][]*errand)
	}
	one := &errand{worker: text.IdentityKey(worker), giveUp: giveUp, waiting: 1}
	e.of[one.worker] = append(e.of[one.worker], one)
	e.makeRoom(one.worker)
	return one
}

// join notes that one more waits.
func (e *errands) join(one *errand) { one.waiting++ }

// leave notes that one waits no more.
func (e *errands) leave(one *errand) {
	one.waiting--
	e.makeRoom(one.worker)
}

func (e *errands) makeRoom(worker string) {
	for len(e.of[worker]) > e.most {
		i := slices.IndexFunc(e.of[worker], func(one *errand) bool { return one.waiting == 0 })
		if i < 0 {
			return // somebody waits for each: that has its own bounds
		}
		oldest := e.of[worker][i]
		e.end(oldest)
		oldest.giveUp()
	}
}

// end notes that it has ended.
func (e *errands) end(one *errand) {
	of := e.of[one.worker]
	if i := slices.Index(of, one); i >= 0 {
		of = slices.Delete(of, i, i+1)
	}
	if len(of) == 0 {
		delete(e.of, one.worker)
	} else {
		e.of[one.worker] = of
	}
}
