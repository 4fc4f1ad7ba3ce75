package external

import (
	"hash/fnv"
	"slices"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

const (
	// drySpare is how many answers in a row beyond those that brought anything may
	// bring nothing new: so many may be needed to go through a list once more.
	drySpare = 3
	// maxTries is how many anchors before one that led astray are tried: the
	// customers deleted at once, most likely, are fewer.
	maxTries = 2
	// maxRestarts is how often a walk may go through known rows from the beginning
	// before it gets anything new.
	maxRestarts = 2
	// headRows are the first rows, by which the beginning of a list is known again,
	// also when one of them is gone.
	headRows = 3
)

// position is where a walk goes on.
type position struct {
	begun bool // the first page was had
	// token or anchor asks for the page after the last one; both are "" before the
	// first page, and when there is no more to ask.
	token, anchor string
	tokens        bool   // the service gave a token in this walk
	pages         int    // answers that brought something new
	dry           int    // answers in a row that did not
	high          int    // the place of the last row of the last answer
	tries         int    // anchors tried before the one that led astray
	lost          string // that one
	sure          bool   // it was asked with twice
	restarts      int    // since something new came
	refused       int    // times in a row that the token was refused
	failed        int    // times in a row that the service failed at the anchor
	rewound       bool   // it went back to the first page since something new came
	full          bool   // the last answer with rows had as many as there are on a page

	used map[uint64]struct{} // tokens and anchors that were asked with
}

// An outcome is what an answer was good for.
type outcome struct {
	fresh int // rows that are new
	// ignored tells that the service seems not to look at anchors, minded that it
	// does.
	ignored, minded bool
}

// take adds an answer, and decides where the walk goes on or that it has ended.
// A service may do anything: what it says counts only as long as there is
// something new, or a reason to expect it. Every row has an id and a name; deaf
// tells that the service is known not to look at anchors.
func (v *version) take(rows []row, token string, now time.Time, deaf bool) (o outcome) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.steps++
	v.heard = now.Truncate(time.Millisecond)
	p := &v.walk
	known := len(v.rows)
	if o.fresh = v.append(rows); o.fresh > 0 {
		p.pages++
		p.dry, p.rewound = 0, false
	} else {
		p.dry++
	}
	first := !p.begun
	p.begun, p.refused, p.failed = true, 0, 0
	// Known before, the list's beginning, and no further on than the answer before:
	// where pages are small, the next ones are of the first rows too.
	low, high := v.span(rows)
	again := !first && low < min(headRows, known) && high <= p.high
	p.high = high
	var end bool
	switch {
	case token != "":
		end = p.byToken(token, o.fresh, again)
	case p.tokens, first && len(rows) == 0:
		end = true // told so
	case len(rows) == 0:
		end = p.byNothing(v)
	case first:
		p.anchor = rows[len(rows)-1].ID
	default:
		o.minded = o.fresh > 0 && !again
		end, o.ignored = p.byAnchor(v, rows, o.fresh, again, deaf)
	}
	if len(rows) > 0 {
		p.full = len(rows) >= frontline.DefaultPageSize || p.pages > 1 && len(rows)*p.pages >= len(v.rows)
	}
	if v.done = v.done || end; v.done {
		v.walk = position{begun: true}
	}
	return o
}

// span is the places of the foremost and of the last of these rows, for whoever has
// the lock.
func (v *version) span(rows []row) (low, high int) {
	low = len(v.rows)
	for _, r := range rows {
		if i, ok := v.place[r.ID]; ok {
			low, high = min(low, int(i)), max(high, int(i))
		}
	}
	return low, high
}

// byToken goes on with the token that an answer had; again tells that the list
// began anew. The answer tells whether the list has ended.
func (p *position) byToken(token string, fresh int, again bool) (end bool) {
	p.use(p.token)
	p.token, p.anchor, p.tokens = token, "", true
	switch {
	case fresh > 0 && !again:
		p.restarts = 0
	case fresh > 0:
		p.restart() // through what is known once more, with the same tokens perhaps
	case p.dry > p.pages+drySpare:
		return true
	case again:
		return p.restart()
	default:
		return p.isUsed(token)
	}
	return false
}

