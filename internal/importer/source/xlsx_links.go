package source

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// sheetLinks are the hyperlinks of a sheet.
type sheetLinks struct {
	isLink, isEmail []bool // by column of the header
	left            int    // the number of the first column
	targets         map[string]string
}

// links returns the hyperlinks in the columns of links and email addresses.
func (a *archive) links(s *sheet, opts Options) (*sheetLinks, error) {
	l := &sheetLinks{left: s.left, targets: map[string]string{}}
	if opts.IsLink == nil || opts.IsEmail == nil {
		return l, nil
	}
	for _, name := range s.header {
		l.isLink = append(l.isLink, opts.IsLink(name))
		l.isEmail = append(l.isEmail, opts.IsEmail(name))
	}
	if len(s.hyperlinks) == 0 {
		return l, nil
	}
	targets := map[string]string{}
	if err := a.eachRelationship(partName(s.part.Name), func(r relationship) {
		if r.external && len(targets) < maxHyperlinks {
			targets[r.id] = r.target
		}
	}); err != nil {
		return nil, err
	}
	for cell, id := range s.hyperlinks {
		if target := targets[id]; target != "" {
			l.targets[cell] = target
		}
	}
	return l, nil
}

// replace returns what a cell links to where its text is no address itself. formula is that
// of the cell, which may be the link.
func (l *sheetLinks) replace(text, formula string, column, line int) string {
	if text == "" || column >= len(l.isLink) || !l.isLink[column] && !l.isEmail[column] {
		return text
	}
	target := hyperlinkOf(formula)
	if cell, err := excelize.CoordinatesToCellName(l.left+column, line); err == nil && target == "" {
		target = l.targets[cell]
	}
	address, isMail := strings.CutPrefix(target, "mailto:")
	switch {
	case l.isEmail[column] && isMail && !strings.Contains(text, "@"):
		address, _, _ = strings.Cut(address, "?")
		return address
	case l.isLink[column] && strings.HasPrefix(target, "http") && (!strings.Contains(text, ".") || strings.Contains(text, " ")):
		return target
	}
	return text
}

// hyperlinkOf returns the address in a formula such as HYPERLINK("mailto:a@example.com","Anna").
func hyperlinkOf(formula string) string {
	_, address, _ := strings.Cut(formula, `HYPERLINK("`)
	address, _, _ = strings.Cut(address, `"`)
	return address
}
