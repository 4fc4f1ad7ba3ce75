package external

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// joints does the same work once for all who want it at the same time. The work
// belongs to none of them: it goes on while anybody waits for it, as urgent as the
// most urgent of those, and ends when the last one has gone.
type joints[T any] struct {
	mu sync.Mutex
	of map[string]*joint[T]
}

type joint[T any] struct {
	raise   func(priority)
	cancel  context.CancelFunc
	waiting int // under joints.mu
	done    chan struct{}
	value   T // when done is closed
	err     error
}

// do answers what work answers, or the error of ctx when that ends first.
func (j *joints[T]) do(ctx context.Context, key string, work func(context.Context) (T, error)) (value T, err error) {
	if err := ctx.Err(); err != nil {
		return value, err
	}
	j.mu.Lock()
	one := j.of[key]
	if one == nil {
		one = j.begin(ctx, key, work)
	}
	one.waiting++
	j.mu.Unlock()
	defer follow(ctx, one.raise)()

	select {
	case <-one.done:
		return one.value, one.err
	case <-ctx.Done():
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if one.waiting--; one.waiting == 0 {
		one.cancel()
		j.drop(key, one)
	}
	return value, ctx.Err()
}

// begin is for whoever has the lock.
func (j *joints[T]) begin(ctx context.Context, key string, work func(context.Context) (T, error)) *joint[T] {
	one := &joint[T]{done: make(chan struct{}), err: errors.New("list fetch ended without a result")}
	ctx, one.cancel = context.WithCancel(context.WithoutCancel(ctx))
	ctx, one.raise = withRisingPriority(withPriority(ctx, crawling))
	if j.of == nil {
		j.of = make(map[string]*joint[T])
	}
	j.of[key] = one
	go func() {
		defer func() {
			if r := recover(); r != nil { // it would end the program
				one.err = fmt.Errorf("panic in a list fetch: %s\n%s", panicked(r), debug.Stack())
			}
			one.cancel()
			j.mu.Lock()
			j.drop(key, one)
			j.mu.Unlock()
			close(one.done)
		}()
		one.value, one.err = work(ctx)
	}()
	return one
}

// drop lets who wants the same from now on begin it anew.
func (j *joints[T]) drop(key string, one *joint[T]) {
	if j.of[key] == one {
		delete(j.of, key)
	}
}
