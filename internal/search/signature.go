package search

import "iter"

// A signature shows that a block has no match, without the block. It is two Bloom filters
// with one hash function, of the short sequences in the text (see sequences): of those in
// names, then of all. A block of 256 customers has some 400 and 4,000 of them. A filter can
// have a sequence that the block lacks, but never lacks one that it has.
const (
	nameBits = 2 << 10
	allBits  = 16 << 10
)

// AppendSignature appends the signature of a block to dst.
func AppendSignature(dst, block []byte) ([]byte, error) {
	r, err := parseBlock(block)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(dst, make([]byte, (nameBits+allBits)/8)...)
	names, all := dst[start:start+nameBits/8], dst[start+nameBits/8:]
	addSequences(names, r.names.text)
	addSequences(all, r.names.text)
	addSequences(all, r.rests.text)
	return dst, nil
}

// MayMatch reports whether a block with a signature may have matches no worse than the class
// worst. Without a signature, every block may.
func (q Query) MayMatch(signature []byte, worst uint8) bool {
	if len(signature) != (nameBits+allBits)/8 {
		return true
	}
	if worst < ClassAny {
		for _, spelled := range q.spellings {
			if spelled.wordStarts.mayBeIn(signature[:nameBits/8]) {
				return true
			}
		}
		return false
	}
	for _, all := range q.alternatives {
		if all.mayBeIn(signature[nameBits/8:]) {
			return true
		}
	}
	return false
}

// mayBeIn reports whether a set has all sequences of all patterns.
func (p patterns) mayBeIn(set []byte) bool {
	for i := range p {
		for h := range sequences(p[i].bytes) {
			if at := h & (uint32(len(set))*8 - 1); set[at/8]&(1<<(at%8)) == 0 {
				return false
			}
		}
	}
	return true
}

// addSequences adds the sequences of a text to a set, whose size is a power of two.
func addSequences(set, text []byte) {
	for h := range sequences(text) {
		at := h & (uint32(len(set))*8 - 1)
		set[at/8] |= 1 << (at % 8)
	}
}

// sequences yields the hashes of every two and three bytes in a row, and of every four that
// are digits: of three digits, every number has common ones.
func sequences(text []byte) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		const multiplier = 0x9E3779B1 // spreads the bits to the upper half
		last, digits := uint32(0), 0  // the last four bytes, and how many digits end there
		for i, c := range text {
			last = last>>8 | uint32(c)<<24
			if digits++; c-'0' > 9 {
				digits = 0
			}
			if i >= 1 && !yield(last>>16*multiplier>>16) || i >= 2 && !yield(last>>8*multiplier>>16) || digits >= 4 && !yield(last*multiplier>>16) {
				return
			}
		}
	}
}
