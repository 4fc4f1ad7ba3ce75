package external

import (
	"fmt"
	"testing"
)

func TestTheOldestErrandThatNobodyWaitsForIsGivenUp(t *testing.T) {
	var given []string
	e := errands{most: 2}
	begin := func(worker, name string) *errand { return e.begin(worker, func() { given = append(given, name) }) }
	a := begin("alice@example.com", "a")
	b := begin("ALICE@example.com", "b")
	e.leave(b)
	e.join(b)
	begin("Bob", "other")
	begin("bob", "somebody else")
	c := begin("alice@example.com", "c") // somebody waits for each: none is given up
	if len(given) != 0 {
		t.Fatalf("given up: %q", given)
	}
	e.leave(b)
	e.leave(a)
	if fmt.Sprint(given) != "[b]" {
		t.Errorf("given up: %q", given)
	}
	begin("alice@example.com", "d")
	if fmt.Sprint(given) != "[b a]" {
		t.Errorf("given up: %q", given)
	}
	e.end(c)
	e.end(c)
	e.leave(c)
	if len(e.of) != 3 || len(e.of["alice@example.com"]) != 1 {
		t.Errorf("left are %v", e.of)
	}
}
