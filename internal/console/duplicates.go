package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// DuplicatesPath is where those are listed who may be one person.
const DuplicatesPath = "/console/customers/duplicates"

// How many groups a page has, and how many customers of a group it shows.
const (
	groupsPerPage = 10
	maxInGroup    = 12
)

// maxMergeForm bounds the form of a group: each id may have 512 bytes.
const maxMergeForm = 64 << 10

// duplicatesPage is a page of groups of customers who share an address.
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

// duplicateField is a field of a twin; Differs tells that not all twins have it so.
type duplicateField struct {
	Label   string
	Lines   []string
	Differs bool
}

// mergePage asks before customers become one.
type mergePage struct {
	pageBase
	Keep   duplicate
	Others []duplicate
	After  string
	// Reason is why they cannot become one, in the English of the rules.
	Reason string
}

func (c *console) ShowDuplicates(w http.ResponseWriter, r *http.Request, v *visit) error {
	query := r.URL.Query()
	page := duplicatesPage{After: query.Get("after")}
	found, err := c.Reader.Duplicates(r.Context(), customer.DuplicateQuery{After: page.After, Limit: groupsPerPage})
	if isUnknownCursor(err) || err == nil && page.After != "" && len(found.Groups) == 0 {
		http.Redirect(w, r, DuplicatesPath, http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	page.pageBase = c.base(r, v, v.Locale.Text("console.duplicates.title"))
	switch query.Get("done") {
	case "apart":
		page.Done = v.Locale.Text("console.duplicates.kept")
	case "merged":
		page.Done = v.Locale.Text("console.duplicates.merged")
	case "gone":
		page.Problem = v.Locale.Text("console.duplicates.gone")
	}
	for _, g := range found.Groups {
		page.Groups = append(page.Groups, groupOf(g, v))
	}
	if page.After != "" {
		page.First = DuplicatesPath
	}
	if found.Next != "" {
		page.Next = DuplicatesPath + "?" + url.Values{"after": {found.Next}}.Encode()
	}
	auth.SetPrivate(w)
	return c.pages.Render(w, r, http.StatusOK, v.Locale, "duplicates", page)
}

func groupOf(g customer.DuplicateGroup, v *visit) duplicateGroup {
	out := duplicateGroup{Key: g.Key, Shared: contactText(customer.Channel{Type: customer.SMS, Value: g.Shared})}
	shown := g.Customers
	if len(shown) > maxInGroup {
		shown = shown[:maxInGroup]
		out.More = Count(v.Locale, "console.customers.others", len(g.Customers)-maxInGroup)
	}
	out.Customers = compareSideBySide(shown, v)
	return out
}

// compareSideBySide puts customers side by side: the fields that any of them has, and whether all
// have them alike.
func compareSideBySide(customers []customer.Customer, v *visit) (out []duplicate) {
	var all [][]comparedField
	for _, c := range customers {
		all = append(all, comparedFields(c, v))
		out = append(out, duplicate{ID: c.ID, Href: CustomerHref(c.ID), Name: displayName(c, v)})
	}
	for i := range all {
		out[i].Fields = append(out[i].Fields, duplicateField{Label: v.Locale.Text("console.customer.id"), Lines: []string{Line(customers[i].ID, MaxCell)}})
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

// ChangeDuplicates merges a group, or notes that they are different people.
func (c *console) ChangeDuplicates(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.LargeForm(w, r, maxMergeForm); err != nil {
		return err
	}
	after := r.PostForm.Get("after")
	back := func(done string) error {
		query := url.Values{"done": {done}}
		if after != "" {
			query.Set("after", after)
		}
		http.Redirect(w, r, DuplicatesPath+"?"+query.Encode(), http.StatusSeeOther)
		return nil
	}
	switch r.PostForm.Get("do") {
	case "apart":
		err := c.Admin.KeepApart(c.actingContext(r), v.Person.Identity, r.PostForm.Get("key"))
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
	keep, others, err := c.readMerge(r)
	if errors.Is(err, customer.ErrNotFound) {
		return back("gone")
	}
	if err != nil {
		return err
	}
	ask := func(status int, reason string) error {
		page := mergePage{pageBase: c.base(r, v, v.Locale.Text("console.merge.title")), After: after, Reason: reason}
		all := compareSideBySide(append([]customer.Customer{keep}, others...), v)
		page.Keep, page.Others = all[0], all[1:]
		auth.SetPrivate(w)
		return c.pages.Render(w, r, status, v.Locale, "merge", page)
	}
	if r.PostForm.Get("do") == "merge" {
		return ask(http.StatusOK, "")
	}
	var ids []string
	for _, o := range others {
		ids = append(ids, o.ID)
	}
	err = c.Admin.Merge(c.actingContext(r), v.Person.Identity, keep.ID, ids...)
	var invalid *customer.InvalidError
	switch {
	case errors.As(err, &invalid):
		return ask(http.StatusUnprocessableEntity, invalid.Reason)
	case errors.Is(err, customer.ErrNotFound):
		return back("gone")
	case err != nil:
		return err
	}
	http.Redirect(w, r, CustomerHref(keep.ID)+"&done=merged", http.StatusSeeOther)
	return nil
}

// readMerge reads whom a form would keep, and who becomes part of them. ErrNotFound
// when one of them is not there any more: then the group is another one.
func (c *console) readMerge(r *http.Request) (keep customer.Customer, others []customer.Customer, err error) {
	stays := customerID(r.PostForm.Get("keep"))
	if stays == "" || len(r.PostForm["id"]) > maxInGroup {
		return keep, nil, auth.ErrForm
	}
	if keep, err = c.Reader.Get(r.Context(), stays); err != nil {
		return keep, nil, err
	}
	for _, id := range r.PostForm["id"] {
		if id = customerID(id); id == stays {
			continue
		}
		other, err := c.Reader.Get(r.Context(), id)
		if err != nil {
			return keep, nil, err
		}
		others = append(others, other)
	}
	if len(others) == 0 {
		return keep, nil, auth.ErrForm
	}
	return keep, others, nil
}
