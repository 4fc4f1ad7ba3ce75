package cache

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/text"
)

// The names of a worker's copies, and that of what was learnt of the service, which is
// under no worker.
const (
	newestCopy   = "list"
	furthestCopy = "best" // if it is not the newest
	serviceCopy  = "service"
)

// copyForm begins every copy. One of another form was stored by another version, and
// counts as nothing there.
const copyForm = 3

var errOtherForm = errors.New("stored copies of another version are not read: lists are fetched anew")

// maxCopyBytes bounds what a copy may unpack to.
const maxCopyBytes = 40 << 20

const (
	// saveSoon is how long a change waits for others to be stored with.
	saveSoon = 200 * time.Millisecond
	// saveEvery is how often a growing list is stored, and perRows how much longer that
	// is for each so many rows: all of them are written each time.
	saveEvery = 10 * time.Second
	perRows   = 1000
	// blobTimeout bounds one operation of the BlobStore, and warnEvery is how often its
	// failures are logged.
	blobTimeout = 10 * time.Second
	warnEvery   = time.Minute
)

// saving is the kind of calls that store copies.
var saving = &flight.Kind{Name: "store copies", Detached: true}

// saveLater has the copies of an entry stored in a while.
func (s *Store) saveLater(ctx context.Context, e *Entry) {
	if s.opts.Blobs == nil || !e.beginSaving() {
		return
	}
	key := text.IdentityKey(e.worker)
	// Each has an id of its own, as an earlier one may be about to end.
	_, err := flight.Do(ctx, s.opts.Flights, saving, key, rand.Text(), -1, func(ctx context.Context) (struct{}, error) {
		defer e.stopSaving()
		for wait := saveSoon; ; wait = saveEvery + time.Duration(e.Furthest().Len()/perRows)*time.Second {
			timer := time.NewTimer(wait)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-s.closing: // Close stores it
				return struct{}{}, nil
			case <-ctx.Done():
				return struct{}{}, ctx.Err()
			}
			s.save(ctx, e)
			s.saveTraits(ctx)
			if e.isSaved() {
				return struct{}{}, nil
			}
		}
	})
	if err != nil && !errors.Is(err, flight.ErrUnderWay) {
		e.stopSaving()
	}
}

// beginSaving notes that the entry has changed, and reports whether nobody is about to
// store it.
func (e *Entry) beginSaving() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	begin := !e.saving
	e.unsaved, e.saving = true, true
	return begin
}

// isSaved reports whether nothing has changed since it was last stored. From then on
// somebody else is to store it.
func (e *Entry) isSaved() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.saving = e.unsaved
	return !e.unsaved
}

func (e *Entry) stopSaving() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.saving = false
}

// save stores the copies of an entry. If that fails, the next change tries again.
func (s *Store) save(ctx context.Context, e *Entry) {
	e.mu.Lock()
	newest, furthest, found := e.newest, e.furthest, maps.Clone(e.found)
	e.unsaved = false
	e.mu.Unlock()
	if newest == nil {
		return
	}
	key := text.IdentityKey(e.worker)
	if furthest == newest {
		s.failed(s.opts.Blobs.DeleteBlobs(ctx, s.opts.Service, key, furthestCopy, 0))
	} else {
		s.put(ctx, key, furthestCopy, pack(stored{Worker: e.worker, List: furthest}), furthest.AsOf().Add(expiry))
	}
	s.put(ctx, key, newestCopy, pack(stored{e.worker, newest, found}), newest.AsOf().Add(expiry))
}

// read returns an entry with what is stored of it. What cannot be read is not there.
func (s *Store) read(ctx context.Context, worker string) *Entry {
	e, key := newEntry(worker), text.IdentityKey(worker)
	for _, name := range []string{furthestCopy, newestCopy} {
		packed := s.get(ctx, key, name)
		if packed == nil {
			continue
		}
		c, err := unpack(packed)
		if s.failed(err); err != nil || c.Worker != worker {
			continue
		}
		e.newest = c.List
		if c.Found != nil {
			e.found = c.Found
		}
		if e.furthest == nil || reaches(c.List, e.furthest) {
			e.furthest = c.List
		}
	}
	return e
}

