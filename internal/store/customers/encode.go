package customers

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// sortKey is the column `place`: the sort key of the name, the name, and the id, with
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

// customerJSON is the column `body`: what of a customer has no column of its own.
type customerJSON struct {
	Company  string             `json:"company,omitempty"`
	JobTitle string             `json:"job_title,omitempty"`
	Channels []customer.Channel `json:"channels,omitempty"`
	Links    []customer.Link    `json:"links,omitempty"`
	Title    string             `json:"title,omitempty"`
	Notes    string             `json:"notes,omitempty"`
	Workers  []string           `json:"workers,omitempty"`
}

func encodeJSON(c customer.Customer) (string, error) {
	encoded, err := json.Marshal(customerJSON{c.Company, c.JobTitle, c.Channels, c.Links, c.Details.Title, c.Details.Content, c.Workers})
	return string(encoded), err
}

// decodeRow decodes the columns `place`, `avatar` and `body`.
func decodeRow(v []driver.Value) (customer.Customer, error) {
	var j customerJSON
	if err := json.Unmarshal([]byte(v[2].(string)), &j); err != nil {
		return customer.Customer{}, fmt.Errorf("read the body of a customer: %w", err)
	}
	name, id := splitSortKey(string(v[0].([]byte)))
	return customer.Customer{
		ID: id, Name: name, Avatar: v[1].(string),
		Company: j.Company, JobTitle: j.JobTitle,
		Channels: j.Channels, Links: j.Links,
		Details: customer.Detail{Title: j.Title, Content: j.Notes},
		Workers: j.Workers,
	}, nil
}
