package postgres

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/clientele-project/clientele/internal/storage"
)

const (
	// maxSilence is how long a server may send nothing while a response is awaited. Then it is
	// tried with another connection, since its statement may just take long.
	maxSilence = 2500 * time.Millisecond
	// retryInterval is the time between two attempts to reach a server that is away. In
	// between, callers get an error immediately.
	retryInterval = time.Second
)

// A server is what the connections to it know of each other.
type server struct {
	failed atomic.Int64 // when it was last tried in vain, in Unix nanoseconds; 0 while it responds
	cause  atomic.Pointer[error]
}

// away returns why the server could not be used a moment ago, or nil. It is nil for one caller in
// each retryInterval, who tries again.
func (s *server) away() error {
	failed, now := s.failed.Load(), time.Now().UnixNano()
	if failed != 0 && (now-failed < int64(retryInterval) || !s.failed.CompareAndSwap(failed, now)) {
		return *s.cause.Load()
	}
	return nil
}

// tried notes whether the server could be used.
func (s *server) tried(err error) {
	if err == nil {
		s.failed.Store(0)
		return
	}
	s.cause.Store(&err)
	s.failed.Store(time.Now().UnixNano())
}

// watch makes connections of a configuration fail when their server hangs.
func (s *server) watch(config *pgx.ConnConfig) {
	plain := config.Copy()
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := plain.DialFunc(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &watchedConn{Conn: c, responds: func() bool {
			ok := responds(plain, network, address)
			if !ok {
				s.tried(storage.ErrUnreachable)
			}
			return ok
		}}, nil
	}
}

// responds reports whether the server at an address responds to a new connection.
func responds(config *pgx.ConnConfig, network, address string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), maxSilence)
	defer cancel()
	config = config.Copy()
	config.ValidateConnect = nil
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	c, err := pgx.ConnectConfig(ctx, config)
	if err == nil {
		defer c.Close(ctx)
		err = c.Ping(ctx) // PgBouncer accepts connections while its server hangs
	}
	if err == nil {
		return true
	}
	var refused *pgconn.PgError // it has no connection left, for example
	return errors.As(err, &refused)
}

// A watchedConn ends a read when its server does not respond any more. The network does not
// tell: the system of a server that hangs still confirms what it receives.
type watchedConn struct {
	net.Conn
	responds func() bool

	mu       sync.Mutex
	deadline time.Time // that pgx has set
}

// SetDeadline implements net.Conn.
func (c *watchedConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.Conn.SetDeadline(t)
}

// Read implements net.Conn.
func (c *watchedConn) Read(b []byte) (n int, err error) {
	for {
		c.mu.Lock()
		ours := c.deadline.IsZero()
		if ours {
			c.Conn.SetReadDeadline(time.Now().Add(maxSilence))
		}
		c.mu.Unlock()
		if n, err = c.Conn.Read(b); !ours || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		if !c.responds() {
			return 0, storage.ErrUnreachable
		}
	}
}
