package ui

import (
	"fmt"
	"html/template"
	"io/fs"
	"regexp"
)

// symbolElement matches one icon in icons.svg, drawn on 24 by 24 units.
var symbolElement = regexp.MustCompile(`(?s)<symbol id="([a-z-]+)">\s*(.*?)\s*</symbol>`)

// icons holds the icons by name.
type icons map[string]template.HTML

// parseIcons reads icons.svg. Icons are inlined into pages: they need no request
// and take the color of the text around them.
func parseIcons(files fs.FS) (icons, error) {
	data, err := fs.ReadFile(files, "icons.svg")
	if err != nil {
		return nil, err
	}
	found := make(icons)
	for _, m := range symbolElement.FindAllSubmatch(data, -1) {
		found[string(m[1])] = template.HTML(`<svg class="icon i-` + string(m[1]) + `" viewBox="0 0 24 24" aria-hidden="true">` + string(m[2]) + `</svg>`)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("icons.svg holds no symbols")
	}
	return found, nil
}

func (i icons) byName(name string) (template.HTML, error) {
	icon, ok := i[name]
	if !ok {
		return "", fmt.Errorf("no icon %q", name)
	}
	return icon, nil
}
