// Package avatar serves customers' pictures from the product's own origin. The server
// fetches them from anywhere on the internet, renders small pictures of its own from them,
// and serves those. So other servers do not learn who views whom, and browsers receive
// only images that this program encoded.
//
// The path of a picture is a handle that is sealed for one worker. Pictures are fetched
// from the public internet only, whatever the program's flags. When one is
// unavailable, a transparent picture is served, so that the initials below it show.
package avatar

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/text"
)

// PathPrefix is the beginning of every picture's path; the handle follows.
const PathPrefix = "/avatars/"

// HandleSealer seals short values for a context, deterministically; *secret.HandleSealer is one.
type HandleSealer interface {
	Seal(plain []byte, context string) string
	Open(handle, context string) ([]byte, error)
}

// Options configures a Proxy. Sealer is required; any other zero value means the default.
type Options struct {
	Sealer HandleSealer
	// Transport carries the requests. The default connects to the public internet only;
	// tests use another one.
	Transport http.RoundTripper
	// Logger receives unexpected failures, without URLs.
	Logger *slog.Logger
	Now    func() time.Time

	// CacheBytes limits the memory of the picture cache: 32 MiB.
	CacheBytes int
	// DecodeBytes limits the memory of decoding a picture: 64 MiB. Larger ones are not shown.
	DecodeBytes int
	// Fetches limits concurrent fetches: 8; PerHost those from one host: 2; Queue the
	// waiting ones: 256. The worker with the fewest fetches goes first. When the queue is
	// full, the worker with the most waiting fetches loses one.
	Fetches, PerHost, Queue int
	// Wait is how long a request waits for a fetch: 3 s. A slower picture is there the next
	// time.
	Wait time.Duration
	// Timeout limits a fetch: 5 s.
	Timeout time.Duration
}

func (o Options) withDefaults() Options {
	if o.Transport == nil {
		o.Transport = outbound.Transport(outbound.Policy{})
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	orDefault(&o.CacheBytes, 32<<20)
	orDefault(&o.DecodeBytes, 64<<20)
	orDefault(&o.Fetches, 8)
	orDefault(&o.PerHost, 2)
	orDefault(&o.Queue, 256)
	orDefault(&o.Wait, 3*time.Second)
	orDefault(&o.Timeout, 5*time.Second)
	return o
}

func orDefault[T int | time.Duration](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

// Proxy fetches, caches and serves pictures. It is safe for concurrent use.
type Proxy struct {
	opts   Options
	client http.Client
	// ctx is the parent of every fetch, canceled by Close.
	ctx     context.Context
	cancel  context.CancelFunc
	fetches sync.WaitGroup
	// decoding is a semaphore of one: decoding a picture may take much memory.
	decoding chan struct{}

	mu        sync.Mutex
	pictures  *lru.Cache[key, *picture]
	failed    *lru.Cache[key, struct{}]
	downHosts *lru.Cache[string, struct{}] // hosts that did not respond lately
	jobs      map[key]*fetchJob            // being fetched, or waiting for it
	waiting   []*fetchJob
	fetching  int
	perHost   map[string]int
	perWorker map[string]int // fetches in progress, by the first worker to request them
	stats     Stats
}

// key identifies a picture: the digest of its URL.
type key [sha256.Size]byte

// picture is a rendered picture, ready to be sent.
type picture struct {
	data []byte
	mime string
	etag string
}

// failuresBytes limits the memory of cached failures: about 4,000 of them.
const failuresBytes = 1 << 20

// entryBytes is the approximate size of a cache entry without its value.
const entryBytes = 250

func newCache[K comparable, V any](bytes int, now func() time.Time) *lru.Cache[K, V] {
	return lru.New[K, V](bytes/entryBytes, bytes, now)
}

// New returns a Proxy. A program needs one. Close it at the end.
func New(opts Options) *Proxy {
	p := &Proxy{
		opts:      opts.withDefaults(),
		decoding:  make(chan struct{}, 1),
		jobs:      make(map[key]*fetchJob),
		perHost:   make(map[string]int),
		perWorker: make(map[string]int),
	}
	p.client = newClient(p.opts.Transport)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.pictures = newCache[key, *picture](p.opts.CacheBytes, p.opts.Now)
	p.failed = newCache[key, struct{}](failuresBytes, p.opts.Now)
	p.downHosts = newCache[string, struct{}](failuresBytes, p.opts.Now)
	return p
}

// Close cancels all fetches and waits for them. Cached pictures are still served
// afterwards; others are unavailable.
func (p *Proxy) Close() {
	p.mu.Lock() // no fetch begins meanwhile
	p.cancel()
	p.mu.Unlock()
	p.fetches.Wait()
	p.client.CloseIdleConnections()
}

// Path returns the path of the picture with this URL for this worker, or "" when it is
// never fetched: the URL is not http or https, has user information, is longer than 2,000
// bytes, or names a refused host. It takes a few microseconds and fetches nothing.
func (p *Proxy) Path(worker, rawURL string) string {
	a, err := parse(rawURL)
	if err != nil {
		return ""
	}
	return PathPrefix + p.opts.Sealer.Seal([]byte(a.url), text.IdentityKey(worker))
}

// Stats counts requests and fetches since the start. It holds no personal data.
type Stats struct {
	// Requests are calls of Serve with a valid handle, served from the cache (Hits), with
	// a cached failure (Remembered), or by a fetch. InvalidHandles are calls with an invalid handle.
	Requests, Hits, Remembered, InvalidHandles int64
	// Abandoned are requests canceled by the browser before the picture was there, Slow those
	// that took longer than Options.Wait, and Busy those refused by a full queue.
	Abandoned, Slow, Busy int64

	// Fetched are successful fetches. The others failed since the address is never
	// connected to (Refused), there was no complete response in time (Unreachable), the
	// status was not 200 or the redirect not allowed (Status), the response was too long
	// (TooLarge), or it was no picture that is decoded (NotPicture).
	Fetched, Refused, Unreachable, Status, TooLarge, NotPicture int64

	// Kept is the number of cached pictures, of KeptBytes. Fetching and Waiting are the
	// fetches in progress and in the queue.
	Kept, KeptBytes, Fetching, Waiting int
}

// Stats returns the counts so far.
func (p *Proxy) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Kept, s.KeptBytes = p.pictures.Size()
	s.Fetching, s.Waiting = p.fetching, len(p.waiting)
	return s
}
