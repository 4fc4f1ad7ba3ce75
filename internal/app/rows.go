package app

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"html/template"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// group holds the rows under one section heading; Section is "" without one.
type group struct {
	Section string
	Rows    []row
}

// row is one customer in the list.
type row struct {
	ID string
	// Rest is what follows /customers in the address of the details.
	Rest string
	// Name is the name, and Query what is highlighted in it.
	Name, Query string
	Initials    string
	Tint        int
	// Avatar is the address of the avatar on our own origin, or "".
	Avatar   string
	Selected bool
}

// Segments returns the name with what matches the query.
func (r row) Segments() []text.Segment { return text.Highlight(r.Name, r.Query) }

// rowKey is a hash of what a row shows.
type rowKey [sha256.Size]byte

func (r row) key() rowKey {
	var b []byte
	for _, s := range []string{r.ID, r.Rest, r.Name, r.Initials, r.Avatar} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return sha256.Sum256(b)
}

// The rows that are kept as HTML: how many bytes, enough for the first pages of 1,000 workers,
// and what each needs beside its HTML.
const (
	rowCacheBytes = 12 << 20
	keptRowBytes  = 200
)

// rowsHTML returns rows as HTML, for templates.
func (a *app) rowsHTML(rows []row) (template.HTML, error) {
	var all strings.Builder
	all.Grow(256 * len(rows))
	for _, r := range rows {
		html, err := a.rowHTML(r)
		if err != nil {
			return "", err
		}
		all.WriteString("\n")
		all.WriteString(string(html))
	}
	return template.HTML(all.String()), nil
}

// rowHTML returns the output of the template "row", which is the same for every language. It
// is kept in memory for the next page with the same row: rendering the rows took two fifths of
// the time of a page. What few pages show, a search or a selected row, is not kept.
func (a *app) rowHTML(r row) (template.HTML, error) {
	keep, key := r.Query == "" && !r.Selected, r.key()
	if html, ok := a.rows.Get(key); ok && keep {
		return html, nil
	}
	body, err := a.pages.Execute(a.catalog.Locales()[0], "row", r)
	if err == nil && keep {
		a.rows.Put(key, template.HTML(body), len(body)+keptRowBytes)
	}
	return template.HTML(body), err
}

// addRows adds the rows of customers, with section headings when they are sorted by
// name and not found by a search. It returns the number of rows.
func (a *app) addRows(pane *listPane, v *viewer, ref pageRef, customers []frontline.Customer, masked bool, selected string) int {
	pane.Ordered = ref.query == "" && sortedByName(customers)
	params := ref.params()
	n := 0
	for _, c := range customers {
		if c.ID == "" {
			continue // cannot be opened
		}
		section := ""
		if pane.Ordered {
			section = text.Section(c.DisplayName)
		}
		if last := len(pane.Groups) - 1; last < 0 || pane.Groups[last].Section != section {
			pane.Groups = append(pane.Groups, group{Section: section})
		}
		g := &pane.Groups[len(pane.Groups)-1]
		g.Rows = append(g.Rows, row{
			ID: c.ID, Rest: strings.TrimPrefix(customerHref(c.ID, params), "/customers"),
			Name: clip(text.DisplayName(c.DisplayName, v.Locale.Text("list.unnamed")), maxRowNameRunes), Query: ref.query,
			Initials: initials(c.DisplayName, masked), Tint: ui.Tint(c.ID),
			Avatar: a.avatarPath(v, c.Avatar), Selected: c.ID == selected,
		})
		n++
	}
	if pane.Ordered && n > 0 {
		pane.From = orderKey(customers[0].DisplayName)
		pane.To = orderKey(customers[len(customers)-1].DisplayName)
	}
	return n
}

// selectRow marks the rows of the customer whose details are shown.
func (pane *listPane) selectRow(id string) {
	for _, g := range pane.Groups {
		for i := range g.Rows {
			g.Rows[i].Selected = g.Rows[i].ID == id
		}
	}
}

func sortedByName(customers []frontline.Customer) bool {
	last := ""
	for _, c := range customers {
		key := text.SortKey(c.DisplayName)
		if key < last {
			return false
		}
		last = key
	}
	return true
}

// orderKey returns the first bytes of a name's sort key in hexadecimal, for a script
// to compare the order of two pages.
func orderKey(name string) string {
	key := text.SortKey(name)
	return hex.EncodeToString([]byte(key[:min(len(key), 24)]))
}
