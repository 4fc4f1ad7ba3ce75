package search

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
)

// A pattern is a string to find in documents.
type pattern struct {
	bytes          []byte
	rarest         int  // offset of the three bytes that are least common
	completeNumber bool // no digit may follow a match
}

func newPattern(s string) pattern {
	p := pattern{bytes: []byte(s)}
	best := -1
	for i := 0; i+3 <= len(s); i++ {
		if sum := rarity(s[i]) + rarity(s[i+1]) + rarity(s[i+2]); sum > best {
			best, p.rarest = sum, i
		}
	}
	return p
}

// rarity returns how rare a byte is in folded names and addresses.
func rarity(c byte) int {
	const rarestFirst = "zqxjkwvfybgpuhdctmlsrnoiae "
	if i := strings.IndexByte(rarestFirst, c); i >= 0 {
		return len(rarestFirst) - i
	}
	return len(rarestFirst) / 2 // digits and other alphabets
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// index returns the index of the first match of p in h, or -1.
//
// It is two to four times as fast as bytes.Index on folded text, where every single
// byte is common: it compares three adjacent bytes at sixteen offsets together. A zero
// byte in x or y is an offset where all three match.
func (p *pattern) index(h []byte) int {
	if p.completeNumber {
		return p.indexWhole(h)
	}
	return p.indexAny(h)
}

func (p *pattern) indexAny(h []byte) int {
	if len(p.bytes) < 3 || len(h) < 18 {
		return p.indexShort(h)
	}
	w := p.bytes[p.rarest : p.rarest+3]
	c0, c1, c2 := uint64(w[0])*lowBits, uint64(w[1])*lowBits, uint64(w[2])*lowBits
	i := 0
	for ; i+18 <= len(h); i += 16 {
		g := h[i : i+18 : i+18]
		x := (binary.LittleEndian.Uint64(g) ^ c0) |
			(binary.LittleEndian.Uint64(g[1:]) ^ c1) | (binary.LittleEndian.Uint64(g[2:]) ^ c2)
		y := (binary.LittleEndian.Uint64(g[8:]) ^ c0) |
			(binary.LittleEndian.Uint64(g[9:]) ^ c1) | (binary.LittleEndian.Uint64(g[10:]) ^ c2)
		// The lowest bit set is exact; one above it may be a false alarm.
		x, y = (x-lowBits)&^x&highBits, (y-lowBits)&^y&highBits
		if x|y == 0 {
			continue
		}
		for ; x != 0; x &= x - 1 {
			if k := i + bits.TrailingZeros64(x)>>3 - p.rarest; p.matchesAt(h, k) {
				return k
			}
		}
		for ; y != 0; y &= y - 1 {
			if k := i + 8 + bits.TrailingZeros64(y)>>3 - p.rarest; p.matchesAt(h, k) {
				return k
			}
		}
	}
	// The three bytes may be at i or later; the pattern begins p.rarest before them.
	from := max(i-p.rarest, 0)
	if k := bytes.Index(h[from:], p.bytes); k >= 0 {
		return from + k
	}
	return -1
}

func (p *pattern) matchesAt(h []byte, k int) bool {
	return k >= 0 && k+len(p.bytes) <= len(h) && string(h[k:k+len(p.bytes)]) == string(p.bytes)
}

// indexShort is index for patterns of one or two bytes, and for short texts.
func (p *pattern) indexShort(h []byte) int {
	if len(p.bytes) != 2 {
		return bytes.Index(h, p.bytes)
	}
	c0, c1 := uint64(p.bytes[0])*lowBits, uint64(p.bytes[1])*lowBits
	i := 0
	for ; i+9 <= len(h); i += 8 {
		g := h[i : i+9 : i+9]
		x := (binary.LittleEndian.Uint64(g) ^ c0) | (binary.LittleEndian.Uint64(g[1:]) ^ c1)
		if x = (x - lowBits) &^ x & highBits; x != 0 {
			return i + bits.TrailingZeros64(x)>>3
		}
	}
	if k := bytes.Index(h[i:], p.bytes); k >= 0 {
		return i + k
	}
	return -1
}

// indexWhole is index for matches that no digit follows.
func (p *pattern) indexWhole(h []byte) int {
	for from := 0; ; {
		k := p.indexAny(h[from:])
		if k < 0 {
			return -1
		}
		end := from + k + len(p.bytes)
		if end == len(h) || h[end]-'0' > 9 {
			return from + k
		}
		from += k + 1
	}
}
