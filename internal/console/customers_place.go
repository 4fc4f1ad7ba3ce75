package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// customersPerPage is how many rows a page of the register has.
const customersPerPage = 50

// maxQuery bounds what is searched for, in bytes; nobody types more.
const maxQuery = 400

// customersPlace is a place in the register: what is looked for, and after whom.
type customersPlace struct {
	query string
	whose whose
	after customer.Cursor
}

// readCustomersPlace reads a place off a request; ok is false when what it says
// cannot be a place.
func readCustomersPlace(r *http.Request) (at customersPlace, ok bool) {
	query := r.URL.Query()
	at = placeOf(query.Get("q"), query.Get("whose"))
	if worker := query.Get("worker"); worker != "" { // as other screens write it
		at.whose = readWhose(ofPrefix + worker)
	}
	at.after, ok = parseCursor(query.Get("after"))
	return at, ok
}

// placeOf is the beginning of a list.
func placeOf(query, of string) customersPlace {
	query = strings.TrimSpace(strings.ToValidUTF8(query, ""))
	for len(query) > maxQuery {
		_, size := utf8.DecodeLastRuneInString(query)
		query = query[:len(query)-size]
	}
	return customersPlace{query: strings.ReplaceAll(query, "\x00", ""), whose: readWhose(of)}
}

// href is the address of a place.
func (p customersPlace) href() string {
	query := url.Values{}
	if p.query != "" {
		query.Set("q", p.query)
	}
	if of := p.whose.String(); of != "" {
		query.Set("whose", of)
	}
	if !p.after.IsZero() {
		query.Set("after", cursorText(p.after))
	}
	if len(query) == 0 {
		return customersPath
	}
	return customersPath + "?" + query.Encode()
}

// cursorText writes a cursor for an address.
func cursorText(c customer.Cursor) string {
	if c.IsZero() {
		return ""
	}
	return strconv.FormatInt(c.Row, 10) + "." + strconv.FormatInt(c.Rev, 10) + "." + strconv.Itoa(int(c.Class))
}

// parseCursor reads what cursorText wrote; "" is the beginning.
func parseCursor(s string) (c customer.Cursor, ok bool) {
	if s == "" {
		return c, true
	}
	row, rest, _ := strings.Cut(s, ".")
	rev, class, _ := strings.Cut(rest, ".")
	n, err1 := strconv.ParseInt(row, 10, 64)
	m, err2 := strconv.ParseInt(rev, 10, 64)
	k, err3 := strconv.ParseUint(class, 10, 8)
	if errors.Join(err1, err2, err3) != nil {
		return c, false
	}
	return customer.Cursor{Row: n, Rev: m, Class: uint8(k)}, true
}

// isNoPlace tells that a list has no such place any more: it begins anew.
func isNoPlace(err error) bool { return errors.Is(err, customer.ErrUnknownAnchor) }

// customersList reads the page at a place.
func (c *console) customersList(ctx context.Context, v *visit, at customersPlace) (customersList, error) {
	list := customersList{Query: at.query, Whose: at.whose.String()}
	q := customer.AdminQuery{Query: at.query, After: at.after, Limit: customersPerPage}
	q.Worker, q.Unassigned = at.whose.identity, at.whose.nobody
	page, err := c.Reader.ListAll(ctx, q)
	if err != nil {
		return list, err
	}
	exact, err := c.exactly(ctx, at)
	if err != nil {
		return list, err
	}
	if exact != nil && at.after.IsZero() {
		list.Rows = append(list.Rows, rowOf(*exact, at.query, v))
	}
	for _, cust := range page.Customers {
		if exact == nil || cust.ID != exact.ID { // who was first is not met again
			list.Rows = append(list.Rows, rowOf(cust, at.query, v))
		}
	}
	if !at.after.IsZero() {
		first := at
		first.after = customer.Cursor{}
		list.First = first.href()
	}
	if n := len(page.Cursors); page.More && n > 0 {
		next := at
		next.after = page.Cursors[n-1]
		list.Next = next.href()
	}
	switch {
	case len(list.Rows) > 0:
		list.Shown = amount(v.Locale, "console.customers.shown", len(list.Rows))
	case !at.after.IsZero():
		list.Empty = "end"
	case at.query != "" || at.whose.identity != "":
		list.Empty = "nothing"
	case at.whose.nobody:
		list.Empty = "nobodys"
	default:
		list.Empty = "none"
	}
	return list, nil
}

// exactly is the customer whose id was searched for: it comes first. Nil when there
// is none, or not among those who are looked through.
func (c *console) exactly(ctx context.Context, at customersPlace) (*customer.Customer, error) {
	if customerID(at.query) == "" {
		return nil, nil
	}
	found, err := c.Reader.Get(ctx, at.query)
	switch of := at.whose; {
	case errors.Is(err, customer.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case of.nobody && len(found.Workers) > 0, of.identity != "" && !contains(found.Workers, of.identity):
		return nil, nil
	}
	return &found, nil
}

// customerRow is a customer in a list.
type customerRow struct {
	ID, Href string
	Name     string
	Pieces   []text.Piece
	Company  string
	// Reach is the first way to reach them, and Icon what kind it is.
	Reach, Icon string
	// Whose says whose they are; Nobodys and Everyones when that is nobody or all.
	Whose              string
	Nobodys, Everyones bool
}

func rowOf(c customer.Customer, query string, v *visit) customerRow {
	row := customerRow{ID: c.ID, Href: customerOneHref(c.ID), Name: nameOf(c, v), Company: line(text.Visible(c.Company), maxCell)}
	row.Pieces = text.Pieces(row.Name, query)
	if len(c.Channels) > 0 {
		row.Reach, row.Icon = channelText(c.Channels[0]), channelIcon(c.Channels[0].Type)
	}
	row.Whose, row.Nobodys, row.Everyones = whoseText(c.Workers, v)
	return row
}
