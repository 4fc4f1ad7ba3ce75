package external

import (
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// askAgain is how long a service that did not say whether it searches, when it was
// asked to, is taken for one that does not: it may have been upgraded since. As long,
// a no in answer to a search outweighs a yes in lists.
const askAgain = time.Hour

// learnt is what is known of whether a service does the searching itself. Some say
// so with every answer, some with that to a search only, some never.
type learnt struct {
	now func() time.Time

	mu     sync.Mutex
	told   frontline.Searchable // what the service said last; Unknown when it never did
	silent time.Time            // when it last answered a search without a word about it
	denied time.Time            // when it last answered a search with a no
}

// note learns from an answer; searched tells that it was one to a search.
func (l *learnt) note(told frontline.Searchable, searched bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if told != frontline.SearchableUnknown {
		l.told = told
	}
	if !searched {
		return
	}
	switch told {
	case frontline.SearchableUnknown:
		l.silent = l.now()
	case frontline.SearchableNo:
		l.denied = l.now()
	case frontline.SearchableYes:
		l.denied = time.Time{}
	}
}

// value is what the service is to be taken for now, if heard is what it said last to
// anybody; Unknown asks for a try.
func (l *learnt) value(heard frontline.Searchable) frontline.Searchable {
	l.mu.Lock()
	defer l.mu.Unlock()
	if heard == frontline.SearchableUnknown {
		heard = l.told
	}
	if l.lately(l.denied) || heard == frontline.SearchableUnknown && l.lately(l.silent) {
		return frontline.SearchableNo
	}
	return heard
}

func (l *learnt) lately(t time.Time) bool { return !t.IsZero() && l.now().Sub(t) < askAgain }
