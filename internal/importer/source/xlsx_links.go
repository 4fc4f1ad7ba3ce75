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

// links returns the hyperlinks in the columns of links and email addresses, nil if there
// are none.
func (a *archive) links(s *sheet, opts Options) (*sheetLinks, error) {
	if len(s.hyperlinks) == 0 || opts.IsLink == nil || opts.IsEmail == nil {
		return nil, nil
	}
	l := &sheetLinks{left: s.left, targets: map[string]string{}}
	for _, name := range s.header {
		l.isLink = append(l.isLink, opts.IsLink(name))
		l.isEmail = append(l.isEmail, opts.IsEmail(name))
	}
	relationships, err := a.relationships(partName(s.part.Name))
	if err != nil {
		return nil, err
	}
	targets := map[string]string{}
	for _, r := range relationships {
		if r.External != "" {
			targets[r.ID] = r.Target
		}
	}
	for cell, id := range s.hyperlinks {
		if target := targets[id]; target != "" {
			l.targets[cell] = target
		}
	}
	return l, nil
}

// replace returns what a cell links to where its text is no address itself.
func (l *sheetLinks) replace(text string, column, line int) string {
	if l == nil || text == "" || column >= len(l.isLink) || !l.isLink[column] && !l.isEmail[column] {
		return text
	}
	cell, err := excelize.CoordinatesToCellName(l.left+column, line)
	if err != nil {
		return text
	}
	target := l.targets[cell]
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
