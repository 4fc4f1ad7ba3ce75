package importer

import (
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/source"
	"github.com/clientele-project/clientele/internal/text"
)

// mappedRow is a row mapped to the fields of a customer.
type mappedRow struct {
	source.Row
	// blank rows are ignored.
	blank bool
	// reject and skip say why the row is not used, "" when it is.
	reject, skip string
	// wrongWidth is set if the row has too few or too many cells, so that values may be in
	// other columns than theirs.
	wrongWidth bool
	// mayBeCutOff reports whether the file may go on after this row, which is used.
	mayBeCutOff bool
	// remarks are things to know about a row that is used.
	remarks []string
	// unknownNumbers is how many phone numbers were kept as they are written.
	unknownNumbers int

	// fields are the fields that the row provides, blank ones included.
	fields         fieldSet
	id, name       string
	company, title string
	notes          customer.Detail
	wholeNotes     bool // the title of the notes is provided too
	avatar         string
	workers        []string

	// lostID and lostNumbers are set if a spreadsheet shortened the id or a number. The
	// numbers that the customer has stay then. exported is set if ExportCSV wrote the row.
	lostID, lostNumbers, exported bool
	// nameless reports whether the row has no name: name is an address.
	nameless bool

	channels    []customer.Channel
	allChannels bool // all types are provided, not only those of fields
	links       []customer.Link
	linkTypes   []string // the types provided
	allLinks    bool

	// Of a row without an id: the contact keys, the words of the name, and the id
	// that a new customer gets.
	keys   []string
	words  string
	hashID string
}

// providesType reports whether the row replaces the channels of a type.
func (r *mappedRow) providesType(channelType string) bool {
	switch channelType {
	case customer.SMS:
		return r.fields.has(fieldPhone)
	case customer.WhatsApp:
		return r.fields.has(fieldWhatsApp)
	case customer.Email:
		return r.fields.has(fieldEmail)
	case customer.Chat:
		return r.fields.has(fieldChat)
	}
	return false
}

func (r *mappedRow) providesLink(linkType string) bool {
	return slices.ContainsFunc(r.linkTypes, func(t string) bool { return strings.EqualFold(t, linkType) })
}

// apply returns old with the fields of the row. worker is added to the owners when the
// row names none.
func (r *mappedRow) apply(old customer.Customer, worker string) customer.Customer {
	c := old
	if !r.nameless || old.Name == "" || hasNoName(old) {
		c.Name = r.name
	}
	if r.fields.has(fieldCompany) {
		c.Company = r.company
	}
	if r.fields.has(fieldJobTitle) {
		c.JobTitle = r.title
	}
	if r.fields.has(fieldAvatar) {
		c.Avatar = r.avatar
	}
	if r.fields.has(fieldNotes) {
		c.Details.Content = r.notes.Content
		if r.wholeNotes || r.notes.Content == "" {
			c.Details.Title = r.notes.Title
		}
	}
	c.Channels, c.Links = r.channels, r.links
	if !r.allChannels {
		c.Channels = merge(old.Channels, r.withNumbersOf(old), func(ch customer.Channel) string { return ch.Type }, r.providesType)
	}
	if !r.allLinks {
		c.Links = merge(old.Links, r.links, func(l customer.Link) string { return strings.ToLower(l.Type) }, r.providesLink)
	}
	switch {
	case r.fields.has(fieldOwner):
		if !sameIdentities(old.Workers, r.workers) {
			c.Workers = r.workers
		}
	case worker != "" && !text.ContainsIdentity(old.Workers, worker):
		c.Workers = append(slices.Clone(old.Workers), worker)
		slices.Sort(c.Workers)
	}
	return c
}

// withNumbersOf returns the channels of the row, after those numbers of old that it must
// not replace.
func (r *mappedRow) withNumbersOf(old customer.Customer) []customer.Channel {
	if !r.lostNumbers {
		return r.channels
	}
	var kept []customer.Channel
	for _, ch := range old.Channels {
		if r.providesType(ch.Type) && (ch.Type == customer.SMS || ch.Type == customer.WhatsApp) {
			kept = append(kept, ch)
		}
	}
	for _, ch := range r.channels {
		if !slices.Contains(kept, ch) {
			kept = append(kept, ch)
		}
	}
	return kept
}

// merge returns old with the elements of each provided type replaced by those of the
// row, where the first of the type was, and new types at the end. Where all types have
// the same elements, it returns old as it is.
func merge[T comparable](old, row []T, typeOf func(T) string, provided func(string) bool) []T {
	if len(old) == 0 {
		return row
	}
	of := func(list []T, t string) []T {
		var found []T
		for _, e := range list {
			if typeOf(e) == t {
				found = append(found, e)
			}
		}
		return found
	}
	var merged []T
	done, changed := map[string]bool{}, false
	replace := func(t string) {
		if !done[t] {
			done[t] = true
			elements := of(row, t)
			changed = changed || !slices.Equal(elements, of(old, t))
			merged = append(merged, elements...)
		}
	}
	for _, e := range old {
		if t := typeOf(e); provided(t) {
			replace(t)
		} else {
			merged = append(merged, e)
		}
	}
	for _, e := range row {
		replace(typeOf(e))
	}
	if !changed {
		return old
	}
	return merged
}

// same reports whether two customers are equal in every field.
func same(a, b customer.Customer) bool {
	return a.ID == b.ID && a.Name == b.Name && a.Company == b.Company && a.JobTitle == b.JobTitle &&
		a.Details == b.Details && a.Avatar == b.Avatar && slices.Equal(a.Channels, b.Channels) &&
		slices.Equal(a.Links, b.Links) && slices.Equal(a.Workers, b.Workers)
}

func sameIdentities(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(w string) bool { return !text.ContainsIdentity(b, w) })
}
