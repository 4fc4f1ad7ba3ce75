package customers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

const (
	// maxOwnerRows is how many owners a page lists; each has a list of people.
	maxOwnerRows = 50
	// maxListedPeople is how many people such a list may have; a text field suggests more.
	maxListedPeople = 50
)

// ownersPage lists the owners without an account, and the matches of owners to people.
type ownersPage struct {
	pageBase
	// Import is the id of the import whose file names the owners, and File its name; "" for
	// the owners of all customers. Owner is the only owner to list, "" for all.
	Import, File, Owner string
	// CanContinue reports whether the import can still be run.
	CanContinue bool
	// Summary counts the owners. More says how many are not listed, "" for none.
	Summary, More string
	Owners        []ownerRow
	// SignIn are owners who are added when they first sign in.
	SignIn  []ownerRow
	Matches []matchRow
	// People are suggested where they are too many for a list.
	People []string
	// chosen are the people chosen before: refused ones with the error, and the present one
	// of a match that is to be changed.
	chosen []ownerRow
}

// ownerRow is an owner without an account.
type ownerRow struct {
	// Owner is as it is stored, Name as it is shown. Href is the address of the list of
	// their customers, "" while these are in a file only.
	Owner, Name     string
	Customers, Href string
	// People are the options of a list; without them, Person is the text of a field.
	People  []view.Option
	Person  string
	AddHref string
	Error   string
}

// matchRow is a match.
type matchRow struct {
	Owner, Name, Person string
	// PersonHref is "" when the person has no account any more.
	PersonHref  string
	ChangeHref  string
	Deactivated bool
}

// ShowOwners shows the owners without an account.
func (h *Handlers) ShowOwners(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	page := ownersPage{Import: r.URL.Query().Get("import"), Owner: r.URL.Query().Get("owner")}
	switch done := r.URL.Query().Get("done"); done {
	case "matched":
		page.Done = v.Locale.Text("console.owners.matched")
		if n := numberOf(r.URL.Query().Get("n")); n > 0 {
			page.Done += " " + v.Locale.Text("console.reassignment.quick", "moved", view.Count(v.Locale, "list.count", n))
		}
	case "removed":
		page.Done = v.Locale.Text("console.owners.removed")
	}
	return h.renderOwners(w, r, v, http.StatusOK, page)
}

func (h *Handlers) renderOwners(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, page ownersPage) error {
	page.pageBase = h.base(r, v, v.Locale.Text("console.owners.title"), page.pageBase)
	page.Tab = "people"
	people, err := h.Accounts.People(r.Context())
	if err != nil {
		return err
	}
	matches, err := h.Reader.OwnerMatches(r.Context())
	if err != nil {
		return err
	}
	owners, err := h.ownersToMatch(r.Context(), &page, matches, people)
	if err != nil {
		return err
	}
	for _, m := range matches {
		if page.Owner != "" && text.SameIdentity(m.Owner, page.Owner) {
			page.chosen = append(page.chosen, ownerRow{Owner: m.Owner, Person: m.Person})
		}
	}
	found, err := h.ownersWithoutAccount(r.Context(), owners)
	if err != nil {
		return err
	}
	page.Summary = ownersSummary(found.todo, v.Locale)
	people = slices.DeleteFunc(slices.Clone(people), func(p account.Person) bool { return !p.Active() })
	page.Owners, page.More = ownerRows(found.todo, people, page, v)
	page.SignIn, _ = ownerRows(found.signIn, people, page, v)
	if len(people) > maxListedPeople {
		for _, p := range people[:min(len(people), view.MaxSuggestions)] {
			page.People = append(page.People, p.Identity)
		}
	}
	return h.Render(w, r, v, status, "owners", page)
}

// ownersToMatch returns the owners of all customers or, for an import, those of its file
// that are not matched yet. It sets the matches of the page.
func (h *Handlers) ownersToMatch(ctx context.Context, page *ownersPage, matches []customer.OwnerMatch, people []account.Person) ([]customer.OwnerCount, error) {
	accounts := make(map[string]account.Person, len(people))
	for _, p := range people {
		accounts[text.IdentityKey(p.Identity)] = p
	}
	matched := map[string]bool{}
	for _, m := range matches {
		row := matchRow{Owner: m.Owner, Name: view.Line(m.Owner, view.MaxCell), Person: view.Line(m.Person, view.MaxCell), PersonHref: view.PersonHref(m.Person), ChangeHref: view.Href(view.OwnersPath, "owner", m.Owner)}
		if p, ok := accounts[text.IdentityKey(m.Person)]; ok {
			row.Deactivated, matched[text.IdentityKey(m.Owner)] = !p.Active(), true
		} else {
			row.PersonHref = ""
		}
		page.Matches = append(page.Matches, row)
	}
	switch {
	case page.Owner != "":
		n, err := h.Reader.OwnerCount(ctx, page.Owner)
		return []customer.OwnerCount{{Identity: page.Owner, Customers: n}}, err
	case page.Import == "":
		return h.Reader.OwnerCounts(ctx)
	}
	im, err := h.Admin.Import(page.Import)
	if err != nil {
		return nil, err
	}
	page.File, page.CanContinue = shownFile(im.File), im.HasFile
	var owners []customer.OwnerCount
	if im.Preview != nil {
		for _, o := range im.Preview.OwnersWithoutAccount {
			if !matched[text.IdentityKey(o.Owner)] {
				owners = append(owners, customer.OwnerCount{Identity: o.Owner, Customers: o.Customers})
			}
		}
	}
	return owners, nil
}

