package customers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// How many groups a page has, and how many customers of a group it shows.
const (
	groupsPerPage = 10
	maxInGroup    = 12
)

// maxMergeForm bounds the posted form of a group: an id may have 512 bytes.
const maxMergeForm = 64 << 10

// duplicatesPage is a page of groups of customers who share a contact address.
type duplicatesPage struct {
	pageBase
	Groups []duplicateGroup
	// First and Next are addresses, "" when there is no such page.
	First, Next string
	After       string
}

type duplicateGroup struct {
	Key, Shared string
	Customers   []duplicate
	// More says how many are left out, "" for none.
	More string
}

// duplicate is one customer of a group, field by field.
type duplicate struct {
	ID, Href, Name string
	Fields         []duplicateField
}

// duplicateField is a field of a customer; Differs reports whether it differs within the
// group.
type duplicateField struct {
	Label   string
	Lines   []string
	Differs bool
}

// mergePage asks to confirm a merge within the group Key.
type mergePage struct {
	pageBase
	Key    string
	Keep   duplicate
	Others []duplicate
	After  string
	// Reason is why they cannot be merged, in English.
	Reason string
}

// ShowDuplicates shows the groups of possible duplicates.
func (h *Handlers) ShowDuplicates(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	query := r.URL.Query()
	page := duplicatesPage{After: query.Get("after")}
	found, err := h.Reader.Duplicates(r.Context(), customer.DuplicateQuery{After: page.After, Limit: groupsPerPage})
	if isUnknownCursor(err) || err == nil && page.After != "" && len(found.Groups) == 0 {
		return view.Redirect(w, r, view.DuplicatesPath)
	}
	if err != nil {
		return err
	}
	page.pageBase = h.base(r, v, v.Locale.Text("console.duplicates.title"), page.pageBase)
	switch query.Get("done") {
	case "apart":
		page.Done = v.Locale.Text("console.duplicates.separated")
	case "merged":
		page.Done = v.Locale.Text("console.duplicates.merged")
	case "gone":
		page.Problem = v.Locale.Text("console.duplicates.gone")
	}
	for _, g := range found.Groups {
		page.Groups = append(page.Groups, h.groupOf(r, v, g))
	}
	if page.After != "" {
		page.First = view.DuplicatesPath
	}
	if found.Next != "" {
		page.Next = view.DuplicatesPath + "?" + url.Values{"after": {found.Next}}.Encode()
	}
	return h.Render(w, r, v, http.StatusOK, "duplicates", page)
}

func (h *Handlers) groupOf(r *http.Request, v *auth.Viewer, g customer.DuplicateGroup) duplicateGroup {
	out := duplicateGroup{Key: g.Key, Shared: contactText(customer.Channel{Type: customer.SMS, Value: g.Shared}, v)}
	shown := g.Customers
	if len(shown) > maxInGroup {
		shown = shown[:maxInGroup]
		out.More = view.Count(v.Locale, "console.customers.others", len(g.Customers)-maxInGroup)
	}
	out.Customers = compareSideBySide(h.showAll(r, v, shown), v)
	return out
}

// showAll shows customers: see view.Shown.
func (h *Handlers) showAll(r *http.Request, v *auth.Viewer, customers []customer.Customer) (out []view.Shown) {
	for _, c := range customers {
		out = append(out, h.Show(r, v, c))
	}
	return out
}