// stored is a copy: a snapshot, whose it is, and which customers searches brought.
type stored struct {
	Worker string               `json:"worker"`
	List   *paging.Snapshot     `json:"list"`
	Found  map[string]time.Time `json:"found,omitempty"`
}

// pack returns a copy, compressed.
func pack(c stored) []byte {
	var out bytes.Buffer
	out.WriteByte(copyForm)
	w, _ := flate.NewWriter(&out, flate.BestSpeed) // the only error is a wrong level
	json.NewEncoder(w).Encode(c)                   // a Buffer never fails
	w.Close()
	return out.Bytes()
}

// unpack reads what pack returned.
func unpack(packed []byte) (c stored, err error) {
	plain := io.LimitReader(flate.NewReader(bytes.NewReader(packed[1:])), maxCopyBytes)
	if err = json.NewDecoder(plain).Decode(&c); err == nil && (c.List == nil || c.Worker == "") {
		err = errors.New("stored copy is incomplete")
	}
	return c, err
}

// readTraits returns what is stored of the service's traits.
func (s *Store) readTraits(ctx context.Context) (t paging.Traits) {
	if b := s.get(context.WithoutCancel(ctx), "", serviceCopy); len(b) == 3 && b[1] <= byte(frontline.SearchableYes) {
		t.Searchable, t.IgnoresAnchors = frontline.Searchable(b[1]), b[2] == 1
	}
	return t
}

// saveTraits stores the service's traits if they have changed.
func (s *Store) saveTraits(ctx context.Context) {
	s.mu.Lock()
	changed, t := s.unsaved, s.traits
	s.unsaved = false
	s.mu.Unlock()
	if !changed {
		return
	}
	b := []byte{copyForm, byte(t.Searchable), 0}
	if t.IgnoresAnchors {
		b[2] = 1
	}
	s.put(ctx, "", serviceCopy, b, s.opts.Now().Add(traitsExpiry))
}

// put seals and stores a copy.
func (s *Store) put(ctx context.Context, workerKey, name string, plain []byte, expires time.Time) {
	ctx, cancel := context.WithTimeout(ctx, blobTimeout)
	defer cancel()
	sealed := s.opts.Sealer.Seal(plain, s.sealContext(workerKey, name))
	s.failed(s.opts.Blobs.PutBlob(ctx, s.opts.Service, workerKey, name, []byte(sealed), expires))
}

// get reads and opens a copy, nil if there is none that can be opened.
func (s *Store) get(ctx context.Context, workerKey, name string) []byte {
	if s.opts.Blobs == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, blobTimeout)
	defer cancel()
	sealed, err := s.opts.Blobs.Blob(ctx, s.opts.Service, workerKey, name, s.opts.Now())
	if s.failed(err); sealed == nil {
		return nil
	}
	plain, err := s.opts.Sealer.Open(string(sealed), s.sealContext(workerKey, name))
	if err == nil && (len(plain) == 0 || plain[0] != copyForm) {
		err = errOtherForm
	}
	if err != nil { // or the key is another
		s.failed(err)
		return nil
	}
	return plain
}

func (s *Store) sealContext(workerKey, name string) string {
	return paging.SealContext("copy", s.opts.Service, workerKey, name)
}

// failed logs, now and then, that the BlobStore failed: workers have their answers all
// the same.
func (s *Store) failed(err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	s.mu.Lock()
	now := s.opts.Now()
	warn := s.warned.IsZero() || now.Sub(s.warned) >= warnEvery
	if warn {
		s.warned = now
	}
	s.mu.Unlock()
	if warn {
		s.opts.Logger.Warn("storing or reading cached responses of the integration service failed", "error", err)
	}
}

// BeginClose ends the calls that wait to store copies.
func (s *Store) BeginClose() { close(s.closing) }

// Close stores what is not stored yet. Call it when all calls have ended. If ctx ends
// first, its error is returned.
func (s *Store) Close(ctx context.Context) error {
	if s.opts.Blobs == nil {
		return nil
	}
	for _, key := range s.entries.Keys() {
		if e, ok := s.entries.Get(key); ok && !e.isSaved() {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.save(ctx, e)
		}
	}
	s.saveTraits(ctx)
	return ctx.Err()
}
