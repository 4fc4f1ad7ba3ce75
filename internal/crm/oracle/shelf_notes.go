package external

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// Searches that the service answered are held for those who scroll through them,
// in memory alone.
const maxSearches = 200

// searchKey names the walk through a search.
type searchKey struct{ worker, version string } // text.IdentityKey, and the version's id

// notes is what was learnt of a service, whoever it answered.
type notes struct {
	searchable frontline.Searchable // what it said last
	deaf       bool                 // it seems not to look at anchors
}

// notesExpiry is how long what was learnt of a service is kept.
const notesExpiry = 90 * 24 * time.Hour

// Searchable is what the service last said about searching, in any answer to
// anybody, also before a restart; Unknown when it never did.
func (s *shelf) Searchable() frontline.Searchable { return s.known().searchable }

// known answers the notes, read from the BlobStore the first time.
func (s *shelf) known() notes {
	s.reading.Do(func() {
		if !s.keeps() {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), keeperTime)
		defer cancel()
		plain, ok := s.loadCopy(ctx, "", serviceCopy)
		if !ok || len(plain) != 3 || plain[0] != copyForm || plain[1] > byte(frontline.SearchableYes) {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.notes = notes{searchable: frontline.Searchable(plain[1]), deaf: plain[2] == 1}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes
}

// learn notes what an answer told.
func (s *shelf) learn(told frontline.Searchable, o outcome) {
	s.known()
	s.mu.Lock()
	defer s.mu.Unlock()
	is := s.notes
	if told != frontline.SearchableUnknown {
		is.searchable = told
	}
	if o.ignored || o.minded {
		is.deaf = o.ignored
	}
	if is == s.notes {
		return
	}
	s.notes = is
	if s.notesDue.IsZero() {
		s.notesDue = s.opts.Now().Add(saveEvery) // who changes its mind all the time does not keep us writing
		s.kick()
	}
}

// saveNotesDue saves the notes when it is time.
func (s *shelf) saveNotesDue() {
	s.mu.Lock()
	due := !s.notesDue.IsZero() && !s.notesDue.After(s.opts.Now())
	s.mu.Unlock()
	if due {
		s.saveNotes(context.Background())
	}
}

// saveNotes saves the notes if they changed.
func (s *shelf) saveNotes(ctx context.Context) {
	s.mu.Lock()
	is, changed := s.notes, !s.notesDue.IsZero()
	s.notesDue = time.Time{}
	s.mu.Unlock()
	if !changed || !s.keeps() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keeperTime)
	defer cancel()
	plain := []byte{copyForm, byte(is.searchable), 0}
	if is.deaf {
		plain[2] = 1
	}
	sealed := s.opts.Sealer.Seal(plain, sealContext("copy", s.opts.Service, "", serviceCopy))
	err := s.opts.Blobs.PutBlob(ctx, s.opts.Service, "", serviceCopy, []byte(sealed), s.opts.Now().Add(notesExpiry))
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.report("keep", err)
	}
}
