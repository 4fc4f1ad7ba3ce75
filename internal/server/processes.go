package server

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/store/records"
)

// beatInterval is how often each process on a server's database shows that it is alive, and
// deadAfter how long after its last beat it counts as dead.
const (
	beatInterval = time.Second
	deadAfter    = 10 * time.Second
)

// processes are those that serve the database: limits of calls are shared out among them. A
// file is served by one process.
type processes struct {
	records.Processes
	id     string // of this one
	shared bool   // whether there may be others

	mu       sync.Mutex
	alive    map[string]heard
	listened time.Time // when this process last heard of the others
}

// heard is when a process was last heard of, by the clock of this one: others' clocks may differ.
type heard struct {
	beats int64
	at    time.Time
}

func newProcesses(stored records.Processes, shared bool) *processes {
	return &processes{Processes: stored, id: rand.Text(), shared: shared, alive: map[string]heard{}}
}

// join tells the others of this process, and waits until they leave it its share.
func (p *processes) join(ctx context.Context) error {
	if !p.shared {
		return nil
	}
	if err := p.beat(ctx); err != nil || p.count() == 1 {
		return err
	}
	select {
	case <-time.After(2 * beatInterval):
	case <-ctx.Done():
	}
	return nil
}

// follow beats until ctx ends.
func (p *processes) follow(ctx context.Context) {
	if !p.shared {
		return
	}
	repeat(ctx, beatInterval, func(ctx context.Context) {
		_ = p.beat(ctx) // databaseWatcher tells of a database that takes no beats
	})
}

// end tells the others that this process has ended.
func (p *processes) end() {
	if !p.shared {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	_ = p.Delete(ctx, p.id) // otherwise it counts as dead after a while
}

// beat shows that this process is alive, and looks which others are.
func (p *processes) beat(ctx context.Context) error {
	beats, err := p.Beat(ctx, p.id)
	if err != nil {
		return err
	}
	for _, id := range p.hear(beats, time.Now()) {
		_ = p.DeleteDead(ctx, id, beats[id])
	}
	return nil
}

// hear compares the beats of all with those heard before, and returns who is dead.
func (p *processes) hear(beats map[string]int64, now time.Time) (dead []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.alive {
		if _, ok := beats[id]; !ok {
			delete(p.alive, id)
		}
	}
	// While this process did not listen, nor did it hear: the database may have been away.
	deaf := now.Sub(p.listened) > 3*beatInterval
	p.listened = now
	for id, n := range beats {
		switch last, known := p.alive[id]; {
		case !known || last.beats != n || deaf:
			p.alive[id] = heard{n, now}
		case now.Sub(last.at) >= deadAfter:
			delete(p.alive, id)
			dead = append(dead, id)
		}
	}
	return dead
}

// count returns how many processes there are.
func (p *processes) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(1, len(p.alive))
}

// isAlive reports whether a process was heard of lately. Before this one has listened, all are.
func (p *processes) isAlive(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.alive[id]
	return ok || id == p.id || len(p.alive) == 0
}
