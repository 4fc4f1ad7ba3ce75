package crm

import "context"

// Priority is the order in which calls are made: a lower value first.
type Priority uint8

// The priorities.
const (
	Waiting    Priority = iota // a worker waits for the result
	Refreshing                 // a worker sees an older result meanwhile
	Background                 // nobody waits
)

type priorityKey struct{}

// WithPriority returns a context whose calls have priority p.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return WithChangingPriority(ctx, func() Priority { return p })
}

// WithChangingPriority returns a context whose calls have the priority that p returns
// at the time. p is called often, and under locks of its callers: it takes none.
func WithChangingPriority(ctx context.Context, p func() Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

// PriorityOf returns the priority of calls with this context at present; Waiting if
// nothing else was said.
func PriorityOf(ctx context.Context) Priority {
	if p, ok := ctx.Value(priorityKey{}).(func() Priority); ok {
		return p()
	}
	return Waiting
}
