package console

import (
	"context"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// nobodys, in a field, stands for nobody: an identity is written after ofPrefix, so
// that somebody may be called so.
const (
	nobodys  = "none"
	ofPrefix = "of:"
)

// whose is a choice of somebody, or of nobody; the zero value is no choice.
type whose struct {
	identity string
	nobody   bool
}

// readWhose reads a choice: what String wrote, or an identity as somebody typed it.
func readWhose(s string) whose {
	if s == nobodys {
		return whose{nobody: true}
	}
	identity := strings.TrimSpace(strings.TrimPrefix(s, ofPrefix))
	if len(identity) > customer.MaxWorkerBytes || identity != strings.ToValidUTF8(identity, "") || strings.ContainsRune(identity, 0) {
		return whose{}
	}
	return whose{identity: identity}
}

// String writes a choice for a field or an address.
func (x whose) String() string {
	switch {
	case x.nobody:
		return nobodys
	case x.identity == "":
		return ""
	}
	return ofPrefix + x.identity
}

func (x whose) chosen() bool { return x.nobody || x.identity != "" }

// name says who is chosen.
func (x whose) name(v *visit) string {
	switch {
	case x.nobody:
		return v.Locale.Text("console.customers.nobody")
	case x.identity == customer.Everyone:
		return v.Locale.Text("console.customers.everyone")
	}
	return line(x.identity, maxCell)
}

// pick is a field in which somebody is chosen: from a list, or by typing where the
// list would be too long to be one.
type pick struct {
	Field, Label string
	Options      []pickOption
	// Typed tells that there are too many for a list: what is typed is Value.
	Typed bool
	Value string
	Error string
}

type pickOption struct {
	Value, Text string
	Selected    bool
}

// maxPicks is how many a list to choose from may have.
const maxPicks = 300

// add offers one more.
func (p *pick) add(x whose, label string, chosen whose) {
	p.Options = append(p.Options, pickOption{x.String(), label, x.chosen() && sameWhose(x, chosen)})
}

func sameWhose(a, b whose) bool {
	return a.nobody == b.nobody && text.IdentityKey(a.identity) == text.IdentityKey(b.identity)
}

// finish makes sure that what is chosen is among the options, and that these are
// not too many.
func (p *pick) finish(chosen whose, v *visit) {
	if len(p.Options) > maxPicks {
		p.Options, p.Typed = p.Options[:maxPicks], true
		if p.Value = chosen.identity; chosen.nobody {
			p.Value = nobodys
		}
		return
	}
	if chosen.chosen() && !slices.ContainsFunc(p.Options, func(o pickOption) bool { return o.Selected }) {
		p.add(chosen, chosen.name(v), chosen)
	}
}

// pickHolder offers everybody who has customers, with how many, and nobody.
func (c *console) pickHolder(ctx context.Context, v *visit, chosen whose) (p pick, err error) {
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
		return w.Text("console.customers.holding", "name", name, "n", grouped(n, w))
	}
	p.add(whose{nobody: true}, with(w.Text("console.customers.nobodys"), totals.Unassigned), chosen)
	for _, h := range holdings {
		x := whose{identity: h.Identity}
		p.add(x, with(x.name(v), h.Customers), chosen)
	}
	p.finish(chosen, v)
	return p, nil
}

// standing is what is known of an identity.
type standing int

const (
	canSignIn standing = iota
	isDeactivated
	isNobody // who can sign in
)

// standings answers what identities are to the program, by text.IdentityKey.
func (c *console) standings(ctx context.Context) (map[string]standing, []account.Person, error) {
	people, err := c.Accounts.People(ctx)
	if err != nil {
		return nil, nil, err
	}
	known := make(map[string]standing, len(people)+1)
	for _, p := range people {
		known[text.IdentityKey(p.Identity)] = canSignIn
		if !p.Deactivated.IsZero() {
			known[text.IdentityKey(p.Identity)] = isDeactivated
		}
	}
	known[customer.Everyone] = canSignIn
	return known, people, nil
}

// standingOf looks an identity up.
func standingOf(known map[string]standing, identity string) standing {
	s, ok := known[text.IdentityKey(identity)]
	if !ok {
		return isNobody
	}
	return s
}

// suggestions are the identities that a field for one offers while it is typed in.
func suggestions(people []account.Person) (out []string) {
	for _, p := range people {
		if p.Deactivated.IsZero() && len(out) < maxWorkers {
			out = append(out, p.Identity)
		}
	}
	return out
}