// compareSideBySide returns the customers with the fields that any of them has, and which
// fields differ.
func compareSideBySide(customers []view.Shown, v *auth.Viewer) (out []duplicate) {
	var all [][]comparedField
	for _, shown := range customers {
		c := shown.Customer()
		all = append(all, comparedFields(c, v))
		out = append(out, duplicate{ID: c.ID, Href: view.CustomerHref(c.ID), Name: displayName(c.Name, v)})
	}
	for i := range all {
		out[i].Fields = append(out[i].Fields, duplicateField{Label: v.Locale.Text("console.customer.id"), Lines: []string{view.Line(out[i].ID, view.MaxCell)}})
		for f := range all[i] {
			field := duplicateField{Label: all[i][f].label, Lines: all[i][f].lines}
			any := false
			for j := range all {
				field.Differs = field.Differs || !slices.Equal(all[j][f].lines, all[0][f].lines)
				any = any || len(all[j][f].lines) > 0
			}
			if !any {
				continue
			}
			if len(field.Lines) == 0 {
				field.Lines = []string{v.Locale.Text("console.customer.empty")}
			}
			out[i].Fields = append(out[i].Fields, field)
		}
	}
	return out
}

// ChangeDuplicates merges a group, or marks its customers as different people.
func (h *Handlers) ChangeDuplicates(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.LargeForm(w, r, maxMergeForm); err != nil {
		return err
	}
	after := r.PostForm.Get("after")
	back := func(done string) error {
		query := url.Values{"done": {done}}
		if after != "" {
			query.Set("after", after)
		}
		return view.Redirect(w, r, view.DuplicatesPath+"?"+query.Encode())
	}
	switch r.PostForm.Get("do") {
	case "apart":
		err := h.Admin.KeepApart(h.auditContext(r), v.Person.Identity, r.PostForm.Get("key"))
		if errors.Is(err, customer.ErrNotFound) {
			return back("gone")
		}
		if err != nil {
			return err
		}
		return back("apart")
	case "merge", "merge-now":
	default:
		return auth.ErrForm
	}
	m, err := readMerge(r)
	if err != nil {
		return err
	}
	reason := ""
	if r.PostForm.Get("do") == "merge-now" {
		err := h.Admin.Merge(h.auditContext(r), v.Person.Identity, m.group, m.keep, m.others...)
		var invalid *customer.InvalidError
		switch {
		case errors.Is(err, customer.ErrNotFound):
			return back("gone")
		case err == nil:
			return view.Redirect(w, r, view.CustomerHref(m.keep)+"&done=merged")
		case !errors.As(err, &invalid):
			return err
		}
		reason = invalid.Reason
	}
	err = h.confirmMerge(w, r, v, m, mergePage{Key: m.group, After: after, Reason: reason})
	if errors.Is(err, customer.ErrNotFound) {
		return back("gone")
	}
	return err
}

// merge is a posted merge: the key of the group, and the ids of the customer to keep and of
// those merged into it.
type merge struct {
	group, keep string
	others      []string
}

func readMerge(r *http.Request) (merge, error) {
	m := merge{group: r.PostForm.Get("key"), keep: r.PostForm.Get("keep")}
	ids := r.PostForm["id"]
	m.others = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == m.keep })
	if m.keep == "" || len(ids) > maxInGroup || len(m.others) == 0 {
		return m, auth.ErrForm
	}
	return m, nil
}

// confirmMerge asks to confirm a merge, or says why it is impossible. It returns
// customer.ErrNotFound, with nothing written, unless the customers still are in the same
// open group.
func (h *Handlers) confirmMerge(w http.ResponseWriter, r *http.Request, v *auth.Viewer, m merge, page mergePage) error {
	group, err := h.Reader.DuplicateGroup(r.Context(), m.group)
	if err != nil {
		return err
	}
	var chosen []customer.Customer
	for _, id := range append([]string{m.keep}, m.others...) {
		i := slices.IndexFunc(group.Customers, func(c customer.Customer) bool { return c.ID == id })
		if i < 0 {
			return customer.ErrNotFound
		}
		chosen = append(chosen, group.Customers[i])
	}
	page.pageBase = h.base(r, v, v.Locale.Text("console.merge.title"), pageBase{})
	all := compareSideBySide(h.showAll(r, v, chosen), v)
	page.Keep, page.Others = all[0], all[1:]
	status := http.StatusOK
	if page.Reason != "" {
		status = http.StatusUnprocessableEntity
	}
	return h.Render(w, r, v, status, "merge", page)
}
