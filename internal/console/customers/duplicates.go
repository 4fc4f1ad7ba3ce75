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
	out := duplicateGroup{Key: g.Key, Shared: contactText(customer.Channel{Type: customer.SMS, Value: g.Shared})}
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
	m, err := h.readMerge(r)
	if errors.Is(err, customer.ErrNotFound) {
		return back("gone")
	}
	if err != nil {
		return err
	}
	confirm := func(status int, reason string) error {
		page := mergePage{pageBase: h.base(r, v, v.Locale.Text("console.merge.title"), pageBase{}), Key: m.group, After: after, Reason: reason}
		all := compareSideBySide(h.showAll(r, v, append([]customer.Customer{m.keep}, m.others...)), v)
		page.Keep, page.Others = all[0], all[1:]
		return h.Render(w, r, v, status, "merge", page)
	}
	if r.PostForm.Get("do") == "merge" {
		return confirm(http.StatusOK, "")
	}
	var ids []string
	for _, o := range m.others {
		ids = append(ids, o.ID)
	}
	err = h.Admin.Merge(h.auditContext(r), v.Person.Identity, m.keep.ID, ids...)
	var invalid *customer.InvalidError
	switch {
	case errors.As(err, &invalid):
		return confirm(http.StatusUnprocessableEntity, invalid.Reason)
	case errors.Is(err, customer.ErrNotFound):
		return back("gone")
	case err != nil:
		return err
	}
	return view.Redirect(w, r, view.CustomerHref(m.keep.ID)+"&done=merged")
}

// merge is a posted merge: the key of the group, the customer to keep, and those merged
// into it.
type merge struct {
	group  string
	keep   customer.Customer
	others []customer.Customer
}

// readMerge returns the posted merge. It returns customer.ErrNotFound unless its customers
// still are in the same open group.
func (h *Handlers) readMerge(r *http.Request) (merge, error) {
	m := merge{group: r.PostForm.Get("key")}
	keep, ids := r.PostForm.Get("keep"), r.PostForm["id"]
	isOther := func(id string) bool { return id != keep }
	if keep == "" || len(ids) > maxInGroup || !slices.ContainsFunc(ids, isOther) {
		return m, auth.ErrForm
	}
	group, err := h.Reader.DuplicateGroup(r.Context(), m.group)
	if err != nil {
		return m, err
	}
	find := func(id string) (c customer.Customer, err error) {
		i := slices.IndexFunc(group.Customers, func(c customer.Customer) bool { return c.ID == id })
		if i < 0 {
			return c, customer.ErrNotFound
		}
		return group.Customers[i], nil
	}
	if m.keep, err = find(keep); err != nil {
		return m, err
	}
	for _, id := range ids {
		if !isOther(id) {
			continue
		}
		other, err := find(id)
		if err != nil {
			return m, err
		}
		m.others = append(m.others, other)
	}
	return m, nil
}
