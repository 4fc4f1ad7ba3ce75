package external

import (
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/frontline"
)

// What services in the field do, each by a name of its own. size is how many
// customers a page has, whatever is asked for; 0 is as many as asked.

// byToken is a good service: tokens tell the place, the last page has none.
type byToken struct{ size int }

func (m byToken) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	from, err := strconv.Atoi(strings.TrimPrefix(req.NextPageToken, "after-"))
	if req.NextPageToken != "" && (err != nil || from > len(all)) {
		return frontline.ListResponse{}, errStatus400
	}
	return tokenPage(all, from, sizeOf(m.size, req), "after-"), nil
}

// byAnchor pages by anchor; an anchor that it does not know starts it over.
type byAnchor struct{ size int }

func (m byAnchor) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	return anchorPage(all, placeOf(all, req.Anchor)+1, sizeOf(m.size, req)), nil
}

// samePage answers its first page whatever the anchor is.
type samePage struct{ size int }

func (m samePage) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	return anchorPage(all, 0, sizeOf(m.size, req)), nil
}

// wraps pages by anchor and starts over behind its last customer.
type wraps struct{ size int }

func (m wraps) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	from := placeOf(all, req.Anchor) + 1
	if from == len(all) {
		from = 0
	}
	return anchorPage(all, from, sizeOf(m.size, req)), nil
}

// inclusive gives the anchor itself once more.
type inclusive struct{ size int }

func (m inclusive) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	return anchorPage(all, max(placeOf(all, req.Anchor), 0), sizeOf(m.size, req)), nil
}

// strict refuses an anchor that it does not know.
type strict struct{ size int }

func (m strict) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	if req.Anchor != "" && placeOf(all, req.Anchor) < 0 {
		return frontline.ListResponse{}, errStatus404
	}
	return anchorPage(all, placeOf(all, req.Anchor)+1, sizeOf(m.size, req)), nil
}

// mute has nothing behind an anchor that it does not know.
type mute struct{ size int }

func (m mute) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	if req.Anchor != "" && placeOf(all, req.Anchor) < 0 {
		return frontline.ListResponse{}, nil
	}
	return anchorPage(all, placeOf(all, req.Anchor)+1, sizeOf(m.size, req)), nil
}

// tokenThenNothing gives a token with the last page too; behind it is nothing.
type tokenThenNothing struct{ size int }

func (m tokenThenNothing) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	from, _ := strconv.Atoi(req.NextPageToken)
	resp := anchorPage(all, from, sizeOf(m.size, req))
	if len(resp.Customers) > 0 {
		resp.NextPageToken = strconv.Itoa(from + len(resp.Customers))
	}
	return resp, nil
}

// lateToken gives tokens from its second page on only, which it finds by anchor.
type lateToken struct{ size int }

func (m lateToken) page(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
	if req.NextPageToken == "" && req.Anchor == "" {
		return byAnchor(m).page(all, req, nth)
	}
	from, _ := strconv.Atoi(req.NextPageToken)
	if req.NextPageToken == "" {
		from = placeOf(all, req.Anchor) + 1
	}
	return tokenPage(all, from, sizeOf(m.size, req), ""), nil
}

// tokenLoop gives the tokens A, B, A, B, … and so the second and third page again
// and again.
type tokenLoop struct{ size int }

func (m tokenLoop) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	n := sizeOf(m.size, req)
	from, next := 0, "A"
	switch req.NextPageToken {
	case "A":
		from, next = n, "B"
	case "B":
		from, next = 2*n, "A"
	}
	resp := anchorPage(all, from, n)
	resp.NextPageToken = next
	return resp, nil
}

// cycle starts over behind its last page, token by token, for ever.
type cycle struct{ size int }

func (m cycle) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	from, _ := strconv.Atoi(req.NextPageToken)
	resp := anchorPage(all, from, sizeOf(m.size, req))
	resp.NextPageToken = strconv.Itoa((from + len(resp.Customers)) % max(len(all), 1))
	return resp, nil
}

// sameToken remembers the place itself: its token is always the same. Behind the
// last customer it gives the last page again, with the token.
type sameToken struct {
	size int
	from *int
}

func (m sameToken) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	n := sizeOf(m.size, req)
	if req.NextPageToken == "" {
		*m.from = 0
	}
	resp := anchorPage(all, min(*m.from, max(len(all)-n, 0)), n)
	*m.from += n
	resp.NextPageToken = "more"
	return resp, nil
}

// stuckToken gives its first page and one token, whatever it is asked.
type stuckToken struct{ size int }

func (m stuckToken) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	resp := anchorPage(all, 0, sizeOf(m.size, req))
	resp.NextPageToken = "stuck"
	return resp, nil
}

// freshTokens gives its first page for ever, each time with a token never seen.
type freshTokens struct{ size int }

func (m freshTokens) page(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
	resp := anchorPage(all, 0, sizeOf(m.size, req))
	resp.NextPageToken = "t" + strconv.Itoa(nth)
	return resp, nil
}

// forgetful starts over on the calls of these numbers, whatever it is asked. With
// tokens its places are numbers, so that the same ones come again.
type forgetful struct {
	tokens bool
	size   int
	on     []int
}

func (m forgetful) page(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
	if slices.Contains(m.on, nth) {
		req.Anchor, req.NextPageToken = "", ""
	}
	if m.tokens {
		return byToken{m.size}.page(all, req, nth)
	}
	return byAnchor{m.size}.page(all, req, nth)
}

// overlapping begins each page some customers before its place.
type overlapping struct{ size, back int }

func (m overlapping) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	from, _ := strconv.Atoi(req.NextPageToken)
	resp := anchorPage(all, max(from-m.back, 0), sizeOf(m.size, req)+m.back)
	if end := max(from-m.back, 0) + len(resp.Customers); end < len(all) {
		resp.NextPageToken = strconv.Itoa(end)
	}
	return resp, nil
}

func sizeOf(size int, req frontline.ListRequest) int {
	if size == 0 {
		return req.PageSize
	}
	return size
}

func placeOf(all []frontline.Customer, id string) int {
	return slices.IndexFunc(all, func(c frontline.Customer) bool { return id != "" && c.ID == id })
}

func anchorPage(all []frontline.Customer, from, n int) frontline.ListResponse {
	from = min(from, len(all))
	return frontline.ListResponse{Customers: all[from:min(from+n, len(all))]}
}

func tokenPage(all []frontline.Customer, from, n int, prefix string) frontline.ListResponse {
	resp := anchorPage(all, from, n)
	if end := from + len(resp.Customers); end < len(all) {
		resp.NextPageToken = prefix + strconv.Itoa(end)
	}
	return resp
}
