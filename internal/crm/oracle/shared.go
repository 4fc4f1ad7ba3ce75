package external

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/clientele-project/clientele/frontline"
)

// shared is a CRM that asks identical questions at the same time once. The call
// belongs to none of those who wait for it: it ends when it is answered, or when
// the last of them has gone. It is as urgent as the most urgent of them, also when
// that one came later. It is safe for concurrent use.
//
// An answer may be given to several callers: whoever wants to change one changes a
// copy. What it holds is bounded by those who wait: one entry for each question.
type shared struct {
	crm   frontline.CRM
	group singleflight.Group

	mu    sync.Mutex
	calls map[string]*sharedCall
}

type sharedCall struct {
	ctx     context.Context
	cancel  context.CancelFunc
	raise   func(priority)
	waiting int // under shared.mu
}

// newShared makes a shared around crm.
func newShared(crm frontline.CRM) *shared {
	return &shared{crm: crm, calls: make(map[string]*sharedCall)}
}

// CustomersList implements frontline.CRM.
func (s *shared) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	q, ask := askList(s.crm, req)
	a := s.ask(ctx, q, ask)
	return a.list, a.err
}

// CustomerDetails implements frontline.CRM.
func (s *shared) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	q, ask := askDetails(s.crm, req)
	a := s.ask(ctx, q, ask)
	return a.details, a.err
}

// key names a question among all others. NewerThan is left out: what is asked of a
// service is the same.
func (q question) key() string {
	return fmt.Sprintf("%t %q %d %q %q %q %q", q.details, q.worker, q.size, q.anchor, q.token, q.query, q.customer)
}

func (s *shared) ask(ctx context.Context, q question, ask func(context.Context) answer) answer {
	if err := ctx.Err(); err != nil {
		return answer{err: err}
	}
	key := q.key()
	s.mu.Lock()
	c := s.calls[key]
	if c == nil {
		c = new(sharedCall)
		c.ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
		c.ctx, c.raise = withRisingPriority(withPriority(c.ctx, crawling))
		s.calls[key] = c
	}
	c.waiting++
	// Within the lock, so that the call that runs under key is always c's.
	result := s.group.DoChan(key, func() (any, error) {
		defer s.end(key, c)
		return safely(c.ctx, ask), nil
	})
	s.mu.Unlock()
	defer follow(ctx, c.raise)()

	select {
	case r := <-result:
		return r.Val.(answer)
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.waiting--; c.waiting == 0 {
		s.drop(key, c)
	}
	return answer{err: ctx.Err()}
}

// end is for a call that has its answer.
func (s *shared) end(key string, c *sharedCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(key, c)
}

// drop ends a call. Who asks the same from now on begins another.
func (s *shared) drop(key string, c *sharedCall) {
	c.cancel()
	if s.calls[key] == c {
		delete(s.calls, key)
		s.group.Forget(key)
	}
}
