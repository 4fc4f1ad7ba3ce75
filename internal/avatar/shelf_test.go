package avatar

import (
	"fmt"
	"testing"
	"time"
)

func TestShelfKeepsToItsBytes(t *testing.T) {
	now := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	s := newShelf[string, int](3 * (100 + entryBytes))
	for i, k := range []string{"a", "b", "c"} {
		s.put(k, i, 100, now.Add(time.Hour))
	}
	s.get("a", now) // b is now the one not asked for the longest
	s.put("d", 3, 100, now.Add(time.Hour))
	for k, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if _, ok := s.get(k, now); ok != want {
			t.Errorf("%s is kept: %v, want %v", k, ok, want)
		}
	}
	s.put("a", 9, 50, now.Add(time.Minute))
	if v, ok := s.get("a", now); v != 9 || !ok || s.bytes != 2*(100+entryBytes)+50+entryBytes {
		t.Errorf("put again: %d, %v, %d bytes in all", v, ok, s.bytes)
	}
	if _, ok := s.get("a", now.Add(time.Minute)); ok {
		t.Error("it is there when it has expired")
	}
	s.put("huge", 1, 1<<20, now.Add(time.Hour))
	if _, ok := s.get("huge", now); ok || s.len() != 2 {
		t.Errorf("one that is too large is kept, or has moved others out: %d left", s.len())
	}
	for i := range 1000 {
		s.put(fmt.Sprint(i), i, i, now.Add(time.Hour))
		if s.bytes > s.max || s.recent.Len() != s.len() {
			t.Fatalf("%d bytes in %d entries", s.bytes, s.len())
		}
	}
}
