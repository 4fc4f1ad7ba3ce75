package cache

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"time"

	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/text"
)

// The names of a worker's lists, and that of what was learnt of the service, which is
// under no worker.
const (
	newestCopy   = "list"
	furthestCopy = "best" // if it is not the newest
	serviceCopy  = "service"
)

const (
	// copyForm begins every copy. One of another form was stored by another version.
	copyForm = 3
	// maxCopyBytes bounds what a copy may unpack to.
	maxCopyBytes = 40 << 20
	// saveSoon is how long a list waits for further changes before it is stored.
	saveSoon = 200 * time.Millisecond
	// blobTimeout bounds one operation of the BlobStore, and warnEvery is how often its
	// failures are logged.
	blobTimeout = 10 * time.Second
	warnEvery   = time.Minute
)

var errOtherForm = errors.New("copies of another version are not read: lists are fetched again")

// listCopy is how a list is stored: a snapshot, whose it is, and which customers
// searches brought.
type listCopy struct {
	Worker string               `json:"worker"`
	List   *paging.Snapshot     `json:"list"`
	Found  map[string]time.Time `json:"found,omitempty"`
}

// saving is the kind of calls that store copies.
var saving = &flight.Kind{Name: "store copies", Detached: true}

// saveLater has an entry stored in a moment.
func (s *Store) saveLater(ctx context.Context, e *Entry) {
	flight.Do(ctx, s.opts.Flights, saving, text.IdentityKey(e.worker), newestCopy, -1, func(ctx context.Context) (struct{}, error) {
		select {
		case <-time.After(saveSoon):
		case <-ctx.Done():
			return struct{}{}, ctx.Err()
		}
		return struct{}{}, s.save(ctx, e)
	})
}

// save stores the lists of an entry, and the traits of the service if they changed. What
// could not be stored is stored after the next change, or by Close.
func (s *Store) save(ctx context.Context, e *Entry) error {
	e.mu.Lock()
	newest, furthest, found := e.newest, e.furthest, maps.Clone(e.found)
	e.unsaved = false
	e.mu.Unlock()
	if key := text.IdentityKey(e.worker); newest != nil {
		err := s.put(ctx, key, newestCopy, listCopy{e.worker, newest, found}, newest.AsOf().Add(expiry))
		switch { // only then: one of the two is always there
		case err == nil && furthest == newest:
			err = s.delete(ctx, key, furthestCopy, 0)
		case err == nil:
			err = s.put(ctx, key, furthestCopy, listCopy{Worker: e.worker, List: furthest}, furthest.AsOf().Add(expiry))
		}
		if err != nil {
			e.mu.Lock()
			e.unsaved = true
			e.mu.Unlock()
			return err
		}
	}
	s.mu.Lock()
	changed, traits := s.unsaved, s.traits
	s.unsaved = false
	s.mu.Unlock()
	if changed {
		return s.put(ctx, "", serviceCopy, traits, s.opts.Now().Add(traitsExpiry))
	}
	return nil
}

// read returns an entry with what is stored of it. A copy that is unreadable is none.
func (s *Store) read(ctx context.Context, worker string) (*Entry, error) {
	e, key := newEntry(worker), text.IdentityKey(worker)
	for _, name := range []string{furthestCopy, newestCopy} {
		var c listCopy
		ok, err := s.get(ctx, key, name, &c)
		if err != nil {
			return e, err
		}
		if !ok || c.Worker != worker || c.List == nil || c.List.AsOf().After(s.opts.Now()) {
			continue
		}
		e.newest = c.List
		if e.furthest == nil || reaches(c.List, e.furthest) {
			e.furthest = c.List
		}
		maps.Copy(e.found, c.Found)
	}
	return e, nil
}

// put stores v, sealed, as JSON.
func (s *Store) put(ctx context.Context, workerKey, name string, v any, expires time.Time) error {
	if s.opts.Blobs == nil {
		return nil
	}
	var plain bytes.Buffer
	plain.WriteByte(copyForm)
	w, _ := flate.NewWriter(&plain, flate.BestSpeed) // the only error is a wrong level
	if err := errors.Join(json.NewEncoder(w).Encode(v), w.Close()); err != nil {
		return s.failed(err)
	}
	sealed := s.opts.Sealer.Seal(plain.Bytes(), s.sealContext(workerKey, name))
	ctx, cancel := context.WithTimeout(ctx, blobTimeout)
	defer cancel()
	return s.failed(s.opts.Blobs.PutBlob(ctx, s.opts.Service, workerKey, name, []byte(sealed), expires))
}

// get reads what put stored into v, and reports whether there is any that is readable.
// The error is that of the BlobStore.
func (s *Store) get(ctx context.Context, workerKey, name string, v any) (bool, error) {
	if s.opts.Blobs == nil {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, blobTimeout)
	defer cancel()
	sealed, err := s.opts.Blobs.Blob(ctx, s.opts.Service, workerKey, name, s.opts.Now())
	if err != nil || sealed == nil {
		return false, s.failed(err)
	}
	plain, err := s.opts.Sealer.Open(string(sealed), s.sealContext(workerKey, name))
	if err == nil && (len(plain) == 0 || plain[0] != copyForm) {
		err = errOtherForm
		s.delete(ctx, workerKey, name, 0) // it is of no use to anybody
	}
	if err == nil {
		err = json.NewDecoder(io.LimitReader(flate.NewReader(bytes.NewReader(plain[1:])), maxCopyBytes)).Decode(v)
	}
	return s.failed(err) == nil, nil
}

// delete deletes the copies of a worker whose names begin with prefix, except the keep
// newest.
func (s *Store) delete(ctx context.Context, workerKey, prefix string, keep int) error {
	if s.opts.Blobs == nil {
		return nil
	}
	return s.failed(s.opts.Blobs.DeleteBlobs(ctx, s.opts.Service, workerKey, prefix, keep))
}

// sealContext binds a copy to where it is, so that it is good nowhere else.
func (s *Store) sealContext(workerKey, name string) string {
	return paging.SealContext("copy", s.opts.Service, workerKey, name)
}

// failed logs, now and then, that a copy could not be stored or read, and returns err.
// Workers have their responses all the same.
func (s *Store) failed(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
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
	return err
}

// Close stores what is not stored yet. Call it when all calls have ended. If ctx ends
// first, its error is returned.
func (s *Store) Close(ctx context.Context) error {
	for _, key := range s.entries.Keys() {
		if e, ok := s.entries.Get(key); ok && e.hasUnsaved() && ctx.Err() == nil {
			s.save(ctx, e)
		}
	}
	return ctx.Err()
}
