package app

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// linkLine is a link about the customer.
type linkLine struct {
	// Href is https: or mailto:, nothing else; "" when a number in it is hidden, so
	// that it leads nowhere.
	Href string
	Type string // "" when the title says it already
	Name string
	Mail bool
}

// What a link is called is a few words; a whole address in its place must not push
// everything else off the screen.
const maxLinkType, maxLinkName = 60, 120

// hiddenDigits are what stands for the last digits of a number that was hidden, also
// where it was written in groups.
var hiddenDigits = regexp.MustCompile(`X(?:[^\pL\pN]{0,3}X){3}`)

// linkOf makes a link that is safe to follow, or none. With masked, a link whose
// address held a number that was hidden is one that cannot be followed.
func linkOf(l frontline.Link, masked bool) (linkLine, bool) {
	line := linkLine{Type: text.Visible(l.Type), Name: text.Visible(l.DisplayName)}
	other := "" // what it is called when it has no name
	if value := strings.TrimSpace(l.Value); !masked || value != "" && !hiddenDigits.MatchString(value) {
		u, err := url.Parse(value)
		if err != nil {
			return linkLine{}, false
		}
		switch strings.ToLower(u.Scheme) {
		case "https":
			if other = u.Hostname(); other == "" {
				return linkLine{}, false
			}
		case "mailto":
			if other = u.Opaque; other == "" {
				return linkLine{}, false
			}
			line.Mail = true
		default:
			return linkLine{}, false
		}
		line.Href = u.String()
	}
	if line.Name == "" {
		line.Name, line.Type = line.Type, ""
	}
	if line.Name == "" {
		line.Name = text.Visible(other)
	}
	if line.Type == line.Name {
		line.Type = ""
	}
	line.Type, line.Name = clip(line.Type, maxLinkType), clip(line.Name, maxLinkName)
	return line, true
}
