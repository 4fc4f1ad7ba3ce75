package server

import (
	"context"
	"errors"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/messaging"
)

// conversationCustomers finds customers of the built-in integration service, while that is
// used.
type conversationCustomers struct {
	reader  customer.AdminReader
	builtIn func() bool
}

// ByAddress implements messaging.Customers.
func (c conversationCustomers) ByAddress(ctx context.Context, address string) ([]messaging.Customer, error) {
	if !c.builtIn() {
		return nil, nil
	}
	international, national := customer.AddressKeys(address)
	ids, err := c.reader.FindByContact(ctx, international)
	if err == nil && len(ids) == 0 {
		ids, err = c.reader.FindByContact(ctx, national)
	}
	if err != nil {
		return nil, err
	}
	var found []messaging.Customer
	for _, id := range ids {
		one, err := c.Customer(ctx, id)
		if errors.Is(err, conversation.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

// Customer implements messaging.Customers.
func (c conversationCustomers) Customer(ctx context.Context, id string) (messaging.Customer, error) {
	if id == "" || !c.builtIn() {
		return messaging.Customer{}, conversation.ErrNotFound
	}
	one, err := c.reader.Get(ctx, id)
	if errors.Is(err, customer.ErrNotFound) {
		return messaging.Customer{}, conversation.ErrNotFound
	}
	return messaging.Customer{ID: one.ID, Name: one.Name, Avatar: one.Avatar, Workers: one.Workers}, err
}

// worker finds a person who takes conversations.
func (c *conversations) worker(ctx context.Context, identity string) (known string, active bool, err error) {
	p, err := c.server.accounts.Person(ctx, identity)
	if errors.Is(err, account.ErrNotFound) {
		return "", false, conversation.ErrNotFound
	}
	return p.Identity, p.Active(), err
}
