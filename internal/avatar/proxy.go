// Package avatar shows customers' pictures, which may be anywhere on the internet,
// without the browser going there: the server fetches them, makes small pictures of
// its own from them, and serves those from its own origin. So nobody else learns who
// looks at whom, and nothing that somebody else made reaches a browser unread.
//
// A picture is named by a handle that is sealed for the worker who was shown it. The
// address behind it is fetched from the public internet only, whatever flags the
// program was started with. In place of a picture that cannot be had comes one with
// nothing to be seen in it, and the initials that lie below show.
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

// PathPrefix is what the path of every picture begins with; the handle follows.
const PathPrefix = "/avatars/"

// Handles makes short values opaque and binds them to a context, always in the same
// way; *secret.Handles is one.
type Handles interface {
	Seal(plain []byte, context string) string
	Open(handle, context string) ([]byte, error)
}

// Options is how pictures are fetched and kept. Handles is needed; any other zero
// value means the default.
type Options struct {
	Handles Handles
	// Transport carries the requests. The default connects to the public internet
	// only; another one is for tests.
	Transport http.RoundTripper
	// Logger is told of what should not happen. It learns no URL.
	Logger *slog.Logger
	Now    func() time.Time

	// CacheBytes bounds the memory that pictures are kept in: 32 MiB.
	CacheBytes int
	// Fetches is how many pictures are fetched at once: 8; PerHost how many of them
	// from one host: 2; Queue how many more may wait their turn: 256. Whose fetches are
	// the fewest goes first, and who waits for the most gives way when it is full.
	Fetches, PerHost, Queue int
	// Wait is how long a browser is kept waiting: 3 s. A picture that takes longer is
	// there the next time.
	Wait time.Duration
	// Timeout is how long a fetch may take in all: 5 s.
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

// Proxy fetches, keeps and serves pictures. It is safe for concurrent use.
type Proxy struct {
	opts   Options
	client http.Client
	// life ends with Close, and every fetch with it.
	life context.Context
	end  context.CancelFunc
	work sync.WaitGroup
	// drawing has one place: a picture being decoded may take much memory.
	drawing chan struct{}

	mu      sync.Mutex
	kept    *lru.Cache[key, *picture]
	failed  *lru.Cache[key, struct{}]
	down    *lru.Cache[string, struct{}] // hosts that did not answer lately
	jobs    map[key]*job                 // being fetched, or waiting for it
	waiting []*job
	running int
	perHost map[string]int
	busyFor map[string]int // fetches under way, by the worker who asked first
	stats   Stats
}

// key names a picture: the digest of its URL.
type key [sha256.Size]byte

// A picture is one of our own making, ready to be sent.
type picture struct {
	data []byte
	mime string
	etag string
}

// failuresBytes bounds the memory of failures: about 4,000 of them.
const failuresBytes = 1 << 20

// entryBytes is about what a cache entry takes beside its value.
const entryBytes = 250

func newCache[K comparable, V any](bytes int, now func() time.Time) *lru.Cache[K, V] {
	return lru.New[K, V](bytes/entryBytes, bytes, now)
}

// New makes a Proxy. One is enough for a program; Close it at the end.
func New(opts Options) *Proxy {
	p := &Proxy{
		opts:    opts.withDefaults(),
		drawing: make(chan struct{}, 1),
		jobs:    make(map[key]*job),
		perHost: make(map[string]int),
		busyFor: make(map[string]int),
	}
	p.client = newClient(p.opts.Transport)
	p.life, p.end = context.WithCancel(context.Background())
	p.kept = newCache[key, *picture](p.opts.CacheBytes, p.opts.Now)
	p.failed = newCache[key, struct{}](failuresBytes, p.opts.Now)
	p.down = newCache[string, struct{}](failuresBytes, p.opts.Now)
	return p
}

// Close ends all fetches, and returns when they have ended. Pictures that are kept
// are still served afterwards; others come as if they could not be had.
func (p *Proxy) Close() {
	p.mu.Lock() // no fetch begins meanwhile
	p.end()
	p.mu.Unlock()
	p.work.Wait()
	p.client.CloseIdleConnections()
}

// Path answers where the picture with this URL is served to this worker, or "" when
// it is one that is never fetched: no URL with http or https, one with user
// information, one longer than 2,000 bytes, or of a host that is known to be refused.
// It takes a few microseconds, and fetches nothing.
func (p *Proxy) Path(worker, rawURL string) string {
	a, err := parse(rawURL)
	if err != nil {
		return ""
	}
	return PathPrefix + p.opts.Handles.Seal([]byte(a.url), text.IdentityKey(worker))
}
