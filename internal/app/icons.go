package app

import (
	"fmt"
	"html/template"
	"io/fs"
	"regexp"

	"github.com/clientele-project/clientele/internal/web"
)

// symbol is one icon in icons.svg: all are drawn on 24 by 24 units.
var symbol = regexp.MustCompile(`(?s)<symbol id="([a-z-]+)">\s*(.*?)\s*</symbol>`)

// parseIcons reads the one file of icons. They are put into pages as they are:
// no request, no flash, and the colour of the text around them.
func parseIcons(files fs.FS) (map[string]template.HTML, error) {
	data, err := fs.ReadFile(files, "icons.svg")
	if err != nil {
		return nil, err
	}
	icons := make(map[string]template.HTML)
	for _, m := range symbol.FindAllSubmatch(data, -1) {
		icons[string(m[1])] = template.HTML(`<svg class="icon i-` + string(m[1]) + `" viewBox="0 0 24 24" aria-hidden="true">` + string(m[2]) + `</svg>`)
	}
	if len(icons) == 0 {
		return nil, fmt.Errorf("icons.svg holds no symbols")
	}
	return icons, nil
}

// templateFuncs are what templates may call beside "t" and "th".
func templateFuncs(assets *web.Assets, icons map[string]template.HTML) template.FuncMap {
	return template.FuncMap{
		"asset": assets.Path,
		"icon": func(name string) (template.HTML, error) {
			icon, ok := icons[name]
			if !ok {
				return "", fmt.Errorf("no icon %q", name)
			}
			return icon, nil
		},
	}
}
