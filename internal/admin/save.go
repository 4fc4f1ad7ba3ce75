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

// Revision names what a customer is like: another one after every change.
func Revision(c customer.Customer) string {
	b, err := json.Marshal(c)
	if err != nil { // of texts there is none
		return ""
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Save keeps a customer as an administrator wrote it: with blanks around texts, and
// channels and links without an address, left out, and telephone numbers as an import
// would have them. was is the Revision of what was edited, "" for a new customer, who
// gets an id when c has none. The errors: ErrConflict when somebody else has changed
// the customer meanwhile, a *FieldError or *customer.InvalidError, customer.ErrNotFound
// when it is gone.
func (o *Service) Save(ctx context.Context, by string, c customer.Customer, was string) error {
	_, err := o.save(ctx, by, c, was)
	return err
}

// Add is Save of a new customer, and answers the id.
func (o *Service) Add(ctx context.Context, by string, c customer.Customer) (id string, err error) {
	return o.save(ctx, by, c, "")
}

func (o *Service) save(ctx context.Context, by string, c customer.Customer, was string) (string, error) {
	c = tidied(c)
	if c.ID == "" && was == "" {
		c.ID = newID()
	}
	if err := check(c); err != nil {
		return "", err
	}
	var old customer.Customer
	err := o.Store.Update(ctx, func(tx customer.Tx) (err error) {
		old, err = tx.Get(ctx, c.ID)
		switch gone := errors.Is(err, customer.ErrNotFound); {
		case gone && was == "":
			// Who adds somebody that was deleted wants them back.
			if err := tx.Restore(ctx, c.ID); err != nil && !errors.Is(err, customer.ErrNotFound) {
				return err
			}
		case err != nil:
			return err
		case was == "":
			return &FieldError{Field: "id", Err: &customer.InvalidError{Reason: "there is a customer with this id already"}}
		case Revision(old) != was:
			return ErrConflict
		}
		return tx.Put(ctx, c)
	})
	if err != nil {
		return "", err
	}
	action := audit.CustomerChanged
	if was == "" {
		action = audit.CustomerAdded
	}
	e := audit.Entry{Actor: by, Action: action, Subject: c.ID, Name: c.Name}
	if !slices.Equal(old.Workers, c.Workers) {
		e.Detail = assignedTo(c.Workers)
	}
	return c.ID, o.note(ctx, e)
}

// newID is the id of a new customer: letters only, as importer gives them, so that
// no part of it looks like a number that masking would have to hide.
func newID() string {
	const letters = "bcdfghjklmnpqrst"
	var random [12]byte
	rand.Read(random[:]) // never fails
	id := make([]byte, 0, 2*len(random))
	for _, b := range random {
		id = append(id, letters[b>>4], letters[b&15])
	}
	return string(id)
}

// tidied is c without what a form leaves around it.
func tidied(c customer.Customer) customer.Customer {
	for _, s := range []*string{&c.Name, &c.Company, &c.JobTitle, &c.Avatar, &c.Details.Title} {
		*s = strings.TrimSpace(*s)
	}
	c.Details.Content = strings.TrimSpace(strings.ReplaceAll(c.Details.Content, "\r\n", "\n"))
	var channels []customer.Channel
	for _, ch := range c.Channels {
		if ch = normal(ch); ch.Value != "" && !slices.Contains(channels, ch) {
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
	c.Channels, c.Links, c.Workers = channels, links, distinct(c.Workers)
	return c
}

const whatsAppScheme = "whatsapp:"

// normal is a channel as an import would have it.
func normal(ch customer.Channel) customer.Channel {
	ch.Value = strings.TrimSpace(ch.Value)
	if ch.Type != customer.SMS && ch.Type != customer.WhatsApp {
		return ch
	}
	number := ch.Value
	if len(number) >= len(whatsAppScheme) && strings.EqualFold(number[:len(whatsAppScheme)], whatsAppScheme) {
		ch.Type, number = customer.WhatsApp, strings.TrimSpace(number[len(whatsAppScheme):])
	}
	if normal, ok := text.NormalizePhone(number, ""); ok {
		number = normal
	}
	if ch.Value = number; ch.Type == customer.WhatsApp && number != "" {
		ch.Value = whatsAppScheme + number
	}
	return ch
}

// distinct are the identities in byte order, each once.
func distinct(workers []string) (list []string) {
	for _, w := range workers {
		w = strings.TrimSpace(w)
		same := func(other string) bool { return text.IdentityKey(other) == text.IdentityKey(w) }
		if w != "" && !slices.ContainsFunc(list, same) {
			list = append(list, w)
		}
	}
	slices.Sort(list)
	return list
}

// check is customer.Validate, and finds out what is wrong with which field.
func check(c customer.Customer) error {
	err := customer.Validate(c)
	var invalid *customer.InvalidError
	if !errors.As(err, &invalid) {
		return err
	}
	fine := customer.Customer{ID: "x", Name: "x"}
	part := func(field string, i int, change func(*customer.Customer)) error {
		one := fine
		change(&one)
		var wrong *customer.InvalidError
		if errors.As(customer.Validate(one), &wrong) {
			return &FieldError{Field: field, Index: i, Err: wrong}
		}
		return nil
	}
	found := cmp.Or(
		part("id", 0, func(one *customer.Customer) { one.ID = c.ID }),
		part("name", 0, func(one *customer.Customer) { one.Name = c.Name }),
		part("company", 0, func(one *customer.Customer) { one.Company = c.Company }),
		part("job", 0, func(one *customer.Customer) { one.JobTitle = c.JobTitle }),
		part("notes", 0, func(one *customer.Customer) { one.Details = c.Details }),
		part("avatar", 0, func(one *customer.Customer) { one.Avatar = c.Avatar }),
	)
	for i := range c.Channels {
		found = cmp.Or(found, part("channel", i, func(one *customer.Customer) { one.Channels = c.Channels[i : i+1] }))
	}
	for i := range c.Links {
		found = cmp.Or(found, part("link", i, func(one *customer.Customer) { one.Links = c.Links[i : i+1] }))
	}
	for i := range c.Workers {
		found = cmp.Or(found, part("worker", i, func(one *customer.Customer) { one.Workers = c.Workers[i : i+1] }))
	}
	return cmp.Or(found, err)
}
