package spill

import (
	"fmt"
	"testing"
)

func TestIndex_ReturnsTheLastNumberOfEachString(t *testing.T) {
	x := NewIndex()
	const n = 50_000
	for i := range n {
		s := fmt.Sprint(i)
		if got := x.Get(s); got != 0 {
			t.Fatalf("Get(%q) = %d before it was set, want 0", s, got)
		}
		x.Set(s, i+2)
	}
	x.Set("7", 99)
	for i := range n {
		want := i + 2
		if i == 7 {
			want = 99
		}
		if got := x.Get(fmt.Sprint(i)); got != want {
			t.Fatalf("Get(%q) = %d, want %d", fmt.Sprint(i), got, want)
		}
	}
	if got := x.Get("missing"); got != 0 {
		t.Errorf(`Get("missing") = %d, want 0`, got)
	}
}
