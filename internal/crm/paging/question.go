package paging

import (
	"hash/fnv"
	"slices"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

const (
	// spare is how many responses in a row beyond those that brought anything may bring
	// nothing new: so many may be needed to go through a list once more.
	spare = 3
	// maxEmpty is how many empty pages in a row are passed over: services that filter
	// after paging send them in the middle of a list.
	maxEmpty = 50
	// maxTries is how many anchors are tried in place of one that leads nowhere.
	maxTries = 2
	// maxRestarts is how often a walk may go through known rows from the beginning
	// before it brings anything new.
	maxRestarts = 2
	// headRows are the first rows, by one of which the beginning of a list is known
	// again: another may be gone meanwhile.
	headRows = 3
)

// question is what to ask for the next page: a token or an anchor. Neither asks for the
// first page.
type question struct {
	token, anchor string
	byToken       bool // the service gave a token: where it gives none, the list ends
	full          bool // the last page with rows had as many as there are on a page
}

// guard sees to it that every walk ends, and that it does not end too early where the
// service does not know an anchor or token any more.
type guard struct {
	used     map[uint64]struct{} // digests of the tokens and anchors that were asked with
	pages    int                 // responses that brought something new
	idle     int                 // responses since that did not
	restarts int                 // since something new came
	failures int                 // times in a row that the service failed at the question
	lost     string              // the anchor that led nowhere
	tries    int                 // anchors tried in place of it
	failed   bool                // the service failed at it, or refused it
	high     int                 // index of the last row of the last response
}

// take adds a response to the question and decides what to ask next, or that the list
// has ended. A service may do anything: what it says counts only as long as there is
// something new, or a reason to expect it. traits is what is known of the service, and
// take returns what is known of it now.
func (s *Snapshot) take(resp frontline.ListResponse, now time.Time, traits Traits) Traits {
	s.mu.Lock()
	defer s.mu.Unlock()
	if resp.Searchable != frontline.SearchableUnknown {
		traits.Searchable = resp.Searchable
	}
	rows, first, known := rowsOf(resp), s.heard.IsZero(), len(s.rows)
	s.heard = now.Truncate(time.Millisecond)
	fresh := s.append(rows)
	asked, g := s.next, &s.guard
	g.use(asked.token + asked.anchor)
	g.failures = 0
	if fresh > 0 {
		g.pages++
		g.idle, g.restarts = 0, 0
	} else {
		g.idle++
	}
	s.next = question{byToken: asked.byToken, full: asked.full}
	if len(rows) > 0 {
		s.next.full = len(rows) >= frontline.DefaultPageSize || g.pages > 1 && len(rows)*g.pages >= len(s.rows)
	}
	atHead := s.startsOver(rows, known)
	end := false
	switch {
	case resp.NextPageToken != "":
		s.next.token, s.next.byToken = resp.NextPageToken, true
		end = fresh == 0 && g.endsAtToken(resp.NextPageToken, len(rows), atHead)
	case asked.byToken, first && len(rows) == 0:
		end = true // told so
	case fresh > 0:
		s.next.anchor = rows[len(rows)-1].ID
		g.tries, g.lost = 0, ""
		if asked.anchor != "" && !atHead {
			traits.IgnoresAnchors = false
		}
	default:
		if atHead && !g.failed && g.tries == maxTries && contains(rows, g.lost) && known > headRows {
			traits.IgnoresAnchors = true // whatever was asked with, it began anew
		}
		end = s.endsAtAnchor(asked, rows, atHead && traits.IgnoresAnchors, atHead)
	}
	if end && s.state == growing {
		s.state = complete
	}
	if s.state != growing {
		s.next, s.guard = question{}, guard{}
	}
	return traits
}

// endsAtToken reports whether the list ends, or repeats itself without end, at a token
// that came with nothing new.
func (g *guard) endsAtToken(token string, rows int, atHead bool) bool {
	switch {
	case atHead: // a service that does not know a token any more may start over
		return !g.restart()
	case g.isUsed(token):
		return true
	case rows == 0:
		return g.idle > maxEmpty
	}
	return g.idle > g.pages+spare
}

// endsAtAnchor reports whether nothing follows the anchor that was asked with, or else
// decides on another anchor. The one asked with may have been deleted or renamed
// meanwhile: the service may then start over, return nothing, or be elsewhere.
func (s *Snapshot) endsAtAnchor(asked question, rows []Row, ignored, atHead bool) bool {
	g, last := &s.guard, ""
	if len(rows) > 0 {
		last = rows[len(rows)-1].ID
	}
	switch {
	case ignored:
		return true
	case len(rows) == 0 && !asked.full:
		return true // a short page was the last
	case g.failed && last == g.lost:
		s.next.anchor, g.failed = last, false // it is known after all
		return false
	case int(s.index[g.lost]) == len(s.rows)-1 && contains(rows, g.lost) && (!atHead || g.tries == maxTries):
		return true // nothing follows it
	case last == asked.anchor && !atHead:
		return true // the service gives the anchor once more, and nothing after it
	case last != "" && !atHead && !g.isUsed(last) && g.idle <= g.pages+spare:
		s.next.anchor = last // through what is known
		g.tries, g.lost = 0, ""
		return false
	}
	s.next.anchor = asked.anchor
	if s.stepBack() {
		return false
	}
	s.next.anchor = last
	return last == "" || !g.restart()
}

// stepBack asks behind the row before the anchor, and if that leads nowhere either
// behind one a page before. It reports whether there is one to try.
func (s *Snapshot) stepBack() bool {
	g := &s.guard
	if g.lost == "" {
		g.lost = s.next.anchor
	}
	at, known := s.index[g.lost]
	back := []int{1, frontline.DefaultPageSize}
	if !known || at == 0 || g.tries >= maxTries {
		return false
	}
	s.next.anchor = s.rows[max(int(at)-back[g.tries], 0)].ID
	g.tries++
	return true
}

// restart lets a walk go through known rows from the beginning, and reports whether it
// may.
func (g *guard) restart() bool {
	g.restarts++
	g.idle, g.tries, g.lost = 0, 0, ""
	clear(g.used)
	return g.restarts <= maxRestarts
}

// refuse decides what to ask after the service refused the token or anchor: the same
// once more, another anchor, or all from the beginning. It reports whether there is
// anything to ask; if not, the refusal is the answer.
func (s *Snapshot) refuse() (again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &s.guard
	if g.failures++; s.next.token != "" && g.failures == 1 || s.next.anchor != "" && s.stepBack() {
		g.failed = true
		return true
	}
	g.failures = 0
	if !g.restart() {
		return false
	}
	s.next = question{} // there may be no token before the second page
	return true
}

// stumble notes that the service failed at the question. Some do at an anchor that was
// deleted: from the second time on another one is tried.
func (s *Snapshot) stumble() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.guard.failures++; s.guard.failures > 1 && s.next.anchor != "" && s.stepBack() {
		s.guard.failures, s.guard.failed = 0, true
	}
}

// ask returns what to ask with; neither asks for the first page.
func (s *Snapshot) ask() (token, anchor string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.next.token, s.next.anchor
}

// startsOver reports whether rows that were known are the beginning of the list, and no
// further on than the response before: where pages are small, the next ones are of the
// first rows too. s.mu is held.
func (s *Snapshot) startsOver(rows []Row, known int) bool {
	low, high := known, 0
	for _, r := range rows {
		if i, ok := s.index[r.ID]; ok {
			low, high = min(low, int(i)), max(high, int(i))
		}
	}
	before := s.guard.high
	s.guard.high = high
	return low < min(headRows, known) && high <= before
}

func contains(rows []Row, id string) bool {
	return slices.ContainsFunc(rows, func(r Row) bool { return r.ID == id })
}

func (g *guard) use(asked string) {
	if g.used == nil {
		g.used = make(map[uint64]struct{})
	}
	g.used[digest(asked)] = struct{}{}
}

func (g *guard) isUsed(asked string) bool {
	_, used := g.used[digest(asked)]
	return used
}

// digest stands for a token, which may be long.
func digest(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}
