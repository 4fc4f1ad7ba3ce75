package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// list answers a page; false is a page that fails.
func (s *service) list(q question) (any, bool) {
	b := q.how
	if b.failAfter > 0 && q.list > b.failAfter {
		return nil, false
	}
	all := s.visible(b, q.entry.Worker)
	searches := b.searchable == "yes" || b.searchable == "late" || b.searchable == "untold"
	if q.entry.Query != "" && searches {
		all = slices.DeleteFunc(all, func(c customer) bool {
			return !strings.Contains(strings.ToLower(c.name), strings.ToLower(q.entry.Query))
		})
	}
	size, err := strconv.Atoi(q.entry.PageSize)
	if err != nil || size < 1 {
		size = 30
	}
	switch {
	case b.rowsMore:
		size *= 3
	case b.rowsShort:
		size = (size + 2) / 3
	}
	from := s.from(b, q, all)
	if b.failFrom > 0 && from >= b.failFrom {
		return nil, false
	}
	to := min(from+size, len(all))
	objects := map[string]any{"customers": s.rows(b, q.entry.Worker, all[from:to])}
	if token := s.nextToken(b, q, to, len(all)); token != nil {
		objects["next_page_token"] = token
	}
	switch told := b.searchable; {
	case told == "yes" || told == "late" && q.entry.Query != "":
		objects["searchable"] = true
	case told == "no" || told == "late-no" && q.entry.Query != "":
		objects["searchable"] = false
	}
	if b.oversize {
		objects["padding"] = strings.Repeat("x", 65<<10)
	}
	return objects, true
}

// visible are the worker's customers, without the deleted ones.
func (s *service) visible(b behaviour, worker string) []customer {
	return slices.DeleteFunc(customersOf(worker, b.customers), func(c customer) bool { return b.deleted[b.idOf(c)] })
}

func (b behaviour) idOf(c customer) string {
	if b.numbers {
		return c.numericID()
	}
	return c.id()
}

// from is where the page begins that was asked for. An anchor or token that is
// not known begins the list anew.
func (s *service) from(b behaviour, q question, all []customer) int {
	switch {
	case b.paging == "same-page":
		return 0
	case b.paging == "token-cursor":
		s.mu.Lock()
		defer s.mu.Unlock()
		if q.entry.NextPageToken == "" {
			s.cursors[q.entry.Worker] = 0
		}
		return min(s.cursors[q.entry.Worker], len(all))
	case q.entry.NextPageToken != "":
		n, err := strconv.Atoi(strings.TrimPrefix(q.entry.NextPageToken, "page-"))
		if err != nil || n < 0 || n > len(all) {
			return 0
		}
		return n
	case q.entry.Anchor != "":
		at := slices.IndexFunc(all, func(c customer) bool { return b.idOf(c) == q.entry.Anchor })
		return at + 1
	}
	return 0
}

// nextToken is the token of the page that begins at row next; nil sends none.
func (s *service) nextToken(b behaviour, q question, next, total int) any {
	last := next >= total
	text := "page-" + strconv.Itoa(next)
	switch b.paging {
	case "token", "token-number", "token-changing", "token-late":
		number := b.paging == "token-number" || b.paging == "token-changing" && q.list%2 == 0
		switch {
		case last, b.paging == "token-late" && q.entry.Anchor == "" && q.entry.NextPageToken == "":
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
		if last && q.entry.NextPageToken != "" {
			return q.entry.NextPageToken
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
		s.cursors[q.entry.Worker] = next
		if last {
			return nil
		}
		return "cursor"
	}
	return nil
}

// rows writes list rows as companies do: with more in them than was asked for.
func (s *service) rows(b behaviour, worker string, customers []customer) []any {
	rows := make([]any, 0, len(customers))
	for i, c := range customers {
		if b.dirty {
			rows = append(rows, unusable(i)...)
		}
		row := map[string]any{"customer_id": c.id(), "display_name": c.name, "worker": worker, "properties": map[string]any{"vip": i%7 == 0}, "cpf": nil}
		if b.numbers {
			row["customer_id"] = json.Number(c.numericID())
		}
		if b.avatars != "" {
			row["avatar"] = s.avatarURL(b, c)
		}
		rows = append(rows, row)
	}
	return rows
}

// unusable rows are met among good ones.
func unusable(i int) []any {
	switch i % 6 {
	case 0:
		return []any{nil}
	case 1:
		return []any{map[string]any{"display_name": "Nobody without an id"}}
	case 2:
		return []any{map[string]any{"customer_id": "no-name-" + strconv.Itoa(i), "display_name": nil}}
	case 3:
		return []any{"a string", 7, []any{}}
	case 4:
		return []any{map[string]any{"customer_id": nil, "display_name": "Nobody with null for an id"}, map[string]any{}}
	}
	return nil
}
