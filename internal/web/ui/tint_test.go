package ui

import (
	"fmt"
	"testing"
)

func TestTint(t *testing.T) {
	var count [tintCount]int
	for i := range 8000 {
		count[Tint(fmt.Sprint("customer-", i))]++
	}
	for i, n := range count {
		if n < 800 || n > 1200 {
			t.Errorf("tint %d: %d of 8000 ids, want about 1000", i, n)
		}
	}
	if Tint("1") != 0 {
		t.Errorf("tint(1) = %d, want 0: the colors of customers must not change", Tint("1"))
	}
}
