package external

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/lru"

	"github.com/clientele-project/clientele/frontline"
)

// Bounds of what is kept of details.
const (
	maxDetailBytes   = 64 << 10 // of one customer
	maxDetailsViewed = 500      // customers of one worker
	detailsInMemory  = 2000     // customers of all workers
	maxDetailFlights = 16       // calls of one worker that nobody waits for any more
	indexesInMemory  = 200      // workers whose list of viewed customers is at hand
)

// keptDetails keeps the last good details that each worker viewed: sealed in the
// BlobStore, and for a while in memory.
type keptDetails struct {
	opts    lastGoodOptions
	memory  *lru.Cache[detailKey, keptDetail]
	indexes *lru.Cache[string, []string] // by worker: names in the BlobStore, the oldest first
	index   sync.Mutex                   // one change of an index at a time

	// life is held for reading while something is kept or taken out, and for writing
	// while a worker is forgotten: so nothing is kept afterwards.
	life sync.RWMutex

	ctx     context.Context // of all flights
	stop    context.CancelFunc
	mu      sync.Mutex
	flights map[detailKey]*detailFlight
	errands errands // of the flights
	closed  bool
	trouble time.Time // when trouble was logged last
	running sync.WaitGroup
}

// detailKey names details: worker is the text.IdentityKey.
type detailKey struct{ worker, id string }

type keptDetail struct {
	customer frontline.Customer
	at       time.Time
}

func newKeptDetails(opts lastGoodOptions) *keptDetails {
	d := &keptDetails{
		opts: opts, flights: make(map[detailKey]*detailFlight), errands: errands{most: maxDetailFlights},
		memory:  lru.New[detailKey, keptDetail](detailsInMemory, opts.Memory, nil),
		indexes: lru.New[string, []string](indexesInMemory, indexesInMemory, nil),
	}
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d
}

// get answers what is kept and has not expired.
func (d *keptDetails) get(ctx context.Context, key detailKey) (kept keptDetail, ok bool) {
	d.life.RLock()
	defer d.life.RUnlock()
	now := d.opts.Now()
	if kept, ok = d.memory.Get(key); !ok {
		if kept, ok = d.read(ctx, key, now); ok {
			d.memory.Put(key, kept, detailBytes(key, kept.customer))
		}
	}
	return kept, ok && now.Sub(kept.at) < d.opts.Expiry
}

// detailRecord is how details are kept.
type detailRecord struct {
	At       time.Time          `json:"at"`
	Customer frontline.Customer `json:"customer"`
}

// read reads what the BlobStore has. What cannot be read, for whatever reason, is
// asked for anew, as if it had never been kept.
func (d *keptDetails) read(ctx context.Context, key detailKey, now time.Time) (kept keptDetail, ok bool) {
	var r detailRecord
	if !d.open(ctx, key.worker, detailName(key.id), key.id, now, &r) || r.At.After(now) {
		return kept, false
	}
	return keptDetail{r.Customer, r.At}, true
}

// keep writes details to the BlobStore. The oldest of more than maxDetailsViewed give way.
func (d *keptDetails) keep(ctx context.Context, key detailKey, kept keptDetail) {
	data, err := json.Marshal(detailRecord{kept.at, kept.customer})
	if err != nil || len(data) > maxDetailBytes || d.opts.Blobs == nil {
		return
	}
	name := detailName(key.id)
	if !d.seal(ctx, key.worker, name, key.id, data) {
		return
	}
	d.index.Lock()
	defer d.index.Unlock()
	names := d.names(ctx, key.worker)
	at := slices.Index(names, name)
	if at >= 0 {
		names = slices.Delete(names, at, at+1)
	}
	names = append(names, name)
	excess := names[:max(0, len(names)-maxDetailsViewed)]
	names = names[len(excess):]
	d.indexes.Put(key.worker, names, 1)
	if at >= 0 {
		return // in another order: not worth writing
	}
	if data, err := json.Marshal(names); err == nil {
		d.seal(ctx, key.worker, detailIndex, "", data)
	}
	for _, name := range excess {
		d.noteFailure(d.opts.Blobs.DeleteBlob(ctx, d.opts.Service, key.worker, name))
	}
}

// names answers what is kept for a worker, the oldest first.
func (d *keptDetails) names(ctx context.Context, worker string) (names []string) {
	names, ok := d.indexes.Get(worker)
	if !ok {
		d.open(ctx, worker, detailIndex, "", d.opts.Now(), &names)
	}
	return slices.Clone(names) // others may have it
}

// drop forgets the details of one customer. Its name in the index is dropped in turn.
func (d *keptDetails) drop(ctx context.Context, key detailKey) {
	if d.opts.Blobs != nil {
		d.noteFailure(d.opts.Blobs.DeleteBlob(ctx, d.opts.Service, key.worker, detailName(key.id)))
	}
}

// detailIndex is the name of the list of what is kept for a worker.
const detailIndex = "d"

// detailName is the name that details are kept under: ids may be of any length.
func detailName(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "d:" + base64.RawURLEncoding.EncodeToString(sum[:])[:22]
}

// open reads into v what is kept under name; false when it cannot be.
func (d *keptDetails) open(ctx context.Context, worker, name, id string, now time.Time, v any) bool {
	if d.opts.Blobs == nil {
		return false
	}
	sealed, err := d.opts.Blobs.Blob(ctx, d.opts.Service, worker, name, now)
	d.noteFailure(err)
	if err != nil || sealed == nil {
		return false
	}
	plain, err := d.opts.Sealer.Open(string(sealed), d.sealContext(worker, name, id))
	return err == nil && json.Unmarshal(plain, v) == nil
}

// seal keeps data under name, and tells whether it is kept now.
func (d *keptDetails) seal(ctx context.Context, worker, name, id string, data []byte) bool {
	sealed := d.opts.Sealer.Seal(data, d.sealContext(worker, name, id))
	err := d.opts.Blobs.PutBlob(ctx, d.opts.Service, worker, name, []byte(sealed), d.opts.Now().Add(d.opts.Expiry))
	d.noteFailure(err)
	return err == nil
}

// sealContext binds a copy to where it is kept, so that it is good nowhere else.
func (d *keptDetails) sealContext(worker, name, id string) string {
	return "kept details\x00" + d.opts.Service + "\x00" + worker + "\x00" + name + "\x00" + id
}

// noteFailure logs, now and then, that a copy could not be kept or read: the worker
// has the answer all the same.
func (d *keptDetails) noteFailure(err error) {
	if err == nil || d.ctx.Err() != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := d.opts.Now(); d.trouble.IsZero() || now.Sub(d.trouble) >= troubleEvery {
		d.trouble = now
		d.opts.Log.Warn("cannot store viewed details", "error", err)
	}
}

// detailBytes is about what kept details take in memory.
func detailBytes(key detailKey, c frontline.Customer) int {
	n := 400 + len(key.worker) + len(key.id) + len(c.ID) + len(c.DisplayName) + len(c.Avatar)
	for _, ch := range c.Channels {
		n += 32 + len(ch.Type) + len(ch.Value)
	}
	for _, l := range c.Links {
		n += 48 + len(l.Type) + len(l.Value) + len(l.DisplayName)
	}
	if c.Details != nil {
		n += 32 + len(c.Details.Title) + len(c.Details.Content)
	}
	return n
}
