package frontline

import (
	"errors"
	"fmt"
	"net/http"
)

// list writes a page of customers to x.out. If the page is too large, list calls the
// CRM again for fewer customers instead of cutting it: only the CRM can make the token
// of a shorter page.
func (h *handler) list(x *exchange, r *http.Request, q fields) error {
	size, ok := parsePageSize(q.pageSize)
	if !ok {
		return invalid("PageSize must be a positive whole number")
	}
	req := ListRequest{Worker: q.worker, PageSize: size, Anchor: q.anchor, NextPageToken: q.token, Query: q.text}
	for again := false; ; again = true {
		resp, err := h.crm.CustomersList(r.Context(), req)
		if err != nil {
			return err
		}
		if len(resp.NextPageToken) > MaxTokenBytes {
			return fmt.Errorf("the CRM returned a next page token of %d bytes; at most %d are allowed", len(resp.NextPageToken), MaxTokenBytes)
		}
		fitting, whole := h.encodeList(x, r, &resp)
		if whole {
			return nil
		}
		if req.PageSize == 1 {
			return errors.New("a page of one customer is too large to send")
		}
		// As many as fitted will fit again, unless the list changes meanwhile or the
		// CRM ignores PageSize.
		next := req.PageSize / 2
		if !again && fitting < req.PageSize {
			next = fitting
		}
		req.PageSize = max(next, 1)
	}
}

// encodeList writes a page to x.out. It reports whether the page fits, and otherwise how
// many customers would.
func (h *handler) encodeList(x *exchange, r *http.Request, resp *ListResponse) (fitting int, whole bool) {
	// The end of the page: the token, each byte escaped at worst, and a few words.
	const endBytes = 6*MaxTokenBytes + 64
	x.out = append(x.out[:0], `{"objects":{"customers":[`...)
	without := 0
	for i := range resp.Customers {
		c := &resp.Customers[i]
		if c.ID == "" {
			without++
			continue
		}
		if x.out[len(x.out)-1] != '[' {
			x.out = append(x.out, ',')
		}
		x.out = appendRow(x.out, c)
		if len(x.out) < MaxBodyBytes-endBytes {
			fitting = i + 1
		} else if len(x.out) >= MaxBodyBytes {
			return fitting, false
		}
	}
	if without > 0 {
		h.log.WarnContext(r.Context(), "left customers without an id out of a page", "count", without)
	}
	x.out = appendListEnd(x.out, resp)
	return fitting, len(x.out) < MaxBodyBytes
}

// details writes one customer to x.out.
func (h *handler) details(x *exchange, r *http.Request, q fields) error {
	resp, err := h.crm.CustomerDetails(r.Context(), DetailsRequest{Worker: q.worker, CustomerID: q.customerID})
	if err != nil {
		return err
	}
	if resp.Customer.ID == "" {
		resp.Customer.ID = q.customerID
	}
	x.out = appendDetails(x.out[:0], &resp.Customer)
	if n := len(x.out); n >= MaxBodyBytes {
		return fmt.Errorf("a customer's details are %d bytes; a response must be under %d", n, MaxBodyBytes)
	}
	return nil
}

// invalid returns an error for status 400.
func invalid(reason string) error { return &InvalidRequestError{Reason: reason} }
