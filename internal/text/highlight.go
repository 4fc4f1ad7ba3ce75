package text

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/rivo/uniseg"
)

// Segment is a part of a name. Mark reports whether it matches the query.
type Segment struct {
	Text string
	Mark bool
}

// Highlight splits a name at the matches of query that Matches returns.
func Highlight(name, query string) []Segment {
	var out []Segment
	at := 0
	if query != "" {
		for _, m := range Matches(name, query) {
			if m.Start < at || m.End > len(name) || m.Start >= m.End {
				continue
			}
			if m.Start > at {
				out = append(out, Segment{Text: name[at:m.Start]})
			}
			out = append(out, Segment{Text: name[m.Start:m.End], Mark: true})
			at = m.End
		}
	}
	if at < len(name) {
		out = append(out, Segment{Text: name[at:]})
	}
	return out
}

// Span is a range of bytes.
type Span struct{ Start, End int }

// Matches returns the parts of name that match the words of query, in order, not
// overlapping, and of whole graphemes; nil if there are none.
func Matches(name, query string) []Span {
	words := Words(query)
	if len(words) == 0 || name == "" {
		return nil
	}
	m, umlauts := foldWithMap(name, typed)
	found := m.find(words)
	if umlauts {
		m, _ = foldWithMap(name, writtenOut)
		found = union(found, m.find(words))
	}
	return found
}

// find returns the parts of the original that match words.
func (m foldMap) find(words []Word) []Span {
	hit := make([]bool, len(m.folded))
	for _, w := range words {
		m.findWord(w.Text, w.Anywhere, hit)
		if w.WrittenOut != w.Text {
			m.findWord(w.WrittenOut, w.Anywhere, hit)
		}
	}
	return m.spans(hit)
}

func (m foldMap) findWord(w string, anywhere bool, hit []bool) {
	for from := 0; ; {
		i := bytes.Index(m.folded[from:], []byte(w))
		if i < 0 {
			return
		}
		at := from + i
		from = at + 1
		if anywhere || at == 0 || m.folded[at-1] == ' ' {
			from = at + len(w)
			for j := at; j < from; j++ {
				hit[j] = true
			}
		}
	}
}

// union returns the parts of a text that are in a or in b.
func union(a, b []Span) []Span {
	all := append(a, b...)
	slices.SortFunc(all, func(x, y Span) int { return cmp.Or(x.Start-y.Start, x.End-y.End) })
	var out []Span
	for _, s := range all {
		if n := len(out); n > 0 && s.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// A foldMap is a folded string with the original grapheme of each byte.
type foldMap struct {
	folded []byte
	source []Span // by byte of folded
}

// foldWithMap folds s in a form, and reports whether it has umlauts.
func foldWithMap(s string, as form) (m foldMap, umlauts bool) {
	f := folder{as: as}
	state, at := -1, 0
	for rest := s; rest != ""; {
		var g string
		g, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		before := len(f.dst)
		f.feed(g)
		// The space between words is written with the word after it.
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
	return m, f.umlauts
}

// spans returns the ranges of the original whose folded bytes are hit.
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
