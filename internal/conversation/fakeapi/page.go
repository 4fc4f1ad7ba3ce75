package fakeapi

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

type object = map[string]any

// page responds with a page of a list. The token of a page is the id of the last row before.
func page[T any](r *request, key string, all []T, id func(T) string, render func(T) object) response {
	size, _ := strconv.Atoi(cmp.Or(r.values.Get("PageSize"), "50"))
	number, _ := strconv.Atoi(r.values.Get("Page"))
	start := 0
	if token := r.values.Get("PageToken"); token != "" {
		start = 1 + slices.IndexFunc(all, func(row T) bool { return "PT"+id(row) == token })
		if start == 0 {
			return invalid("PageToken")
		}
	}
	address := func(change func(q url.Values)) string {
		query := r.URL.Query()
		query.Set("PageSize", strconv.Itoa(size))
		change(query)
		return r.base[:len(r.base)-len("/v1")] + r.URL.Path + "?" + query.Encode()
	}
	meta := object{
		"page": number, "page_size": size, "key": key, "previous_page_url": nil, "next_page_url": nil,
		"first_page_url": address(func(q url.Values) { q.Set("Page", "0"); q.Del("PageToken") }),
		"url":            address(func(q url.Values) { q.Set("Page", strconv.Itoa(number)) }),
	}
	end := min(start+size, len(all))
	if end < len(all) {
		meta["next_page_url"] = address(func(q url.Values) {
			q.Set("Page", strconv.Itoa(number+1))
			q.Set("PageToken", "PT"+id(all[end-1]))
		})
	}
	rows := make([]object, 0, size)
	for _, row := range all[start:end] {
		rows = append(rows, render(row))
	}
	return respond(http.StatusOK, object{key: rows, "meta": meta})
}

// orNull returns a string, or nil for "".
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// date returns a time as the API writes it.
func date(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
