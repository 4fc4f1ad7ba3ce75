package admin

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// Revision identifies a customer's content: it changes with every change.
func Revision(c customer.Customer) string {
	b, err := json.Marshal(c)
	if err != nil { // impossible: there are only strings
		return ""
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Save stores a customer as an administrator entered it. It trims blanks, drops empty
// channels and links, and normalizes phone numbers as an import does. was is the Revision
// that was edited, "" for a new customer, who gets an id when c has none. The errors:
// ErrConflict when the customer has changed since, a *FieldError or
// *customer.InvalidError, customer.ErrNotFound when it no longer exists.
func (s *Service) Save(ctx context.Context, by string, c customer.Customer, was string) error {
	_, err := s.save(ctx, by, c, was)
	return err
}

// Add saves a new customer and returns its id.
func (s *Service) Add(ctx context.Context, by string, c customer.Customer) (id string, err error) {
	return s.save(ctx, by, c, "")
}

func (s *Service) save(ctx context.Context, by string, c customer.Customer, was string) (string, error) {
	c = normalized(c)
	if c.ID == "" && was == "" {
		c.ID = newCustomerID()
	}
	if err := validate(c); err != nil {
		return "", err
	}
	return c.ID, s.update(ctx, func(tx customer.Tx) ([]audit.Entry, error) {
		old, err := tx.Get(ctx, c.ID)
		switch gone := errors.Is(err, customer.ErrNotFound); {
		case gone && was == "":
			// Adding a deleted customer by hand restores it.
			if err := tx.AllowImport(ctx, c.ID); err != nil && !errors.Is(err, customer.ErrNotFound) {
				return nil, err
			}
		case err != nil:
			return nil, err
		case was == "":
			return nil, &FieldError{Field: "id", Err: &customer.InvalidError{Reason: "another customer already has this id"}}
		case Revision(old) != was:
			return nil, ErrConflict
		}
		e := audit.Entry{Actor: by, Action: audit.CustomerChanged, Subject: c.ID, Name: c.Name}
		if was == "" {
			e.Action = audit.CustomerAdded
		}
		if !slices.Equal(old.Workers, c.Workers) {
			e.Params = audit.Owners(c.Workers)
		}
		return []audit.Entry{e}, tx.Put(ctx, c)
	})
}

// newCustomerID returns a random id.
func newCustomerID() string {
	var random [12]byte
	rand.Read(random[:]) // never fails
	return customer.EncodeID(random[:])
}

// normalized returns c as Save stores it.
func normalized(c customer.Customer) customer.Customer {
	for _, s := range []*string{&c.Name, &c.Company, &c.JobTitle, &c.Avatar, &c.Details.Title} {
		*s = strings.TrimSpace(*s)
	}
	c.Details.Content = strings.TrimSpace(strings.ReplaceAll(c.Details.Content, "\r\n", "\n"))
	var channels []customer.Channel
	for _, ch := range c.Channels {
		if ch = customer.NormalizeChannel(ch); ch.Value != "" && !slices.Contains(channels, ch) {
			channels = append(channels, ch)
		}
	}
	var links []customer.Link
	for _, l := range c.Links {
		l = customer.Link{Type: strings.TrimSpace(l.Type), Value: strings.TrimSpace(l.Value), DisplayName: strings.TrimSpace(l.DisplayName)}
		if l.Value != "" && !slices.Contains(links, l) {
			l.Type = cmp.Or(l.Type, "Website")
			l.DisplayName = cmp.Or(l.DisplayName, l.Type)
			links = append(links, l)
		}
	}
	c.Channels, c.Links, c.Workers = channels, links, uniqueWorkers(c.Workers)
	return c
}

// uniqueWorkers returns the identities, each once, in byte order.
func uniqueWorkers(workers []string) (list []string) {
	for _, w := range workers {
		if w = strings.TrimSpace(w); w != "" && !text.ContainsIdentity(list, w) {
			list = append(list, w)
		}
	}
	slices.Sort(list)
	return list
}

// validate is customer.Validate with the invalid field named where it is a single one.
func validate(c customer.Customer) error {
	err := customer.Validate(c)
	var invalid *customer.InvalidError
	if !errors.As(err, &invalid) {
		return err
	}
	valid := customer.Customer{ID: "x", Name: "x"}
	checkField := func(field string, i int, set func(*customer.Customer)) error {
		c := valid
		set(&c)
		var invalid *customer.InvalidError
		if errors.As(customer.Validate(c), &invalid) {
			return &FieldError{Field: field, Index: i, Err: invalid}
		}
		return nil
	}
	fieldErr := cmp.Or(
		checkField("id", 0, func(v *customer.Customer) { v.ID = c.ID }),
		checkField("name", 0, func(v *customer.Customer) { v.Name = c.Name }),
		checkField("company", 0, func(v *customer.Customer) { v.Company = c.Company }),
		checkField("job", 0, func(v *customer.Customer) { v.JobTitle = c.JobTitle }),
		checkField("notes", 0, func(v *customer.Customer) { v.Details = c.Details }),
		checkField("avatar", 0, func(v *customer.Customer) { v.Avatar = c.Avatar }),
	)
	for i := range c.Channels {
		fieldErr = cmp.Or(fieldErr, checkField("channel", i, func(v *customer.Customer) { v.Channels = c.Channels[i : i+1] }))
	}
	for i := range c.Links {
		fieldErr = cmp.Or(fieldErr, checkField("link", i, func(v *customer.Customer) { v.Links = c.Links[i : i+1] }))
	}
	for i := range c.Workers {
		fieldErr = cmp.Or(fieldErr, checkField("worker", i, func(v *customer.Customer) { v.Workers = c.Workers[i : i+1] }))
	}
	return cmp.Or(fieldErr, err)
}
