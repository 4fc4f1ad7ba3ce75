package admin

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
)

// Merge makes customers one, in a single transaction: keep gets the channels, links
// and workers of the others too, their notes below its own, and what it lacked; the
// others are deleted, and imports say of their rows that they were merged. The errors:
// customer.ErrNotFound when one of them is gone, *customer.InvalidError when all of it
// is too much for one customer.
func (o *Service) Merge(ctx context.Context, by, keep string, others ...string) error {
	others = slices.Compact(slices.Sorted(slices.Values(others)))
	others = slices.DeleteFunc(others, func(id string) bool { return id == keep })
	if len(others) == 0 {
		return &customer.InvalidError{Reason: "there is nobody to merge with"}
	}
	var entries []audit.Entry
	err := o.Store.Update(ctx, func(tx customer.Tx) error {
		c, err := tx.Get(ctx, keep)
		if err != nil {
			return err
		}
		entries = []audit.Entry{{Actor: by, Action: audit.CustomersMerged, Subject: keep, Name: c.Name, Detail: "with others", Count: len(others)}}
		for _, id := range others {
			other, err := tx.Get(ctx, id)
			if err != nil {
				return err
			}
			c = merged(c, other)
			entries = append(entries, audit.Entry{Actor: by, Action: audit.CustomersMerged, Subject: id, Name: other.Name, Detail: "into another customer"})
		}
		if err := check(c); err != nil {
			return err
		}
		for _, id := range others {
			if err := tx.Remove(ctx, id, mergedBy(by, keep)); err != nil {
				return err
			}
		}
		return tx.Put(ctx, c)
	})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := o.note(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// merged is what two customers are as one.
func merged(c, other customer.Customer) customer.Customer {
	c.Company, c.JobTitle = cmp.Or(c.Company, other.Company), cmp.Or(c.JobTitle, other.JobTitle)
	c.Avatar, c.Details.Title = cmp.Or(c.Avatar, other.Avatar), cmp.Or(c.Details.Title, other.Details.Title)
	c.Channels, c.Links = union(c.Channels, other.Channels), union(c.Links, other.Links)
	c.Workers = distinct(append(slices.Clone(c.Workers), other.Workers...))
	if notes := other.Details.Content; notes != "" && !strings.Contains(c.Details.Content, notes) {
		if c.Details.Content != "" {
			c.Details.Content += "\n\n"
		}
		c.Details.Content += notes
	}
	return c
}

// union is a, followed by what only b has.
func union[T comparable](a, b []T) []T {
	a = slices.Clone(a)
	for _, e := range b {
		if !slices.Contains(a, e) {
			a = append(a, e)
		}
	}
	return a
}

// mergedBy is how a removal says that it was a merge.
func mergedBy(by, keep string) string { return by + ", merged into " + keep }
