package importer

import (
	"hash/maphash"
	"math/bits"
)

// claims remembers at which place of the file each customer was met, and under
// which names and addresses. A million of them take 15 to 19 MiB, a quarter of
// what a map would; they hold no pointers, so that collecting garbage is cheap.
type claims struct {
	seed maphash.Seed
	// parts grow one at a time, so that growing never needs much more room.
	parts [64]claimTable
}

// claimTable has keys and places side by side; 0 is a free place.
type claimTable struct {
	keys   []uint64
	places []int32
	n      int
}

func newClaims() *claims { return &claims{seed: maphash.MakeSeed()} }

// place answers where the customer was met, as item.place does; 0 when it was not.
func (c *claims) place(id string) int {
	t, key := c.find(id)
	if i := t.at(key); len(t.keys) > 0 && t.keys[i] == key {
		return int(t.places[i])
	}
	return 0
}

// add remembers a customer.
func (c *claims) add(id string, place int) {
	t, key := c.find(id)
	if t.n*5 >= len(t.keys)*4 {
		t.grow()
	}
	i := t.at(key)
	if t.keys[i] == 0 {
		t.n++
	}
	t.keys[i], t.places[i] = key, int32(place)
}

// find answers the part for an id, and its key there, which is never 0. That two
// of a million ids share one happens once in thirty million imports.
func (c *claims) find(id string) (*claimTable, uint64) {
	key := maphash.String(c.seed, id) | 1
	return &c.parts[key>>58], key
}

// at is where the key is, or where it would go.
func (t *claimTable) at(key uint64) int {
	if len(t.keys) == 0 {
		return 0
	}
	// The bits below those that say the part, scaled to the length.
	high, _ := bits.Mul64(key<<6, uint64(len(t.keys)))
	i := int(high)
	for t.keys[i] != 0 && t.keys[i] != key {
		if i++; i == len(t.keys) {
			i = 0
		}
	}
	return i
}

// grow makes a quarter more room: twice as much would stand half empty when the
// file ends soon.
func (t *claimTable) grow() {
	old := *t
	size := max(64, len(old.keys)+len(old.keys)/4)
	t.keys, t.places = make([]uint64, size), make([]int32, size)
	for i, key := range old.keys {
		if key != 0 {
			at := t.at(key)
			t.keys[at], t.places[at] = key, old.places[i]
		}
	}
}
