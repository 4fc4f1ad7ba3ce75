package main

import (
	"strconv"
	"strings"
)

// details returns a customer to any worker, as published services do.
func (s *service) details(cb callback) (any, bool) {
	b := cb.behavior
	c, ok := s.find(b, cb.entry.CustomerID)
	if !ok || b.deleted[b.idOf(c)] {
		return nil, false
	}
	if b.others {
		c = customersOf("somebody@example.com", 1)[0]
	}
	id := b.jsonID(c)
	if b.ids == "salesforce" {
		id = c.salesforceID() + salesforceSuffix
	}
	whole := map[string]any{
		"customer_id": id, "display_name": c.name, "worker": nil, "address": "1 Fiction Street",
		"channels": []any{
			map[string]any{"type": "sms", "value": c.phone()},
			map[string]any{"type": "whatsapp", "value": "whatsapp:" + c.phone()},
			map[string]any{"type": "email", "value": c.email()},
		},
		"links": []any{
			map[string]any{"type": "Website", "value": "https://example.org/" + c.id(), "display_name": "Their site"},
			map[string]any{"type": "Bad", "value": "javascript:alert(1)", "display_name": "Not a site"},
		},
		"details": map[string]any{"title": "Notes", "content": "Customer " + strconv.Itoa(c.number) + "\nof " + c.mark},
	}
	if b.nameless {
		delete(whole, "display_name")
	}
	if b.undefined {
		whole["channels"] = append(whole["channels"].([]any), map[string]any{"type": "sms", "value": "undefined"},
			map[string]any{"type": "whatsapp", "value": "whatsapp:undefined"}, map[string]any{"type": "email", "value": "null"})
		whole["links"] = append(whole["links"].([]any), map[string]any{"type": "Website", "value": "undefined", "display_name": "undefined"})
	}
	if b.null {
		whole["links"], whole["details"] = nil, nil
	}
	if b.avatars != "" {
		whole["avatar"] = s.avatarURL(b, c)
	}
	return map[string]any{"customer": whole}, true
}

// find returns a customer of any worker that called before.
func (s *service) find(b behavior, id string) (customer, bool) {
	s.mu.Lock()
	workers := make([]string, 0, len(s.workers))
	for worker := range s.workers {
		workers = append(workers, worker)
	}
	s.mu.Unlock()
	for _, worker := range workers {
		if b.ids == "" && !strings.HasPrefix(id, mark(worker)+"-") {
			continue
		}
		for _, c := range customersOf(worker, b.customers) {
			if b.idOf(c) == strings.TrimSuffix(id, salesforceSuffix) {
				return c, true
			}
		}
	}
	return customer{}, false
}
