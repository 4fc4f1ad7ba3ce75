package importer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// exportedCustomer is a customer as ExportJSON writes it. Empty fields are written too,
// so that importing it replaces every field.
type exportedCustomer struct {
	ID       string             `json:"customer_id"`
	Name     string             `json:"display_name"`
	Company  string             `json:"company"`
	JobTitle string             `json:"job_title"`
	Channels []customer.Channel `json:"channels"`
	Links    []customer.Link    `json:"links"`
	Details  customer.Detail    `json:"details"`
	Avatar   string             `json:"avatar"`
	Workers  []string           `json:"workers"`
}

// ExportJSON writes every customer as a line of JSON, in order of the ids, and returns
// how many it wrote. Importing the file gives the same customers.
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
			Channels: append([]customer.Channel{}, c.Channels...), Links: append([]customer.Link{}, c.Links...),
			Details: c.Details, Workers: append([]string{}, c.Workers...),
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

// readExportedJSON reads an object that ExportJSON wrote exactly as it is: it trims no
// blanks and sorts no lists, so that a database stays the same through a file. Phone
// numbers are normalized if there is a region. It returns false for any other object.
func (b *rowBuilder) readExportedJSON(object map[string]any) bool {
	o := exactObject{object: object, ok: len(object) == 9}
	id, name := o.text("customer_id"), o.text("display_name")
	company, title, avatar := o.text("company"), o.text("job_title"), o.text("avatar")
	details := exactObject{ok: o.ok}
	details.object, _ = object["details"].(map[string]any)
	notes := customer.Detail{Title: details.text("title"), Content: details.text("content")}
	var channels []customer.Channel
	for _, e := range o.list("channels") {
		c := exactObject{ok: true}
		c.object, _ = e.(map[string]any)
		channels = append(channels, customer.Channel{Type: c.text("type"), Value: b.withRegion(c.text("type"), c.text("value"))})
		o.ok = o.ok && c.ok && len(c.object) == 2
	}
	var links []customer.Link
	for _, e := range o.list("links") {
		l := exactObject{ok: true}
		l.object, _ = e.(map[string]any)
		links = append(links, customer.Link{Type: l.text("type"), Value: l.text("value"), DisplayName: l.text("display_name")})
		o.ok = o.ok && l.ok && len(l.object) == 3
	}
	var workers []string
	for _, e := range o.list("workers") {
		worker, isText := e.(string)
		workers = append(workers, worker)
		o.ok = o.ok && isText
	}
	if !o.ok || !details.ok || len(details.object) != 2 || id == "" || strings.TrimSpace(name) == "" {
		return false
	}
	slices.Sort(workers)
	b.id, b.name, b.company, b.title, b.avatar = id, name, company, title, avatar
	b.notes, b.wholeNotes = notes, true
	b.channels, b.allChannels, b.links, b.allLinks = channels, true, links, true
	b.workers = slices.Compact(workers)
	b.fields = allFields
	return true
}

// withRegion normalizes a number when there is a region for it.
func (b *rowBuilder) withRegion(channelType, value string) string {
	if b.region == "" || channelType != customer.SMS && channelType != customer.WhatsApp {
		return value
	}
	number, isWhatsApp := strings.CutPrefix(value, text.WhatsAppPrefix)
	normal, ok := text.ObservedForm(number, b.region)
	switch {
	case !ok:
		return value
	case isWhatsApp:
		return text.WhatsAppPrefix + normal
	}
	return normal
}

// exactObject reads an object that must have certain keys; ok reports whether it had all
// so far.
type exactObject struct {
	object map[string]any
	ok     bool
}

func (o *exactObject) text(key string) string {
	s, ok := o.object[key].(string)
	o.ok = o.ok && ok
	return s
}

func (o *exactObject) list(key string) []any {
	l, ok := o.object[key].([]any)
	o.ok = o.ok && ok
	return l
}
