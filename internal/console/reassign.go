package console

import (
	"cmp"
	"context"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// ReassignPath is where all customers of somebody are given to somebody else.
const ReassignPath = "/console/customers/reassign"

// reassignPage asks from whom and to whom, and then whether it is meant.
type reassignPage struct {
	pageBase
	From, To ownerField
	Confirm  *reassignConfirm
	Recent   []jobRow
}

// reassignConfirm says what would be done, before it is.
type reassignConfirm struct {
	Text template.HTML
	// Warning is what is odd about whom they go to, "" for nothing.
	Warning  template.HTML
	From, To string
	Count    int
	Button   string
}

func (c *console) ShowReassign(w http.ResponseWriter, r *http.Request, v *visit) error {
	query := r.URL.Query()
	from, to := parseOwner(query.Get("from")), parseOwner(query.Get("to"))
	page := reassignPage{}
	if query.Has("to") {
		c.validateReassign(&page, from, to, v)
		if page.From.Error == "" && page.To.Error == "" {
			confirm, err := c.confirmReassign(r.Context(), from, to, v)
			if err != nil {
				return err
			}
			if page.Confirm = confirm; confirm.Count == 0 {
				page.Confirm, page.From.Error = nil, v.Locale.Text("console.reassign.none")
			}
		}
	}
	return c.renderReassign(w, r, v, http.StatusOK, from, to, page)
}

// validateReassign says what is wrong with whom was chosen.
func (c *console) validateReassign(page *reassignPage, from, to owner, v *visit) {
	if !from.chosen() {
		page.From.Error = v.Locale.Text("console.reassign.from.missing")
	}
	switch {
	case !to.chosen():
		page.To.Error = v.Locale.Text("console.reassign.to.missing")
	case from.chosen() && sameOwner(from, to):
		page.To.Error = v.Locale.Text("console.reassign.same")
	}
}

// reassignConfirm counts whom it would be about.
func (c *console) confirmReassign(ctx context.Context, from, to owner, v *visit) (*reassignConfirm, error) {
	n, err := c.customerCountOf(ctx, from)
	if err != nil {
		return nil, err
	}
	known, _, err := c.accountStatuses(ctx)
	if err != nil {
		return nil, err
	}
	w := v.Locale
	many := Count(w, "list.count", n)
	m := &reassignConfirm{From: from.String(), To: to.String(), Count: n, Button: Count(w, "console.reassign.button", n)}
	switch {
	case from.unassigned:
		m.Text = w.HTML("console.reassign.text.nobodys", "count", many, "to", to.name(v))
	case to.unassigned:
		m.Text = w.HTML("console.reassign.text.nobody", "count", many, "from", from.name(v))
	case from.identity == customer.Everyone:
		m.Text = w.HTML("console.reassign.text.everyones", "count", many, "to", to.name(v))
	case to.identity == customer.Everyone:
		m.Text = w.HTML("console.reassign.text.everyone", "count", many, "from", from.name(v))
	default:
		m.Text = w.HTML("console.reassign.text", "count", many, "from", from.name(v), "to", to.name(v))
	}
	if !to.unassigned {
		switch statusOf(known, to.identity) {
		case accountDeactivated:
			m.Warning = w.HTML("console.reassign.deactivated", "to", to.name(v))
		case accountUnknown:
			m.Warning = w.HTML("console.reassign.stranger", "to", to.name(v))
		}
	}
	return m, nil
}

// customerCountOf is how many customers somebody has, or nobody.
func (c *console) customerCountOf(ctx context.Context, x owner) (int, error) {
	if x.unassigned {
		totals, err := c.Reader.Totals(ctx)
		return totals.Unassigned, err
	}
	return c.Reader.OwnerCount(ctx, x.identity)
}

func (c *console) renderReassign(w http.ResponseWriter, r *http.Request, v *visit, status int, from, to owner, page reassignPage) error {
	top := c.base(r, v, v.Locale.Text("console.reassign.title"))
	top.Done, top.Problem = page.Done, page.Problem
	page.pageBase = top
	fromError, toError := page.From.Error, page.To.Error
	var err error
	if page.From, err = c.currentOwners(r.Context(), v, from); err != nil {
		return err
	}
	if page.To, err = c.newOwners(r.Context(), v, to); err != nil {
		return err
	}
	page.From.Field, page.From.Label, page.From.Error = "from", v.Locale.Text("console.reassign.from"), fromError
	page.To.Field, page.To.Label, page.To.Error = "to", v.Locale.Text("console.reassign.to"), toError
	for _, j := range recentJobs(c.Admin.Jobs()) {
		page.Recent = append(page.Recent, rowOfJob(j, v))
	}
	auth.SetPrivate(w)
	return c.pages.Render(w, r, status, v.Locale, "reassign", page)
}

// newOwners offers everybody who can sign in, everyone, and nobody.
func (c *console) newOwners(ctx context.Context, v *visit, chosen owner) (p ownerField, err error) {
	_, people, err := c.accountStatuses(ctx)
	if err != nil {
		return p, err
	}
	slices.SortStableFunc(people, func(a, b account.Person) int {
		return cmp.Compare(text.IdentityKey(a.Identity), text.IdentityKey(b.Identity))
	})
	for _, person := range people {
		if person.Active() {
			x := owner{identity: person.Identity}
			p.add(x, x.name(v), chosen)
		}
	}
	for _, x := range []owner{{identity: customer.Everyone}, {unassigned: true}} {
		p.add(x, x.name(v), chosen)
	}
	p.finish(chosen, v)
	return p, nil
}

// Reassign begins what was confirmed, unless what was confirmed is no longer so.
func (c *console) Reassign(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	from, to := parseOwner(r.PostForm.Get("from")), parseOwner(r.PostForm.Get("to"))
	page := reassignPage{}
	if c.validateReassign(&page, from, to, v); page.From.Error+page.To.Error != "" {
		return c.renderReassign(w, r, v, http.StatusUnprocessableEntity, from, to, page)
	}
	confirm, err := c.confirmReassign(r.Context(), from, to, v)
	switch {
	case err != nil:
		return err
	case confirm.Count == 0:
		page.From.Error = v.Locale.Text("console.reassign.none")
		return c.renderReassign(w, r, v, http.StatusConflict, from, to, page)
	case strconv.Itoa(confirm.Count) != r.PostForm.Get("count"):
		page.Confirm, page.Problem = confirm, v.Locale.Text("console.reassign.changed")
		return c.renderReassign(w, r, v, http.StatusConflict, from, to, page)
	}
	job, err := c.Admin.Reassign(c.actingContext(r), v.Person.Identity, from.identity, to.identity)
	switch problem := busyText(err, v); {
	case problem != "":
		page.Confirm, page.Problem = confirm, problem
		return c.renderReassign(w, r, v, http.StatusConflict, from, to, page)
	case errors.Is(err, admin.ErrSameOwner):
		page.To.Error = v.Locale.Text("console.reassign.same")
		return c.renderReassign(w, r, v, http.StatusUnprocessableEntity, from, to, page)
	case err != nil:
		return err
	}
	http.Redirect(w, r, jobHref(job.ID), http.StatusSeeOther)
	return nil
}
