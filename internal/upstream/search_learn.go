package upstream

import (
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// askAgain is how long a service that did not say whether it searches is taken for
// one that does not: it may have been upgraded since.
const askAgain = time.Hour

// learnt is what is known of whether a service does the searching itself. Some say
// so with every answer, some with that to a search only, some never.
type learnt struct {
	now func() time.Time

	mu      sync.Mutex
	told    frontline.Searchable // what the service said last; Unknown when it never did
	silence time.Time            // when it last answered a search without a word about it
}

// note learns from an answer; searched tells that it was one to a search.
func (l *learnt) note(told frontline.Searchable, searched bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case told != frontline.SearchableUnknown:
		l.told = told
	case searched:
		l.silence = l.now()
	}
}

// value is what the service is to be taken for now; Unknown asks for a try.
func (l *learnt) value() frontline.Searchable {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.told == frontline.SearchableUnknown && !l.silence.IsZero() && l.now().Sub(l.silence) < askAgain {
		return frontline.SearchableNo
	}
	return l.told
}