// ownerRows returns the rows of the owners with most customers, and how many others there
// are.
func ownerRows(owners []customer.OwnerCount, people []account.Person, page ownersPage, v *auth.Viewer) (rows []ownerRow, more string) {
	slices.SortStableFunc(owners, func(a, b customer.OwnerCount) int { return cmp.Compare(b.Customers, a.Customers) })
	if n := len(owners) - maxOwnerRows; n > 0 {
		owners, more = owners[:maxOwnerRows], view.Count(v.Locale, "console.owners.more", n)
	}
	for _, o := range owners {
		row := ownerRow{
			Owner: o.Identity, Name: view.Line(o.Identity, view.MaxCell), Customers: view.Count(v.Locale, "list.count", o.Customers),
			AddHref: view.AddPersonHref(o.Identity), Person: suggestPerson(o.Identity, people),
		}
		if page.Import == "" {
			row.Href = view.CustomersOfHref(o.Identity)
		}
		if i := slices.IndexFunc(page.chosen, func(c ownerRow) bool { return text.SameIdentity(c.Owner, o.Identity) }); i >= 0 {
			row.Person, row.Error = page.chosen[i].Person, page.chosen[i].Error
		}
		if len(people) <= maxListedPeople {
			for _, p := range people {
				row.People = append(row.People, view.Option{Value: p.Identity, Text: view.Line(p.Identity, view.MaxCell), Selected: p.Identity == row.Person})
			}
		}
		rows = append(rows, row)
	}
	return rows, more
}

// ChangeOwner matches owners to people, removes a match, or checks the import again.
func (h *Handlers) ChangeOwner(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.LargeForm(w, r, maxOptionsForm); err != nil {
		return err
	}
	page := ownersPage{Import: r.PostForm.Get("import"), Owner: r.PostForm.Get("only")}
	next := view.OwnersPath + "?"
	if page.Import != "" {
		next = view.OwnersOfImportHref(page.Import) + "&"
	}
	do := r.PostForm.Get("do")
	if do == "remove" {
		err := h.Admin.UnmatchOwner(h.auditContext(r), v.Person.Identity, r.PostForm.Get("owner"))
		if err != nil && !errors.Is(err, customer.ErrNotFound) {
			return err
		}
		return view.Redirect(w, r, next+"done=removed")
	}
	if do != "check" && strings.TrimSpace(strings.Join(r.PostForm["person"], "")) == "" {
		page.Problem = v.Locale.Text("console.owners.unknown")
		return h.renderOwners(w, r, v, http.StatusUnprocessableEntity, page)
	}
	matched, err := h.matchOwners(r, v, &page)
	switch {
	case err != nil:
		return err
	case page.Problem != "":
		return h.renderOwners(w, r, v, http.StatusConflict, page)
	case len(page.chosen) > 0:
		return h.renderOwners(w, r, v, http.StatusUnprocessableEntity, page)
	case matched.ID != "":
		return view.Redirect(w, r, reassignmentHref(matched.ID))
	case do == "check":
		return h.checkAgain(w, r, v, page)
	}
	return view.Redirect(w, r, next+"done=matched&n="+strconv.Itoa(matched.Done))
}

// matchOwners matches the owners of the form to the people chosen for them. A reassignment
// that still runs is returned, and the owners after it are not matched; otherwise Done
// counts the customers that were reassigned. The page gets what was refused.
func (h *Handlers) matchOwners(r *http.Request, v *auth.Viewer, page *ownersPage) (all admin.Reassignment, err error) {
	owners, persons := r.PostForm["owner"], r.PostForm["person"]
	if len(owners) != len(persons) {
		return all, auth.ErrForm
	}
	for i, owner := range owners {
		person := strings.TrimSpace(persons[i])
		if person == "" {
			continue
		}
		var one admin.Reassignment
		p, err := h.Accounts.Person(r.Context(), person)
		switch {
		case err == nil && p.Active():
			one, err = h.Admin.MatchOwner(h.auditContext(r), v.Person.Identity, owner, person)
		case err == nil || errors.Is(err, account.ErrNotFound):
			err = admin.ErrNoAccount
		}
		var invalid *customer.InvalidError
		page.Problem = busyText(err, v)
		switch {
		case page.Problem != "":
			return all, nil
		case errors.Is(err, admin.ErrNoAccount):
			page.chosen = append(page.chosen, ownerRow{Owner: owner, Person: view.Line(person, view.MaxCell), Error: v.Locale.Text("console.owners.unknown")})
		case errors.Is(err, admin.ErrHasAccount):
			page.Problem = v.Locale.Text("console.owners.has_account", "owner", view.Line(owner, view.MaxCell))
			return all, nil
		case errors.As(err, &invalid):
			return all, auth.ErrForm
		case err != nil:
			return all, err
		case one.State != admin.Done:
			return one, nil
		}
		all.Done += one.Done
	}
	return all, nil
}

// checkAgain checks the import of the page with the matches as they are now.
func (h *Handlers) checkAgain(w http.ResponseWriter, r *http.Request, v *auth.Viewer, page ownersPage) error {
	im, err := h.Admin.Import(page.Import)
	if err == nil {
		_, err = h.Admin.SetOptions(h.auditContext(r), im.ID, im.Options)
	}
	if page.Problem = busyText(err, v); page.Problem != "" {
		return h.renderOwners(w, r, v, http.StatusConflict, page)
	}
	if err != nil && !errors.Is(err, admin.ErrNotReady) { // imported already
		return err
	}
	return view.Redirect(w, r, importHref(im.ID))
}
