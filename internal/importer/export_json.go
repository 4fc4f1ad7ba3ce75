package importer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// exportedCustomer is a customer as ExportJSON writes it. Empty fields are written too,
// so that importing it replaces every field.
type exportedCustomer struct {
	ID       string            `json:"customer_id"`
	Name     string            `json:"display_name"`
	Company  string            `json:"company"`
	JobTitle string            `json:"job_title"`
	Channels []exportedChannel `json:"channels"`
	Links    []exportedLink    `json:"links"`
	Details  exportedDetail    `json:"details"`
	Avatar   string            `json:"avatar"`
	Workers  []string          `json:"workers"`
}

type exportedChannel struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type exportedLink struct {
	Type        string `json:"type"`
	Value       string `json:"value"`
	DisplayName string `json:"display_name"`
}

type exportedDetail struct {
	Title   string `json:"title"`
	Content string `json:"content"`
}

// ExportJSON writes every customer as a line of JSON, in order of the ids, and returns
// how many it wrote. Run reads back the same customers.
func ExportJSON(ctx context.Context, w io.Writer, store Store) (n int, err error) {
	out := bufio.NewWriterSize(w, 64<<10)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for c, err := range store.All(ctx) {
		if err != nil {
			return n, fmt.Errorf("reading the customers failed: %w", err)
		}
		e := exportedCustomer{
			ID: c.ID, Name: c.Name, Company: c.Company, JobTitle: c.JobTitle, Avatar: c.Avatar,
			Channels: make([]exportedChannel, 0, len(c.Channels)), Links: make([]exportedLink, 0, len(c.Links)),
			Details: exportedDetail(c.Details), Workers: append([]string{}, c.Workers...),
		}
		for _, ch := range c.Channels {
			e.Channels = append(e.Channels, exportedChannel(ch))
		}
		for _, l := range c.Links {
			e.Links = append(e.Links, exportedLink(l))
		}
		if err := encoder.Encode(e); err != nil {
			return n, fmt.Errorf("writing the customers failed: %w", err)
		}
		n++
	}
	if err := out.Flush(); err != nil {
		return n, fmt.Errorf("writing the customers failed: %w", err)
	}
	return n, nil
}
