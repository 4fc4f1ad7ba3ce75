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

// pageRef is a place in the register: what is looked for, and after whom.
type pageRef struct {
	query string
	owner owner
	after customer.Cursor
}

// readPageRef reads a place off a request; ok is false when what it says
// cannot be a place.
func readPageRef(r *http.Request) (at pageRef, ok bool) {
	query := r.URL.Query()
	at = firstPage(query.Get("q"), query.Get("whose"))
	if worker := query.Get("worker"); worker != "" { // as other screens write it
		at.owner = parseOwner(ownerPrefix + worker)
	}
	at.after, ok = parseCursor(query.Get("after"))
	return at, ok
}

// firstPage is the beginning of a list.
func firstPage(query, of string) pageRef {
	query = strings.TrimSpace(strings.ToValidUTF8(query, ""))
	for len(query) > maxQuery {
		_, size := utf8.DecodeLastRuneInString(query)
		query = query[:len(query)-size]
	}
	return pageRef{query: strings.ReplaceAll(query, "\x00", ""), owner: parseOwner(of)}
}

// href is the address of a place.
func (p pageRef) href() string {
	query := url.Values{}
	if p.query != "" {
		query.Set("q", p.query)
	}
	if of := p.owner.String(); of != "" {
		query.Set("whose", of)
	}
	if !p.after.IsZero() {
		query.Set("after", cursorText(p.after))
	}
	if len(query) == 0 {
		return CustomersPath
	}
	return CustomersPath + "?" + query.Encode()
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

// isUnknownCursor tells that a list has no such place any more: it begins anew.
func isUnknownCursor(err error) bool { return errors.Is(err, customer.ErrUnknownAnchor) }

// loadList reads the page at a place.
func (c *console) loadList(ctx context.Context, v *visit, at pageRef) (customersList, error) {
	list := customersList{Query: at.query, Owner: at.owner.String()}
	q := customer.AdminQuery{Query: at.query, After: at.after, Limit: customersPerPage}
	q.Worker, q.Unassigned = at.owner.identity, at.owner.unassigned
	page, err := c.Reader.ListAll(ctx, q)
	if err != nil {
		return list, err
	}
	exact, err := c.findExact(ctx, at)
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
		list.Shown = Count(v.Locale, "console.customers.shown", len(list.Rows))
	case !at.after.IsZero():
		list.Empty = "end"
	case at.query != "" || at.owner.identity != "":
		list.Empty = "nothing"
	case at.owner.unassigned:
		list.Empty = "nobodys"
	default:
		list.Empty = "none"
	}
	return list, nil
}

// findExact is the customer whose id was searched for: it comes first. Nil when there
// is none, or not among those who are looked through.
func (c *console) findExact(ctx context.Context, at pageRef) (*customer.Customer, error) {
	if customerID(at.query) == "" {
		return nil, nil
	}
	found, err := c.Reader.Get(ctx, at.query)
	switch of := at.owner; {
	case errors.Is(err, customer.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case of.unassigned && len(found.Workers) > 0, of.identity != "" && !contains(found.Workers, of.identity):
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
	// Contact is the first way to reach them, and Icon what kind it is.
	Contact, Icon string
	// Owners says whose they are; Nobodys and Everyones when that is nobody or all.
	Owners               string
	Unassigned, Everyone bool
}

func rowOf(c customer.Customer, query string, v *visit) customerRow {
	row := customerRow{ID: c.ID, Href: CustomerHref(c.ID), Name: displayName(c, v), Company: Line(text.Visible(c.Company), MaxCell)}
	row.Pieces = text.Pieces(row.Name, query)
	if len(c.Channels) > 0 {
		row.Contact, row.Icon = contactText(c.Channels[0]), channelIcon(c.Channels[0].Type)
	}
	row.Owners, row.Unassigned, row.Everyone = ownersText(c.Workers, v)
	return row
}
