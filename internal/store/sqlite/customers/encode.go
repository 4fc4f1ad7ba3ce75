package customers

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// sortKey is the column place: the sort key of the name, the name, and the id, with
// a NUL between them. None of the three holds a NUL (Validate), so sort keys compare
// bytewise as lists are ordered: by text.SortKey, then by exact name, then by id.
func sortKey(name, id string) []byte {
	folded := text.SortKey(name)
	key := make([]byte, 0, len(folded)+len(name)+len(id)+2)
	key = append(key, folded...)
	key = append(key, 0)
	key = append(key, name...)
	key = append(key, 0)
	return append(key, id...)
}

// splitSortKey returns the name and id in a sort key.
func splitSortKey(key string) (name, id string) {
	_, rest, _ := strings.Cut(key, "\x00")
	name, id, _ = strings.Cut(rest, "\x00")
	return name, id
}

// customerJSON is the column body: what of a customer has no column of its own.
type customerJSON struct {
	Company  string        `json:"company,omitempty"`
	JobTitle string        `json:"job_title,omitempty"`
	Channels []channelJSON `json:"channels,omitempty"`
	Links    []linkJSON    `json:"links,omitempty"`
	Title    string        `json:"title,omitempty"`
	Notes    string        `json:"notes,omitempty"`
	Workers  []string      `json:"workers,omitempty"`
}

type channelJSON struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type linkJSON struct {
	Type        string `json:"type"`
	Value       string `json:"value"`
	DisplayName string `json:"display_name"`
}

func encodeJSON(c customer.Customer) (string, error) {
	j := customerJSON{
		Company: c.Company, JobTitle: c.JobTitle,
		Title: c.Details.Title, Notes: c.Details.Content, Workers: c.Workers,
	}
	for _, ch := range c.Channels {
		j.Channels = append(j.Channels, channelJSON(ch))
	}
	for _, l := range c.Links {
		j.Links = append(j.Links, linkJSON(l))
	}
	encoded, err := json.Marshal(j)
	return string(encoded), err
}

// decodeRow decodes the columns place, avatar and body.
func decodeRow(v []driver.Value) (customer.Customer, error) {
	return decode(v[0].([]byte), v[1].(string), v[2].(string))
}

func decode(key []byte, avatar, body string) (customer.Customer, error) {
	var j customerJSON
	if err := json.Unmarshal([]byte(body), &j); err != nil {
		return customer.Customer{}, fmt.Errorf("read the body of a customer: %w", err)
	}
	name, id := splitSortKey(string(key))
	c := customer.Customer{
		ID: id, Name: name, Avatar: avatar,
		Company: j.Company, JobTitle: j.JobTitle,
		Details: customer.Detail{Title: j.Title, Content: j.Notes},
		Workers: j.Workers,
	}
	for _, ch := range j.Channels {
		c.Channels = append(c.Channels, customer.Channel(ch))
	}
	for _, l := range j.Links {
		c.Links = append(c.Links, customer.Link(l))
	}
	return c, nil
}
