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

// reassignPath is where all customers of somebody are given to somebody else.
const reassignPath = "/console/customers/reassign"

// reassignPage asks from whom and to whom, and then whether it is meant.
type reassignPage struct {
	customersTop
	From, To pick
	Confirm  *confirmMove
	Recent   []jobRow
}

// confirmMove says what would be done, before it is.
type confirmMove struct {
	Text template.HTML
	// Warning is what is odd about whom they go to, "" for nothing.
	Warning  template.HTML
	From, To string
	Count    int
	Button   string
}

func (c *console) showReassign(w http.ResponseWriter, r *http.Request, v *visit) error {
	query := r.URL.Query()
	from, to := readWhose(query.Get("from")), readWhose(query.Get("to"))
	page := reassignPage{}
	if query.Has("to") {
		c.checkMove(&page, from, to, v)
		if page.From.Error == "" && page.To.Error == "" {
			confirm, err := c.confirmMove(r.Context(), from, to, v)
			if err != nil {
				return err
			}
			if page.Confirm = confirm; confirm.Count == 0 {
				page.Confirm, page.From.Error = nil, v.Locale.Text("console.reassign.none")
			}
		}
	}
	return c.reassignScreen(w, r, v, http.StatusOK, from, to, page)
}

// checkMove says what is wrong with whom was chosen.
func (c *console) checkMove(page *reassignPage, from, to whose, v *visit) {
	if !from.chosen() {
		page.From.Error = v.Locale.Text("console.reassign.from.missing")
	}
	switch {
	case !to.chosen():
		page.To.Error = v.Locale.Text("console.reassign.to.missing")
	case from.chosen() && sameWhose(from, to):
		page.To.Error = v.Locale.Text("console.reassign.same")
	}
}

// confirmMove counts whom it would be about.
func (c *console) confirmMove(ctx context.Context, from, to whose, v *visit) (*confirmMove, error) {
	n, err := c.holdingOf(ctx, from)
	if err != nil {
		return nil, err
	}
	known, _, err := c.standings(ctx)
	if err != nil {
		return nil, err
	}
	w := v.Locale
	many := amount(w, "list.count", n)
	m := &confirmMove{From: from.String(), To: to.String(), Count: n, Button: amount(w, "console.reassign.button", n)}
	switch {
	case from.nobody:
		m.Text = w.HTML("console.reassign.text.nobodys", "count", many, "to", to.name(v))
	case to.nobody:
		m.Text = w.HTML("console.reassign.text.nobody", "count", many, "from", from.name(v))
	case from.identity == customer.Everyone:
		m.Text = w.HTML("console.reassign.text.everyones", "count", many, "to", to.name(v))
	case to.identity == customer.Everyone:
		m.Text = w.HTML("console.reassign.text.everyone", "count", many, "from", from.name(v))
	default:
		m.Text = w.HTML("console.reassign.text", "count", many, "from", from.name(v), "to", to.name(v))
	}
	if !to.nobody {
		switch standingOf(known, to.identity) {
		case isDeactivated:
			m.Warning = w.HTML("console.reassign.deactivated", "to", to.name(v))
		case isNobody:
			m.Warning = w.HTML("console.reassign.stranger", "to", to.name(v))
		}
	}
	return m, nil
}

// holdingOf is how many customers somebody has, or nobody.
func (c *console) holdingOf(ctx context.Context, x whose) (int, error) {
	if x.nobody {
		totals, err := c.Reader.Totals(ctx)
		return totals.Unassigned, err
	}
	return c.Reader.OwnerCount(ctx, x.identity)
}

func (c *console) reassignScreen(w http.ResponseWriter, r *http.Request, v *visit, status int, from, to whose, page reassignPage) error {
	top := c.top(r, v, v.Locale.Text("console.reassign.title"))
	top.Done, top.Problem = page.Done, page.Problem
	page.customersTop = top
	fromError, toError := page.From.Error, page.To.Error
	var err error
	if page.From, err = c.pickHolder(r.Context(), v, from); err != nil {
		return err
	}
	if page.To, err = c.pickSuccessor(r.Context(), v, to); err != nil {
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

// pickSuccessor offers everybody who can sign in, everyone, and nobody.
func (c *console) pickSuccessor(ctx context.Context, v *visit, chosen whose) (p pick, err error) {
	_, people, err := c.standings(ctx)
	if err != nil {
		return p, err
	}
	slices.SortStableFunc(people, func(a, b account.Person) int {
		return cmp.Compare(text.IdentityKey(a.Identity), text.IdentityKey(b.Identity))
	})
	for _, person := range people {
		if person.Active() {
			x := whose{identity: person.Identity}
			p.add(x, x.name(v), chosen)
		}
	}
	for _, x := range []whose{{identity: customer.Everyone}, {nobody: true}} {
		p.add(x, x.name(v), chosen)
	}
	p.finish(chosen, v)
	return p, nil
}

// reassign begins what was confirmed, unless what was confirmed is no longer so.
func (c *console) reassign(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	from, to := readWhose(r.PostForm.Get("from")), readWhose(r.PostForm.Get("to"))
	page := reassignPage{}
	if c.checkMove(&page, from, to, v); page.From.Error+page.To.Error != "" {
		return c.reassignScreen(w, r, v, http.StatusUnprocessableEntity, from, to, page)
	}
	confirm, err := c.confirmMove(r.Context(), from, to, v)
	switch {
	case err != nil:
		return err
	case confirm.Count == 0:
		page.From.Error = v.Locale.Text("console.reassign.none")
		return c.reassignScreen(w, r, v, http.StatusConflict, from, to, page)
	case strconv.Itoa(confirm.Count) != r.PostForm.Get("count"):
		page.Confirm, page.Problem = confirm, v.Locale.Text("console.reassign.changed")
		return c.reassignScreen(w, r, v, http.StatusConflict, from, to, page)
	}
	job, err := c.Admin.Reassign(c.acting(r), v.Person.Identity, from.identity, to.identity)
	switch problem := busyText(err, v); {
	case problem != "":
		page.Confirm, page.Problem = confirm, problem
		return c.reassignScreen(w, r, v, http.StatusConflict, from, to, page)
	case errors.Is(err, admin.ErrSameOwner):
		page.To.Error = v.Locale.Text("console.reassign.same")
		return c.reassignScreen(w, r, v, http.StatusUnprocessableEntity, from, to, page)
	case err != nil:
		return err
	}
	http.Redirect(w, r, jobHref(job.ID), http.StatusSeeOther)
	return nil
}
