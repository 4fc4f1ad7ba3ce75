package external

import (
	"context"
	"fmt"
	"time"
)

const (
	// saveSoon is how long a change waits for others to be saved with.
	saveSoon = 200 * time.Millisecond
	// saveEvery is how often a growing book is saved, and perRows how much longer
	// that is for each so many rows: all of them are written each time.
	saveEvery = 10 * time.Second
	perRows   = 1000
	// saveAgain is how long to wait after trouble with the BlobStore.
	saveAgain = 30 * time.Second
	// keeperTime is how long the BlobStore may take for one thing.
	keeperTime = 10 * time.Second
	// troubleEvery is how often trouble with the BlobStore is logged.
	troubleEvery = time.Minute
)

// saveLater marks a book to be saved, for whoever has the lock.
func (s *shelf) saveLater(e *shelved, soon bool) {
	if !s.keeps() || s.closed {
		return
	}
	now := s.opts.Now()
	due := now.Add(saveSoon)
	if !soon {
		every := saveEvery + time.Duration(e.bytes/(150*perRows))*time.Second
		if next := e.saved.Add(every); next.After(due) {
			due = next
		}
	}
	if e.due.IsZero() || due.Before(e.due) {
		e.due = due
		s.kick()
	}
}

// kick has a saver look at what is due. Whoever has the lock calls it.
func (s *shelf) kick() {
	if s.closed || !s.keeps() {
		return
	}
	if !s.saving {
		s.saving = true
		go s.saver()
		return
	}
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// saver saves what is due until nothing is left to save.
func (s *shelf) saver() {
	for {
		due, next := s.nextDue()
		if len(due) == 0 && next == 0 {
			return
		}
		for _, e := range due {
			s.save(context.Background(), e)
		}
		s.saveNotesDue()
		if len(due) > 0 {
			continue
		}
		timer := time.NewTimer(next)
		select {
		case <-timer.C:
		case <-s.wake:
		}
		timer.Stop()
	}
}

// nextDue answers the books that are to be saved now, or how long until the next
// one; neither when there is none, and then the saver ends.
func (s *shelf) nextDue() (due []*shelved, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	if !s.notesDue.IsZero() && !s.closed {
		next = max(s.notesDue.Sub(now), 1)
	}
	for _, e := range s.books {
		if e.due.IsZero() || s.closed {
			continue
		}
		wait := e.due.Sub(now)
		if wait <= 0 {
			due = append(due, e)
		} else if next == 0 || wait < next {
			next = wait
		}
	}
	if len(due) == 0 && next == 0 {
		s.saving = false
	}
	return due, next
}

// save writes one book.
func (s *shelf) save(ctx context.Context, e *shelved) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	if e.gone || e.due.IsZero() {
		s.mu.Unlock()
		return
	}
	e.due = time.Time{} // what changes from now on is another change
	mark := e.best
	s.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, keeperTime)
	defer cancel()
	mark, err := s.write(ctx, e.key, e.book, mark)

	s.mu.Lock()
	defer s.mu.Unlock()
	e.best, e.saved = mark, s.opts.Now()
	if err != nil {
		s.report("keep", err)
		if e.due.IsZero() {
			e.due = s.opts.Now().Add(saveAgain)
		}
	}
	// Room is needed, kept or not.
	if e.leave && (err != nil || e.due.IsZero()) {
		s.remove(e)
	}
	e.leave = false
}

