package sqlite

import (
	"encoding/json"
	"fmt"

	"github.com/clientele-project/clientele/internal/customer"
)

// body is what the column of that name holds: all of a customer that has no
// column of its own.
type body struct {
	Company  string        `json:"company,omitempty"`
	JobTitle string        `json:"job_title,omitempty"`
	Channels []bodyChannel `json:"channels,omitempty"`
	Links    []bodyLink    `json:"links,omitempty"`
	Title    string        `json:"title,omitempty"`
	Notes    string        `json:"notes,omitempty"`
	Workers  []string      `json:"workers,omitempty"`
}

type bodyChannel struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type bodyLink struct {
	Type        string `json:"type"`
	Value       string `json:"value"`
	DisplayName string `json:"display_name"`
}

func encodeBody(c customer.Customer) (string, error) {
	b := body{
		Company: c.Company, JobTitle: c.JobTitle,
		Title: c.Details.Title, Notes: c.Details.Content, Workers: c.Workers,
	}
	for _, ch := range c.Channels {
		b.Channels = append(b.Channels, bodyChannel(ch))
	}
	for _, l := range c.Links {
		b.Links = append(b.Links, bodyLink(l))
	}
	text, err := json.Marshal(b)
	return string(text), err
}

// decodeCustomer puts a customer together from its columns.
func decodeCustomer(place []byte, avatar, text string) (customer.Customer, error) {
	var b body
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return customer.Customer{}, fmt.Errorf("read the body of a customer: %w", err)
	}
	name, id := splitPlace(string(place))
	c := customer.Customer{
		ID: id, Name: name, Avatar: avatar,
		Company: b.Company, JobTitle: b.JobTitle,
		Details: customer.Detail{Title: b.Title, Content: b.Notes},
		Workers: b.Workers,
	}
	for _, ch := range b.Channels {
		c.Channels = append(c.Channels, customer.Channel(ch))
	}
	for _, l := range b.Links {
		c.Links = append(c.Links, customer.Link(l))
	}
	return c, nil
}
