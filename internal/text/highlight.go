package text

import "github.com/rivo/uniseg"

// A foldMap is a folded string that remembers, for each byte, which grapheme of
// the original it came from.
type foldMap struct {
	folded []byte
	source []Span // by byte of folded
}

func foldWithMap(s string) foldMap {
	var m foldMap
	f := folder{}
	state, at := -1, 0
	for rest := s; rest != ""; {
		var g string
		g, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		before := len(f.dst)
		f.feed(g)
		// The space between words comes with the word after it, but is not its.
		from := before
		if len(f.dst) > from && f.dst[from] == ' ' && from > 0 {
			from++
			m.source = append(m.source, Span{at, at})
		}
		f.compose(from)
		for len(m.source) < len(f.dst) {
			m.source = append(m.source, Span{at, at + len(g)})
		}
		at += len(g)
	}
	m.folded = f.dst
	return m
}

// spans answers the ranges of the original whose folded bytes were hit.
func (m foldMap) spans(hit []bool) []Span {
	var out []Span
	joined := false // the byte before was hit too
	for i, h := range hit {
		if !h {
			joined = false
			continue
		}
		src := m.source[i]
		if src.Start == src.End { // a space within a match
			continue
		}
		n := len(out)
		switch {
		case n > 0 && (joined || src.Start <= out[n-1].End):
			out[n-1].End = max(out[n-1].End, src.End)
		default:
			out = append(out, src)
		}
		joined = true
	}
	return out
}
