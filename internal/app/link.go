package app

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// linkLine is a link of a customer.
type linkLine struct {
	// Href is an https: or mailto: address, "" when a number in it is masked.
	Href string
	Type string // "" when it is the same as Name
	Name string
	Mail bool
}

// The limits, in runes, keep a long address shown as a name from filling the screen.
const maxLinkType, maxLinkName = 60, 120

// maskedDigits matches the placeholder for the last four digits of a masked number,
// also with separators in between.
var maskedDigits = regexp.MustCompile(`X(?:[^\pL\pN]{0,3}X){3}`)

// linkOf returns the line of a link, false for a link that is not safe to follow. With
// masked, a link with a masked number in its address has no Href.
func linkOf(l frontline.Link, masked bool) (linkLine, bool) {
	line := linkLine{Type: text.Visible(l.Type), Name: text.Visible(l.DisplayName)}
	other := "" // the name of a link without one
	if value := strings.TrimSpace(l.Value); !masked || value != "" && !maskedDigits.MatchString(value) {
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
