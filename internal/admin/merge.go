package admin

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
)

// Merge merges others into keep, all of one customer.DuplicateGroup, in a single
// transaction. keep gets their channels, links and workers, their notes below its own, and
// the fields that it lacks. The others are deleted; imports report their rows as merged.
// The errors: customer.ErrNotFound when they are no longer in this group,
// *customer.InvalidError when the result is too large.
func (s *Service) Merge(ctx context.Context, by, groupKey, keep string, others ...string) error {
	others = slices.Compact(slices.Sorted(slices.Values(others)))
	others = slices.DeleteFunc(others, func(id string) bool { return id == keep })
	if len(others) == 0 {
		return &customer.InvalidError{Reason: "choose at least one other customer to merge"}
	}
	return s.update(ctx, func(tx customer.Tx) ([]audit.Entry, error) {
		// Another connection reads the group; nothing changes while this transaction runs.
		group, err := s.Reader.DuplicateGroup(ctx, groupKey)
		if err != nil {
			return nil, err
		}
		c, err := member(group, keep)
		if err != nil {
			return nil, err
		}
		entries := []audit.Entry{{Actor: by, Action: audit.CustomersMerged, Subject: keep, Name: c.Name, Params: audit.MergedOthers, Count: len(others)}}
		for _, id := range others {
			other, err := member(group, id)
			if err != nil {
				return nil, err
			}
			c = merged(c, other)
			entries = append(entries, audit.Entry{Actor: by, Action: audit.CustomersMerged, Subject: id, Name: other.Name, Params: audit.MergedInto})
		}
		if err := validate(c); err != nil {
			return nil, err
		}
		for _, id := range others {
			if err := tx.DeleteAndBlock(ctx, id, mergedBy(by, keep)); err != nil {
				return nil, err
			}
		}
		return entries, tx.Put(ctx, c)
	})
}

// member returns a customer of a group, or customer.ErrNotFound.
func member(group customer.DuplicateGroup, id string) (customer.Customer, error) {
	for _, c := range group.Customers {
		if c.ID == id {
			return c, nil
		}
	}
	return customer.Customer{}, customer.ErrNotFound
}

// merged returns c with what it lacks from other.
func merged(c, other customer.Customer) customer.Customer {
	c.Company, c.JobTitle = cmp.Or(c.Company, other.Company), cmp.Or(c.JobTitle, other.JobTitle)
	c.Avatar, c.Details.Title = cmp.Or(c.Avatar, other.Avatar), cmp.Or(c.Details.Title, other.Details.Title)
	c.Channels, c.Links = union(c.Channels, other.Channels), union(c.Links, other.Links)
	c.Workers = uniqueWorkers(append(slices.Clone(c.Workers), other.Workers...))
	if notes := other.Details.Content; notes != "" && !strings.Contains(c.Details.Content, notes) {
		if c.Details.Content != "" {
			c.Details.Content += "\n\n"
		}
		c.Details.Content += notes
	}
	return c
}

// union returns a followed by the elements that only b has.
func union[T comparable](a, b []T) []T {
	a = slices.Clone(a)
	for _, e := range b {
		if !slices.Contains(a, e) {
			a = append(a, e)
		}
	}
	return a
}

// mergedBy is the "removed by" text of a merge.
func mergedBy(by, keep string) string { return by + ", merged into " + keep }