// byAnchor goes on behind the last row of an answer, or tries another anchor when
// this one led astray: deleted or renamed meanwhile, it may be unknown or stand
// elsewhere. It tells whether the list has ended, and whether because the service
// ignores anchors.
func (p *position) byAnchor(v *version, rows []row, fresh int, again, deaf bool) (end, ignored bool) {
	asked, last := p.anchor, rows[len(rows)-1].ID
	p.use(asked)
	// A page with the anchor itself on it is where it stands, or any page of a
	// service that ignores it.
	placed := slices.ContainsFunc(rows, func(r row) bool { return r.ID == asked })
	spent := p.dry > p.pages+drySpare
	switch {
	case fresh > 0 && (placed || !again):
		p.anchor, p.tries, p.restarts, p.sure = last, 0, 0, false
		return false, false
	case placed && last == asked && !again:
		return true, false // nothing follows it
	case p.tries > 0 && last == p.lost && !(placed && again):
		// It is known after all: either the service starts over behind its last
		// customer, or it was a whim.
		p.anchor, p.tries = p.lost, 0
		end, p.sure = p.sure, true
		return end, false
	case again && deaf && fresh == 0:
		return true, true
	case !again && !p.isUsed(last) && !spent:
		p.anchor = last
		return false, false
	case p.tryBefore(v):
		return false, false
	case placed:
		return true, true
	case spent:
		return true, false
	}
	p.anchor, p.tries = last, 0
	return p.restart(), false
}

// byNothing decides what an anchor behind which there is nothing means: the end of
// the list, or, behind a full page, that the service does not know it any more. The
// row before it tells, or, should that be gone with it, one a page before.
func (p *position) byNothing(v *version) (end bool) {
	if !p.full {
		return true
	}
	p.sure = true // should it lead to the lost one alone, that was the last
	if p.tries == 1 {
		p.tries++
		p.anchor = v.rows[max(int(v.place[p.lost])-frontline.DefaultPageSize, 0)].ID
		return false
	}
	return !p.tryBefore(v)
}

// tryBefore takes the row before the anchor for one.
func (p *position) tryBefore(v *version) bool {
	i := v.place[p.anchor]
	if p.tries >= maxTries || i == 0 {
		return false
	}
	if p.tries == 0 {
		p.lost = p.anchor
	}
	p.tries++
	p.anchor = v.rows[i-1].ID
	return true
}

// restart lets the walk go through known rows from the beginning; true when it may
// not any more.
func (p *position) restart() (end bool) {
	p.restarts++
	p.dry = 0
	clear(p.used)
	return p.restarts > maxRestarts
}

// refuse decides what to ask after the service refused the token or the anchor:
// once more, another anchor, all from the beginning (what is known is skipped), or,
// when that was done, nothing, and the refusal is the answer.
func (v *version) refuse() (again bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.steps++
	p := &v.walk
	if p.token != "" {
		if p.refused++; p.refused == 1 {
			return true
		}
	} else if p.tryBefore(v) {
		return true
	}
	p.refused = 0
	if p.rewound {
		return false
	}
	v.walk = position{pages: p.pages, rewound: true}
	return true
}

// stumble is told that the service failed, with an error of its own, at what was
// asked. Some do at an anchor that was deleted: from the second time on, the row
// before it is asked with.
func (v *version) stumble() {
	v.mu.Lock()
	defer v.mu.Unlock()
	p := &v.walk
	if p.token != "" {
		return
	}
	if p.failed++; p.failed > 1 && p.tryBefore(v) {
		v.steps++
		p.failed = 0
	}
}

func (p *position) use(asked string) {
	if asked == "" {
		return
	}
	if p.used == nil {
		p.used = make(map[uint64]struct{})
	}
	p.used[sum(asked)] = struct{}{}
}

func (p *position) isUsed(token string) bool {
	_, ok := p.used[sum(token)]
	return ok
}

// sum stands for a token, which may be long.
func sum(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}
