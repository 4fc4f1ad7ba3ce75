package importer

import (
	"fmt"
	"testing"
)

func TestClaimsRememberWhereEachCustomerWasMet(t *testing.T) {
	c := newClaims()
	const n = 50_000
	for i := range n {
		if got := c.place(fmt.Sprint(i)); got != 0 {
			t.Fatalf("%d was met on line %d before it was added", i, got)
		}
		c.add(fmt.Sprint(i), i+2)
	}
	c.add("7", 99)
	for i := range n {
		want := i + 2
		if i == 7 {
			want = 99
		}
		if got := c.place(fmt.Sprint(i)); got != want {
			t.Fatalf("%d was met on line %d, want %d", i, got, want)
		}
	}
	if got := c.place("nobody"); got != 0 {
		t.Errorf("nobody was met on line %d", got)
	}
}
