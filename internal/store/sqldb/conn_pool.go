package sqldb

import (
	"context"
	"errors"
	"sync"
)

// connPool lends connections, at most size at the same time. The one put back last is
// lent first: its page cache is warm, and an idle process keeps few open.
type connPool struct {
	connect func(context.Context) (*Conn, error)
	lent    chan struct{} // one token for each lent connection

	mu     sync.Mutex
	idle   []*Conn
	closed bool
}

func newConnPool(connect func(context.Context) (*Conn, error), size int) *connPool {
	return &connPool{connect: connect, lent: make(chan struct{}, size)}
}

var errClosed = errors.New("the database is closed")

// get lends a connection until put.
func (p *connPool) get(ctx context.Context) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case p.lent <- struct{}{}:
	default:
		select {
		case p.lent <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return p.take(ctx)
}

// tryGet is get without waiting: it returns nil when all are lent.
func (p *connPool) tryGet(ctx context.Context) (*Conn, error) {
	select {
	case p.lent <- struct{}{}:
		return p.take(ctx)
	default:
		return nil, nil
	}
}

func (p *connPool) take(ctx context.Context) (*Conn, error) {
	p.mu.Lock()
	closed := p.closed
	var c *Conn
	if n := len(p.idle); n > 0 && !closed {
		c = p.idle[n-1]
		p.idle = p.idle[:n-1]
	}
	p.mu.Unlock()
	if c != nil && c.works(ctx) {
		return c, nil
	}
	if closed {
		<-p.lent
		return nil, errClosed
	}
	if c != nil {
		_ = c.Close() // it broke
	}
	c, err := p.connect(ctx)
	if err != nil {
		<-p.lent
	}
	return c, err
}

func (p *connPool) put(c *Conn) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	<-p.lent
}

// close waits for the connections that are lent, then closes all.
func (p *connPool) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	for range cap(p.lent) {
		p.lent <- struct{}{} // wait until all are back
	}
	var errs []error
	for _, c := range p.idle {
		errs = append(errs, c.Close())
	}
	p.idle = nil
	for range cap(p.lent) {
		<-p.lent
	}
	return errors.Join(errs...)
}
