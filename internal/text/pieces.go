package text

// Piece is a part of a name, marked when it matches what was searched for.
type Piece struct {
	Text string
	Mark bool
}

// Pieces cuts a name where it matches query, as Marks says; all pieces together are
// the name.
func Pieces(name, query string) []Piece {
	var out []Piece
	at := 0
	if query != "" {
		for _, m := range Marks(name, query) {
			if m.Start < at || m.End > len(name) || m.Start >= m.End {
				continue
			}
			if m.Start > at {
				out = append(out, Piece{Text: name[at:m.Start]})
			}
			out = append(out, Piece{Text: name[m.Start:m.End], Mark: true})
			at = m.End
		}
	}
	if at < len(name) {
		out = append(out, Piece{Text: name[at:]})
	}
	return out
}
