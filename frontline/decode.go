package frontline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode"
)

// The shapes of responses. An optional field of the wrong type counts as missing.
type (
	wireList struct {
		Objects struct {
			Customers     wireRows       `json:"customers"`
			Searchable    wireSearchable `json:"searchable"`
			NextPageToken wireText       `json:"next_page_token"`
		} `json:"objects"`
	}
	wireDetails struct {
		Objects struct {
			Customer wireCustomer `json:"customer"`
		} `json:"objects"`
	}
	wireCustomer struct {
		ID          wireText      `json:"customer_id"`
		DisplayName wireText      `json:"display_name"`
		Channels    []wireChannel `json:"channels"`
		Links       []wireLink    `json:"links"`
		Details     wireDetail    `json:"details"`
		Avatar      string        `json:"avatar"`
	}
	wireChannel struct {
		Type  wireText `json:"type"`
		Value wireText `json:"value"`
	}
	wireLink struct {
		Type        wireText `json:"type"`
		Value       string   `json:"value"`
		DisplayName wireText `json:"display_name"`
	}
	wireDetail struct {
		Title   wireText `json:"title"`
		Content wireText `json:"content"`
	}
)

// wireText is a text that may come as a number, which keeps its digits as written.
type wireText string

func (t *wireText) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(t))
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		*t = wireText(b)
	}
	return nil
}

// wireFlag is true for true, "true" and 1.
type wireFlag bool

func (f *wireFlag) UnmarshalJSON(b []byte) error {
	s := strings.ToLower(strings.Trim(string(b), `"`))
	*f = s == "true" || s == "1"
	return nil
}

// wireSearchable is true, false, or anything else for unknown.
type wireSearchable Searchable

func (s *wireSearchable) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "true":
		*s = wireSearchable(SearchableYes)
	case "false":
		*s = wireSearchable(SearchableNo)
	}
	return nil
}

// wireRows is the list, and whether there was one. null is an empty list.
type wireRows struct {
	given bool
	count int // of rows, unusable ones included
	rows  []Customer
}

func (w *wireRows) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case 'n':
		*w = wireRows{given: true}
	case '[':
		var rows []wireCustomer
		if err := unmarshal(b, &rows); err != nil {
			return err
		}
		*w = wireRows{given: true, count: len(rows)}
		for i := range rows {
			// The details hold everything else.
			row := Customer{ID: string(rows[i].ID), DisplayName: present(string(rows[i].DisplayName)), Avatar: rows[i].Avatar}
			if row.ID != "" {
				w.rows = append(w.rows, row)
			}
		}
	}
	return nil
}

// unmarshal is json.Unmarshal without errors about wrong types: as documented, those
// fields are skipped and the rest is decoded.
func unmarshal(b []byte, v any) error {
	err := json.Unmarshal(b, v)
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return nil
	}
	return err
}

// trimmed returns a body without a byte order mark and the blanks around it.
func trimmed(body []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
}

// parseResponse decodes a response; an empty one counts as null.
func parseResponse(body []byte, v any) error {
	if body = trimmed(body); len(body) == 0 {
		return nil
	}
	err := unmarshal(body, v)
	if err != nil {
		err = unmarshal(dropCommas(body), v)
	}
	if err != nil {
		return badResponse(fmt.Errorf("the response is not JSON: %w", err))
	}
	return nil
}

// stringOrComma matches a JSON string, so that nothing in it matches, or a comma before the
// end of an array or object.
var stringOrComma = regexp.MustCompile(`(?s)"(?:[^"\\]|\\.)*"|,\s*[\]}]`)

// dropCommas removes the commas that some services write before ] and }.
func dropCommas(body []byte) []byte {
	return stringOrComma.ReplaceAllFunc(body, func(match []byte) []byte {
		return bytes.TrimPrefix(match, []byte(","))
	})
}

func badResponse(err error) error { return &CallbackError{Code: CodeInvalidResponse, Err: err} }

// decodeList decodes the response to a list request; first reports whether it was for the
// first page.
func decodeList(body []byte, first bool) (ListResponse, error) {
	var list wireList
	if err := parseResponse(body, &list); err != nil {
		return ListResponse{}, err
	}
	o := &list.Objects
	resp := ListResponse{Customers: o.Customers.rows, Searchable: Searchable(o.Searchable), NextPageToken: string(o.NextPageToken)}
	switch {
	case len(resp.Customers) > 0, !first:
	case !o.Customers.given:
		return ListResponse{}, badResponse(errors.New("the response has no objects.customers array"))
	case o.Customers.count > 0:
		return ListResponse{}, badResponse(errors.New("no customer in the response has a customer_id"))
	}
	return resp, nil
}

// decodeDetails decodes the response to a details request for the customer id.
func decodeDetails(body []byte, id string) (DetailsResponse, error) {
	var details wireDetails
	if err := parseResponse(body, &details); err != nil {
		return DetailsResponse{}, err
	}
	from := &details.Objects.Customer
	c := Customer{ID: string(from.ID), DisplayName: present(string(from.DisplayName)), Avatar: from.Avatar}
	for _, ch := range from.Channels {
		if isAddress(string(ch.Value)) {
			c.Channels = append(c.Channels, Channel{Type: string(ch.Type), Value: string(ch.Value)})
		}
	}
	for _, l := range from.Links {
		if value := present(l.Value); value != "" {
			c.Links = append(c.Links, Link{Type: string(l.Type), Value: value, DisplayName: present(string(l.DisplayName))})
		}
	}
	if d := (Detail{Title: string(from.Details.Title), Content: string(from.Details.Content)}); d != (Detail{}) {
		c.Details = &d
	}
	if c.ID == "" && c.DisplayName == "" && c.Avatar == "" && c.Channels == nil && c.Links == nil && c.Details == nil {
		return DetailsResponse{}, ErrNotFound
	}
	if c.ID != "" && !sameID(c.ID, id) {
		return DetailsResponse{}, badResponse(errors.New("the response is about another customer"))
	}
	c.ID = id
	return DetailsResponse{Customer: c}, nil
}

// present returns a text, or "" if it only says that there is none: blanks, or what
// JavaScript writes for a missing value.
func present(text string) string {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "undefined", "null":
		return ""
	}
	return text
}

// isAddress reports whether the value of a channel can be an address.
func isAddress(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r == '@' || unicode.IsDigit(r) })
}

// sameID reports whether two ids are of one customer: they are equal, or the forms of a
// Salesforce id with 15 and with 18 characters.
func sameID(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	suffix, ok := strings.CutPrefix(b, a)
	if !ok || suffix == "" {
		return ok
	}
	return len(a) == 15 && len(suffix) == 3 && strings.Trim(suffix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345") == ""
}

// isUnknown reports whether a call failed because the service does not know the customer.
// With HTML, status 404 means that nothing serves the URL: a proxy, a tunnel or a platform
// responds in the service's place.
func isUnknown(body []byte, err error) bool {
	var failed *CallbackError
	return errors.As(err, &failed) && failed.Status == http.StatusNotFound && !bytes.HasPrefix(trimmed(body), []byte("<"))
}
