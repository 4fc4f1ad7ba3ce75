package server

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/store/records"
)

func TestProcesses_Hear(t *testing.T) {
	p := newProcesses(records.Processes{}, true)
	began := time.Now()
	own := int64(0)
	// hear listens each second of a time in which the beats of others are as these.
	hear := func(from, to int, others map[string]int64) (dead []string) {
		for second := from; second <= to; second++ {
			own++
			beats := map[string]int64{p.id: own}
			maps.Copy(beats, others)
			dead = append(dead, p.hear(beats, began.Add(time.Duration(second)*time.Second))...)
		}
		return dead
	}
	for _, step := range []struct {
		what     string
		from, to int // seconds
		others   map[string]int64
		count    int
		dead     []string
	}{
		{"alone", 0, 0, nil, 1, nil},
		{"another one", 1, 1, map[string]int64{"b": 70}, 2, nil},
		{"it is slow", 2, 9, map[string]int64{"b": 70}, 2, nil},
		{"it goes on", 10, 10, map[string]int64{"b": 71}, 2, nil},
		{"a third comes while this one hears nothing", 60, 60, map[string]int64{"b": 71, "c": 1}, 3, nil},
		{"both are slow", 61, 69, map[string]int64{"b": 71, "c": 1}, 3, nil},
		{"one of them is dead", 70, 70, map[string]int64{"b": 71, "c": 2}, 2, []string{"b"}},
		{"the other has ended", 71, 71, nil, 1, nil},
	} {
		dead := hear(step.from, step.to, step.others)
		if p.count() != step.count || !slices.Equal(dead, step.dead) {
			t.Errorf("%s: %d processes, %v dead, want %d and %v", step.what, p.count(), dead, step.count, step.dead)
		}
	}
	if !p.isAlive(p.id) || p.isAlive("b") {
		t.Error("isAlive() of this process and of a dead one: want true and false")
	}
}
