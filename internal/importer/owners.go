package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// maxOwners bounds Report.OwnersWithoutAccount; maxCountedOwners bounds how many are
	// counted. A file with more has no owners in that column.
	maxOwners        = 100
	maxCountedOwners = 10_000
)

// person returns the person who stands for an owner, or the owner. A match to someone
// whose account is gone does not count.
func (o *Options) person(owner string) string {
	person, ok := o.OwnerMatches[text.IdentityKey(owner)]
	if ok && (o.HasAccount == nil || o.HasAccount(person)) {
		return person
	}
	return owner
}

// matchOwners replaces the owners of a row by the people who stand for them.
func (o *Options) matchOwners(r *mappedRow) {
	if len(o.OwnerMatches) == 0 || len(r.workers) == 0 {
		return
	}
	var people []string
	for _, owner := range r.workers {
		if person := o.person(owner); !text.ContainsIdentity(people, person) {
			people = append(people, person)
		}
	}
	slices.Sort(people)
	r.workers = people
}

// ownerCounter counts the customers of owners without an account.
type ownerCounter struct {
	opts      *Options
	customers int
	byKey     map[string]*OwnerCount // by text.IdentityKey
}

// add counts a customer with these owners.
func (c *ownerCounter) add(owners []string) {
	if c.opts.HasAccount == nil {
		return
	}
	without := false
	for _, owner := range owners {
		if owner == customer.Everyone || c.opts.HasAccount(owner) {
			continue
		}
		without = true
		key := text.IdentityKey(owner)
		count := c.byKey[key]
		if count == nil && len(c.byKey) < maxCountedOwners {
			count = &OwnerCount{Owner: strings.Clone(owner)}
			c.byKey[text.IdentityKey(count.Owner)] = count
		}
		if count != nil {
			count.Customers++
		}
	}
	if without {
		c.customers++
	}
}

// writeTo sets the fields of a report, and adds notes about matches that were not used.
func (c *ownerCounter) writeTo(r *Report) {
	r.WithoutAccount = c.customers
	for _, count := range c.byKey {
		r.OwnersWithoutAccount = append(r.OwnersWithoutAccount, *count)
	}
	slices.SortFunc(r.OwnersWithoutAccount, func(a, b OwnerCount) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(a.Owner, b.Owner))
	})
	r.MoreOwners = max(0, len(r.OwnersWithoutAccount)-maxOwners)
	r.OwnersWithoutAccount = r.OwnersWithoutAccount[:len(r.OwnersWithoutAccount)-r.MoreOwners]
	for _, count := range r.OwnersWithoutAccount {
		if person, ok := c.opts.OwnerMatches[text.IdentityKey(count.Owner)]; ok {
			r.Notes = append(r.Notes, fmt.Sprintf("%s was matched to %s, who no longer has an account: match this owner again", quote(count.Owner), quote(person)))
		}
	}
}
