package customers

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// How forms and addresses write an owner: unassignedValue for unassigned customers, or
// ownerPrefix and an identity. So an identity may be "none".
const (
	unassignedValue = "none"
	ownerPrefix     = "of:"
)

// owner is a chosen owner, or unassigned customers; the zero value is no choice.
type owner struct {
	identity   string
	unassigned bool
}

// parseOwner parses what String returned, or an identity that someone typed.
func parseOwner(s string) owner {
	if s == unassignedValue {
		return owner{unassigned: true}
	}
	identity := strings.TrimSpace(strings.TrimPrefix(s, ownerPrefix))
	if len(identity) > customer.MaxWorkerBytes || identity != strings.ToValidUTF8(identity, "") || strings.ContainsRune(identity, 0) {
		return owner{}
	}
	return owner{identity: identity}
}

// String returns the owner for a form or an address.
func (o owner) String() string {
	switch {
	case o.unassigned:
		return unassignedValue
	case o.identity == "":
		return ""
	}
	return ownerPrefix + o.identity
}

func (o owner) chosen() bool { return o.unassigned || o.identity != "" }

// name returns the owner as pages show it.
func (o owner) name(v *auth.Viewer) string {
	switch {
	case o.unassigned:
		return v.Locale.Text("console.customers.unassigned")
	case o.identity == customer.Everyone:
		return v.Locale.Text("console.customers.everyone")
	}
	return view.Line(o.identity, view.MaxCell)
}

// ownerField is the field for an owner: a list, or free text where the list would be too
// long.
type ownerField struct {
	Field, Label string
	Options      []view.Option
	// FreeText reports whether there are too many for a list. Value is the text then.
	FreeText bool
	Value    string
	Error    string
}

// maxOptions is how many options a list may have.
const maxOptions = 300

func (f *ownerField) add(o owner, label string, chosen owner) {
	f.Options = append(f.Options, view.Option{Value: o.String(), Text: label, Selected: o.chosen() && sameOwner(o, chosen)})
}

func sameOwner(a, b owner) bool {
	return a.unassigned == b.unassigned && text.SameIdentity(a.identity, b.identity)
}

// finish makes sure that the chosen owner is an option, and limits the options.
func (f *ownerField) finish(chosen owner, v *auth.Viewer) {
	if len(f.Options) > maxOptions {
		f.Options, f.FreeText = f.Options[:maxOptions], true
		if f.Value = chosen.identity; chosen.unassigned {
			f.Value = unassignedValue
		}
		return
	}
	if chosen.chosen() && !slices.ContainsFunc(f.Options, func(o view.Option) bool { return o.Selected }) {
		f.add(chosen, chosen.name(v), chosen)
	}
}

// currentOwners returns a field with everyone who has customers, and unassigned ones,
// with the counts.
func (h *Handlers) currentOwners(ctx context.Context, v *auth.Viewer, chosen owner) (f ownerField, err error) {
	counts, err := h.Reader.OwnerCounts(ctx)
	if err != nil {
		return f, err
	}
	totals, err := h.Reader.Totals(ctx)
	if err != nil {
		return f, err
	}
	loc := v.Locale
	with := func(name string, n int) string {
		return loc.Text("console.customers.owner_count", "name", name, "n", view.Grouped(n, loc))
	}
	f.add(owner{unassigned: true}, with(loc.Text("console.customers.all_unassigned"), totals.Unassigned), chosen)
	for _, count := range counts[:min(len(counts), maxOptions)] { // with the unassigned, one more than finish puts in a list
		o := owner{identity: count.Identity}
		f.add(o, with(o.name(v), count.Customers), chosen)
	}
	f.finish(chosen, v)
	return f, nil
}

// accountStatus says whether an identity can sign in.
type accountStatus int

const (
	accountActive accountStatus = iota
	accountDeactivated
	accountUnknown // no account
)

// accountStatuses returns the status of the accounts of some identities, by
// text.IdentityKey.
func (h *Handlers) accountStatuses(ctx context.Context, identities ...string) (map[string]accountStatus, error) {
	known := map[string]accountStatus{customer.Everyone: accountActive}
	for _, identity := range identities {
		key := text.IdentityKey(identity)
		if _, ok := known[key]; ok {
			continue
		}
		p, err := h.Accounts.Person(ctx, identity)
		switch {
		case errors.Is(err, account.ErrNotFound):
			known[key] = accountUnknown
		case err != nil:
			return nil, err
		case p.Active():
			known[key] = accountActive
		default:
			known[key] = accountDeactivated
		}
	}
	return known, nil
}

func statusOf(known map[string]accountStatus, identity string) accountStatus {
	s, ok := known[text.IdentityKey(identity)]
	if !ok {
		return accountUnknown
	}
	return s
}

// activePeople returns the first identities of people who can sign in, at most so many.
func (h *Handlers) activePeople(ctx context.Context, most int) (identities []string, err error) {
	found, err := h.Accounts.FindPeople(ctx, account.PeopleQuery{Limit: most}) // active ones first
	for _, p := range found.People {
		if p.Active() {
			identities = append(identities, p.Identity)
		}
	}
	return identities, err
}
