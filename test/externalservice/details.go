package main

import (
	"encoding/json"
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
	var id any = c.id()
	if b.numbers {
		id = json.Number(c.numericID())
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
		if !b.numbers && !strings.HasPrefix(id, mark(worker)+"-") {
			continue
		}
		for _, c := range customersOf(worker, b.customers) {
			if b.idOf(c) == id {
				return c, true
			}
		}
	}
	return customer{}, false
}