// write keeps a book's newest version and the one that reaches further, unless
// that is kept already: mark tells.
func (s *shelf) write(ctx context.Context, key string, b *book, mark string) (string, error) {
	best, current := b.Best(), b.Current()
	if current == nil {
		return mark, nil
	}
	b.mu.Lock()
	met := b.met.all()
	b.mu.Unlock()
	if best == current {
		best = nil
	}
	newMark := ""
	if best != nil {
		rows, _, steps := best.state()
		newMark = fmt.Sprintf("%s %d %d", best.id, rows, steps)
	}
	if newMark != mark {
		var err error
		if best == nil {
			err = s.opts.Blobs.DeleteBlob(ctx, s.opts.Service, key, bestCopy)
		} else {
			err = s.keep(ctx, key, bestCopy, keptList{worker: b.worker, version: best})
		}
		if err != nil {
			return mark, err
		}
	}
	return newMark, s.keep(ctx, key, listCopy, keptList{worker: b.worker, version: current, met: met})
}

func (s *shelf) keep(ctx context.Context, key, name string, k keptList) error {
	packed, err := k.pack()
	if err != nil {
		return err
	}
	sealed := s.opts.Sealer.Seal(packed, sealContext("copy", s.opts.Service, key, name))
	return s.opts.Blobs.PutBlob(ctx, s.opts.Service, key, name, []byte(sealed), k.version.AsOf().Add(s.opts.Expiry))
}

// read fills a book with what is kept of it. What cannot be read is not there.
func (s *shelf) read(ctx context.Context, e *shelved) {
	if !s.keeps() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keeperTime)
	defer cancel()
	b := e.book
	if k, ok := s.load(ctx, e.key, listCopy); ok && k.worker == b.worker {
		b.current = k.version
		for _, m := range k.met {
			b.met.add(m.id, m.at)
		}
	}
	if k, ok := s.load(ctx, e.key, bestCopy); ok && k.worker == b.worker {
		b.best = k.version
		rows, _, steps := k.version.state()
		e.best = fmt.Sprintf("%s %d %d", k.version.id, rows, steps)
		if b.current == nil {
			b.current = b.best
		}
	}
	b.expire(s.opts.Now().Add(-s.opts.Expiry))
}

// load reads one copy.
func (s *shelf) load(ctx context.Context, key, name string) (k keptList, ok bool) {
	plain, ok := s.loadCopy(ctx, key, name)
	if !ok {
		return keptList{}, false
	}
	k, err := unpack(plain)
	return k, err == nil
}

// loadCopy reads and opens a copy; not ok when there is none that can be opened.
func (s *shelf) loadCopy(ctx context.Context, key, name string) (plain []byte, ok bool) {
	sealed, err := s.opts.Blobs.Blob(ctx, s.opts.Service, key, name, s.opts.Now())
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.report("read", err)
		return nil, false
	}
	if sealed == nil {
		return nil, false
	}
	plain, err = s.opts.Sealer.Open(string(sealed), sealContext("copy", s.opts.Service, key, name))
	return plain, err == nil // lost with the secret file, or of another form
}

// dropCopies drops a worker's list from the BlobStore.
func (s *shelf) dropCopies(ctx context.Context, key string) error {
	if !s.keeps() {
		return nil
	}
	s.writing.Lock() // so that nothing of it is written afterwards
	defer s.writing.Unlock()
	for _, name := range []string{listCopy, bestCopy} {
		if err := s.opts.Blobs.DeleteBlob(ctx, s.opts.Service, key, name); err != nil {
			return err
		}
	}
	return nil
}

// report logs trouble with the BlobStore, now and then, for whoever has the lock.
func (s *shelf) report(what string, err error) {
	if now := s.opts.Now(); s.trouble.IsZero() || now.Sub(s.trouble) >= troubleEvery {
		s.trouble = now
		s.opts.Log.Warn("cannot store cached lists", "what", what, "error", err)
	}
}

// Close saves what is not saved yet; nothing is saved afterwards. The error is
// that of ctx, when it ended before all was saved.
func (s *shelf) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	var unsaved []*shelved
	for _, e := range s.books {
		if !e.due.IsZero() {
			unsaved = append(unsaved, e)
		}
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	s.mu.Unlock()
	for _, e := range unsaved {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.save(ctx, e)
	}
	s.saveNotes(ctx)
	return ctx.Err()
}
