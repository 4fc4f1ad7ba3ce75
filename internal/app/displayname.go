package app

import (
	"hash/fnv"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
)

// maxRowNameRunes is how much of a name a row carries: more than any screen is wide.
const maxRowNameRunes = 160

// tintCount is how many colours there are for avatars; the stylesheet has as many.
const tintCount = 8

// tint chooses the colour of an avatar: the same for an id everywhere.
func tint(id string) int { return int(hashID(id) % tintCount) }

// hashID spreads ids evenly, also those that differ in their last digit alone.
func hashID(id string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(id)) // a hash takes everything
	sum := h.Sum32()
	sum = (sum ^ sum>>16) * 0x85ebca6b
	return sum ^ sum>>13
}

// displayName is a name as a worker sees it, or words for one that nobody can see.
func displayName(name string, words *locale.Locale) string {
	visible := text.Visible(name)
	if strings.Trim(visible, "\ufffd ") == "" {
		return words.Text("list.unnamed")
	}
	return visible
}

// initials are those of a name; what stands for digits that were hidden has none.
func initials(name string, masked bool) string {
	if masked {
		name = hiddenDigits.ReplaceAllString(name, "")
	}
	return text.Initials(name)
}

// clip cuts s after at most n runes, between graphemes, and says so with "…".
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
	if end == 0 { // one grapheme beyond all measure
		for i := range s {
			if runes = n; i >= n {
				end = i
				break
			}
		}
	}
	return s[:end] + "…"
}
