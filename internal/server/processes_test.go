package server

import (
	"slices"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/store/records"
)

func TestProcesses_Hear(t *testing.T) {
	p := newProcesses(records.Processes{}, true)
	began := time.Now()
	for _, step := range []struct {
		after time.Duration
		beats map[string]int64
		count int
		dead  []string
	}{
		{0, map[string]int64{p.id: 1}, 1, nil},
		{time.Second, map[string]int64{p.id: 2, "b": 70}, 2, nil},
		{9 * time.Second, map[string]int64{p.id: 3, "b": 70}, 2, nil}, // slow
		{10 * time.Second, map[string]int64{p.id: 4, "b": 71}, 2, nil},
		{20 * time.Second, map[string]int64{p.id: 5, "b": 71, "c": 1}, 2, []string{"b"}},
		{21 * time.Second, map[string]int64{p.id: 6}, 1, nil}, // c has ended
	} {
		dead := p.hear(step.beats, began.Add(step.after))
		if p.count() != step.count || !slices.Equal(dead, step.dead) {
			t.Errorf("hear(%v) after %v: %d processes, %v dead, want %d and %v", step.beats, step.after, p.count(), dead, step.count, step.dead)
		}
	}
	if !p.isAlive(p.id) || p.isAlive("b") {
		t.Error("isAlive() of this process and of a dead one: want true and false")
	}
}
