package customers

import (
	"context"
	"strings"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/locale"
)

// withoutAccount are owners without an account.
type withoutAccount struct {
	// todo are those that an administrator must match or add. signIn are added when they
	// first sign in.
	todo, signIn []customer.OwnerCount
}

// ownersWithoutAccount returns those of owners that have no account.
func (h *Handlers) ownersWithoutAccount(ctx context.Context, owners []customer.OwnerCount) (found withoutAccount, err error) {
	identities := make([]string, len(owners))
	for i, o := range owners {
		identities[i] = o.Identity
	}
	hasAccount, err := h.Accounts.HaveAccounts(ctx, identities)
	if err != nil {
		return found, err
	}
	addsPeople, err := h.AddsPeople(ctx)
	for _, o := range owners {
		switch {
		case o.Identity == customer.Everyone || hasAccount(o.Identity):
		case addsPeople && strings.Contains(o.Identity, "@"):
			found.signIn = append(found.signIn, o)
		default:
			found.todo = append(found.todo, o)
		}
	}
	return found, err
}

// OwnersHint says how many owners have no account, and how many customers they have; "" when
// there are none. Those who are added when they sign in do not count.
func (h *Handlers) OwnersHint(ctx context.Context, loc *locale.Locale) (string, error) {
	counts, err := h.Reader.OwnerCounts(ctx)
	if err != nil {
		return "", err
	}
	found, err := h.ownersWithoutAccount(ctx, counts)
	return ownersSummary(found.todo, loc), err
}

// ownersSummary is "3 owners have no account yet (1,200 customers)", "" for none. A customer
// of two of them counts twice.
func ownersSummary(owners []customer.OwnerCount, loc *locale.Locale) string {
	if len(owners) == 0 {
		return ""
	}
	customers := 0
	for _, o := range owners {
		customers += o.Customers
	}
	return loc.Text("console.owners.summary", "owners", view.Count(loc, "console.owners.count", len(owners)), "customers", view.Count(loc, "list.count", customers))
}
