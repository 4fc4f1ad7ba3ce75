package importer

import "hash/maphash"

// claims remembers on which line of the file each customer was met. A million of
// them take 24 MiB, a third of what a map would.
type claims struct {
	seed maphash.Seed
	// parts grow one at a time, so that growing never needs much more room.
	parts [64]claimTable
}

// claimTable has keys and lines side by side; 0 is a free place, and the length is
// a power of two.
type claimTable struct {
	keys  []uint64
	lines []int32
	n     int
}

func newClaims() *claims { return &claims{seed: maphash.MakeSeed()} }

// line answers where the customer was met, 0 when it was not.
func (c *claims) line(id string) int {
	t, key := c.find(id)
	if i := t.place(key); len(t.keys) > 0 && t.keys[i] == key {
		return int(t.lines[i])
	}
	return 0
}

// add remembers a customer.
func (c *claims) add(id string, line int) {
	t, key := c.find(id)
	if t.n*4 >= len(t.keys)*3 {
		t.grow()
	}
	i := t.place(key)
	if t.keys[i] == 0 {
		t.n++
	}
	t.keys[i], t.lines[i] = key, int32(line)
}

// find answers the part for an id, and its key there, which is never 0. That two
// of a million ids share one happens once in thirty million imports.
func (c *claims) find(id string) (*claimTable, uint64) {
	key := maphash.String(c.seed, id) | 1
	return &c.parts[key>>58], key
}

// place is where the key is, or where it would go.
func (t *claimTable) place(key uint64) int {
	if len(t.keys) == 0 {
		return 0
	}
	mask := uint64(len(t.keys) - 1)
	i := (key >> 1) & mask
	for t.keys[i] != 0 && t.keys[i] != key {
		i = (i + 1) & mask
	}
	return int(i)
}

func (t *claimTable) grow() {
	old := *t
	size := max(64, 2*len(old.keys))
	t.keys, t.lines = make([]uint64, size), make([]int32, size)
	for i, key := range old.keys {
		if key != 0 {
			at := t.place(key)
			t.keys[at], t.lines[at] = key, old.lines[i]
		}
	}
}
