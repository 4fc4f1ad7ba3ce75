package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// list returns a page; ok is false if it fails.
func (s *service) list(cb callback) (any, bool) {
	b := cb.behavior
	if b.failAfter > 0 && cb.list > b.failAfter {
		return nil, false
	}
	all := s.visible(b, cb.entry.Worker)
	searches := b.searchable == "yes" || b.searchable == "late" || b.searchable == "unset"
	if cb.entry.Query != "" && searches {
		all = slices.DeleteFunc(all, func(c customer) bool {
			return !strings.Contains(strings.ToLower(c.name), strings.ToLower(cb.entry.Query))
		})
	}
	size, err := strconv.Atoi(cb.entry.PageSize)
	if err != nil || size < 1 {
		size = 30
	}
	switch {
	case b.paging == "whole":
		size = len(all)
	case b.rowsMore:
		size *= 3
	case b.rowsShort:
		size = (size + 2) / 3
	}
	from := s.from(b, cb, all)
	if b.failFrom > 0 && from >= b.failFrom {
		return nil, false
	}
	to := min(from+size, len(all))
	empty := emptyPages(cb)
	if b.paging == "filtered" && empty > 0 {
		to = from
	}
	objects := map[string]any{"customers": s.rows(b, cb.entry.Worker, all[from:to])}
	if b.null && len(all) == 0 {
		objects["customers"] = nil
	}
	if token := s.nextToken(b, cb, to, len(all)); token != nil {
		objects["next_page_token"] = token
	}
	switch searchable := b.searchable; {
	case searchable == "yes" || searchable == "late" && cb.entry.Query != "":
		objects["searchable"] = true
	case searchable == "no" || searchable == "late-no" && cb.entry.Query != "":
		objects["searchable"] = false
	}
	if b.oversize {
		objects["padding"] = strings.Repeat("x", 65<<10)
	}
	return objects, true
}

// visible returns the worker's customers without the deleted ones.
func (s *service) visible(b behavior, worker string) []customer {
	if b.emptied {
		return nil
	}
	return slices.DeleteFunc(customersOf(worker, b.customers), func(c customer) bool { return b.deleted[b.idOf(c)] })
}

func (b behavior) idOf(c customer) string {
	switch b.ids {
	case "numbers":
		return c.numericID()
	case "salesforce":
		return c.salesforceID()
	}
	return c.id()
}

// jsonID returns the id as it is sent.
func (b behavior) jsonID(c customer) any {
	if b.ids == "numbers" {
		return json.Number(c.numericID())
	}
	return b.idOf(c)
}

// from returns the first row of the requested page. An unknown anchor or token restarts
// the list.
func (s *service) from(b behavior, cb callback, all []customer) int {
	switch {
	case b.paging == "same-page", b.paging == "whole", b.paging == "restarts" && cb.list == 3:
		return 0
	case b.paging == "token-cursor":
		s.mu.Lock()
		defer s.mu.Unlock()
		if cb.entry.NextPageToken == "" {
			s.cursors[cb.entry.Worker] = 0
		}
		return min(s.cursors[cb.entry.Worker], len(all))
	case cb.entry.NextPageToken != "":
		text, _, _ := strings.Cut(strings.TrimPrefix(cb.entry.NextPageToken, "page-"), "+")
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > len(all) {
			return 0
		}
		return n
	case cb.entry.Anchor != "":
		at := slices.IndexFunc(all, func(c customer) bool { return b.idOf(c) == cb.entry.Anchor })
		return at + 1
	}
	return 0
}

// nextToken returns the token of the page that begins at row next; nil sends none.
func (s *service) nextToken(b behavior, cb callback, next, total int) any {
	last := next >= total
	text := "page-" + strconv.Itoa(next)
	switch b.paging {
	case "filtered":
		if empty := emptyPages(cb); empty > 0 {
			return text + "+" + strconv.Itoa(empty-1)
		}
		if last && cb.entry.NextPageToken == text+"+0" {
			return nil
		}
		return text + "+" + strconv.Itoa(maxEmptyPages)
	case "token", "restarts", "token-number", "token-changing", "token-late":
		number := b.paging == "token-number" || b.paging == "token-changing" && cb.list%2 == 0
		switch {
		case last, b.paging == "token-late" && cb.entry.Anchor == "" && cb.entry.NextPageToken == "":
			return nil
		case number:
			return next
		}
		return text
	case "token-null":
		return json.RawMessage("null")
	case "token-empty":
		return ""
	case "token-end-null":
		if last {
			return json.RawMessage("null")
		}
		return text
	case "token-end-empty":
		if last {
			return ""
		}
		return text
	case "token-repeated":
		if last && cb.entry.NextPageToken != "" {
			return cb.entry.NextPageToken
		}
		return text
	case "token-loop":
		if last {
			return "page-0"
		}
		return text
	case "token-cursor":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.cursors[cb.entry.Worker] = next
		if last {
			return nil
		}
		return "cursor"
	}
	return nil
}

// maxEmptyPages is how many empty pages in a row "filtered" sends.
const maxEmptyPages = 3

// emptyPages returns how many empty pages "filtered" sends before the next rows, the
// requested one included. Its tokens are "page-ROW+EMPTY".
func emptyPages(cb callback) int {
	_, text, ok := strings.Cut(cb.entry.NextPageToken, "+")
	if n, err := strconv.Atoi(text); ok && err == nil {
		return n
	}
	return maxEmptyPages
}

// rows returns list rows, with extra fields.
func (s *service) rows(b behavior, worker string, customers []customer) []any {
	rows := make([]any, 0, len(customers))
	for i, c := range customers {
		if b.dirty {
			rows = append(rows, unusable(i)...)
		}
		row := map[string]any{"display_name": c.name, "worker": worker, "properties": map[string]any{"vip": i%7 == 0}, "cpf": nil}
		row["customer_id"] = b.jsonID(c)
		if b.nameless && c.number%3 == 0 {
			row["display_name"] = []any{nil, "", "undefined"}[c.number/3%3]
		}
		if b.avatars != "" {
			row["avatar"] = s.avatarURL(b, c)
		}
		rows = append(rows, row)
	}
	return rows
}

// unusable returns rows that cannot be used, to put among good ones.
func unusable(i int) []any {
	switch i % 6 {
	case 0:
		return []any{nil}
	case 1:
		return []any{map[string]any{"display_name": "Nobody without an id"}}
	case 2:
		return []any{map[string]any{"customer_id": "", "display_name": "Nobody with an empty id"}}
	case 3:
		return []any{"a string", 7, []any{}}
	case 4:
		return []any{map[string]any{"customer_id": nil, "display_name": "Nobody with null for an id"}, map[string]any{}}
	}
	return nil
}
