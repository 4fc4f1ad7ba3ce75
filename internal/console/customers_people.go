package console

import (
	"context"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// nobodys, in a field, stands for nobody: an identity is written after ownerPrefix, so
// that somebody may be called so.
const (
	unassignedValue = "none"
	ownerPrefix     = "of:"
)

// owner is a choice of somebody, or of nobody; the zero value is no choice.
type owner struct {
	identity   string
	unassigned bool
}

// parseOwner reads a choice: what String wrote, or an identity as somebody typed it.
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

// String writes a choice for a field or an address.
func (x owner) String() string {
	switch {
	case x.unassigned:
		return unassignedValue
	case x.identity == "":
		return ""
	}
	return ownerPrefix + x.identity
}

func (x owner) chosen() bool { return x.unassigned || x.identity != "" }

// name says who is chosen.
func (x owner) name(v *visit) string {
	switch {
	case x.unassigned:
		return v.Locale.Text("console.customers.nobody")
	case x.identity == customer.Everyone:
		return v.Locale.Text("console.customers.everyone")
	}
	return Line(x.identity, MaxCell)
}

// ownerField is a field in which somebody is chosen: from a list, or by typing where the
// list would be too long to be one.
type ownerField struct {
	Field, Label string
	Options      []option
	// FreeText tells that there are too many for a list: what is typed is Value.
	FreeText bool
	Value    string
	Error    string
}

type option struct {
	Value, Text string
	Selected    bool
}

// maxOptions is how many a list to choose from may have.
const maxOptions = 300

// add offers one more.
func (p *ownerField) add(x owner, label string, chosen owner) {
	p.Options = append(p.Options, option{x.String(), label, x.chosen() && sameOwner(x, chosen)})
}

func sameOwner(a, b owner) bool {
	return a.unassigned == b.unassigned && text.IdentityKey(a.identity) == text.IdentityKey(b.identity)
}

// finish makes sure that what is chosen is among the options, and that these are
// not too many.
func (p *ownerField) finish(chosen owner, v *visit) {
	if len(p.Options) > maxOptions {
		p.Options, p.FreeText = p.Options[:maxOptions], true
		if p.Value = chosen.identity; chosen.unassigned {
			p.Value = unassignedValue
		}
		return
	}
	if chosen.chosen() && !slices.ContainsFunc(p.Options, func(o option) bool { return o.Selected }) {
		p.add(chosen, chosen.name(v), chosen)
	}
}

// currentOwners offers everybody who has customers, with how many, and nobody.
func (c *console) currentOwners(ctx context.Context, v *visit, chosen owner) (p ownerField, err error) {
	holdings, err := c.Reader.OwnerCounts(ctx)
	if err != nil {
		return p, err
	}
	totals, err := c.Reader.Totals(ctx)
	if err != nil {
		return p, err
	}
	w := v.Locale
	with := func(name string, n int) string {
		return w.Text("console.customers.holding", "name", name, "n", Grouped(n, w))
	}
	p.add(owner{unassigned: true}, with(w.Text("console.customers.nobodys"), totals.Unassigned), chosen)
	for _, h := range holdings {
		x := owner{identity: h.Identity}
		p.add(x, with(x.name(v), h.Customers), chosen)
	}
	p.finish(chosen, v)
	return p, nil
}

// accountStatus is what is known of an identity.
type accountStatus int

const (
	accountActive accountStatus = iota
	accountDeactivated
	accountUnknown // who can sign in
)

// accountStatuses answers what identities are to the program, by text.IdentityKey.
func (c *console) accountStatuses(ctx context.Context) (map[string]accountStatus, []account.Person, error) {
	people, err := c.Accounts.People(ctx)
	if err != nil {
		return nil, nil, err
	}
	known := make(map[string]accountStatus, len(people)+1)
	for _, p := range people {
		known[text.IdentityKey(p.Identity)] = accountActive
		if !p.Deactivated.IsZero() {
			known[text.IdentityKey(p.Identity)] = accountDeactivated
		}
	}
	known[customer.Everyone] = accountActive
	return known, people, nil
}

// statusOf looks an identity up.
func statusOf(known map[string]accountStatus, identity string) accountStatus {
	s, ok := known[text.IdentityKey(identity)]
	if !ok {
		return accountUnknown
	}
	return s
}

// suggestions are the identities that a field for one offers while it is typed in.
func suggestions(people []account.Person) (out []string) {
	for _, p := range people {
		if p.Deactivated.IsZero() && len(out) < MaxSuggestions {
			out = append(out, p.Identity)
		}
	}
	return out
}
