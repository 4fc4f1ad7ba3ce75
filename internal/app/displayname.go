package app

import (
	"hash/fnv"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
)

// maxRowNameRunes is more than fits any screen.
const maxRowNameRunes = 160

// tintCount is the number of avatar colours in the stylesheet.
const tintCount = 8

// tint returns the avatar colour of an id.
func tint(id string) int { return int(hashID(id) % tintCount) }

// hashID returns a hash that is evenly distributed, also for ids that differ only in
// their last digit.
func hashID(id string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(id)) // returns no error
	sum := h.Sum32()
	sum = (sum ^ sum>>16) * 0x85ebca6b
	return sum ^ sum>>13
}

// displayName returns the printable form of a name, or a placeholder for a name that
// has none.
func displayName(name string, words *locale.Locale) string {
	visible := text.Visible(name)
	if strings.Trim(visible, "\ufffd ") == "" {
		return words.Text("list.unnamed")
	}
	return visible
}

// initials returns the initials of a name. Placeholders of hidden digits have none.
func initials(name string, masked bool) string {
	if masked {
		name = hiddenDigits.ReplaceAllString(name, "")
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
