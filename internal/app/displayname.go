package app

import (
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/clientele-project/clientele/internal/text"
)

// maxRowNameRunes is more than fits any screen.
const maxRowNameRunes = 160

// initials returns the initials of a name. Placeholders of masked digits have none.
func initials(name string, masked bool) string {
	if masked {
		name = maskedDigits.ReplaceAllString(name, "")
	}
	return text.Initials(name)
}

// clip returns s, cut between graphemes to at most n runes including a final "…".
func clip(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	end, runes, state := 0, 0, -1
	for rest := s; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if runes += utf8.RuneCountInString(cluster); runes > n-1 {
			break
		}
		end += len(cluster)
	}
	if end == 0 { // a single grapheme is longer than n
		for i := range s {
			if runes = n; i >= n {
				end = i
				break
			}
		}
	}
	return s[:end] + "…"
}
