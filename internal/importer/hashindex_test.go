package importer

import (
	"fmt"
	"testing"
)

func TestHashIndex_ReturnsTheLastNumberOfEachString(t *testing.T) {
	x := newHashIndex()
	const n = 50_000
	for i := range n {
		s := fmt.Sprint(i)
		if got := x.get(s); got != 0 {
			t.Fatalf("get(%q) = %d before it was set, want 0", s, got)
		}
		x.set(s, i+2)
	}
	x.set("7", 99)
	for i := range n {
		want := i + 2
		if i == 7 {
			want = 99
		}
		if got := x.get(fmt.Sprint(i)); got != want {
			t.Fatalf("get(%q) = %d, want %d", fmt.Sprint(i), got, want)
		}
	}
	if got := x.get("missing"); got != 0 {
		t.Errorf(`get("missing") = %d, want 0`, got)
	}
}
