package builtin

import (
	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/customer"
)

// toWire is a customer as the protocol knows it: company and job title have no
// field there, so they are the first line of the free text.
func toWire(c customer.Customer) frontline.Customer {
	w := frontline.Customer{ID: c.ID, DisplayName: c.Name, Avatar: c.Avatar}
	if len(c.Channels) > 0 {
		w.Channels = make([]frontline.Channel, len(c.Channels))
		for i, ch := range c.Channels {
			w.Channels[i] = frontline.Channel{Type: ch.Type, Value: ch.Value}
		}
	}
	if len(c.Links) > 0 {
		w.Links = make([]frontline.Link, len(c.Links))
		for i, l := range c.Links {
			w.Links[i] = frontline.Link(l)
		}
	}
	if text := c.FreeText(); text.Content != "" {
		w.Details = &frontline.Detail{Title: text.Title, Content: text.Content}
	}
	return w
}
