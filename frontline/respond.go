package frontline

import (
	"errors"
	"fmt"
	"net/http"
)

// list writes a page of customers to b.out. If the page is too large, list calls the
// CRM again for fewer customers instead of cutting it: only the CRM can make the token
// of a shorter page.
func (h *crmHandler) list(b *buffers, r *http.Request, f fields) error {
	size, ok := parsePageSize(f.pageSize)
	if !ok {
		return invalid("PageSize must be a positive whole number")
	}
	req := ListRequest{Worker: f.worker, PageSize: size, Anchor: f.anchor, NextPageToken: f.token, Query: f.query}
	for again := false; ; again = true {
		resp, err := h.crm.CustomersList(r.Context(), req)
		if err != nil {
			return err
		}
		if len(resp.NextPageToken) > MaxTokenBytes {
			return fmt.Errorf("the CRM returned a next page token of %d bytes; at most %d are allowed", len(resp.NextPageToken), MaxTokenBytes)
		}
		fitting, whole := h.encodeList(b, r, &resp)
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

// encodeList writes a page to b.out. It reports whether the page fits, and otherwise how
// many customers would.
func (h *crmHandler) encodeList(b *buffers, r *http.Request, resp *ListResponse) (fitting int, whole bool) {
	// The end of the page: the token, each byte escaped at worst, and a few words.
	const endBytes = 6*MaxTokenBytes + 64
	b.out = append(b.out[:0], `{"objects":{"customers":[`...)
	without := 0
	for i := range resp.Customers {
		c := &resp.Customers[i]
		if c.ID == "" {
			without++
			continue
		}
		if b.out[len(b.out)-1] != '[' {
			b.out = append(b.out, ',')
		}
		b.out = appendRow(b.out, c)
		if len(b.out) < MaxBodyBytes-endBytes {
			fitting = i + 1
		} else if len(b.out) >= MaxBodyBytes {
			return fitting, false
		}
	}
	if without > 0 {
		h.log.WarnContext(r.Context(), "left customers without an id out of a page", "count", without)
	}
	b.out = appendListEnd(b.out, resp)
	return fitting, len(b.out) < MaxBodyBytes
}

// details writes one customer to b.out.
func (h *crmHandler) details(b *buffers, r *http.Request, f fields) error {
	resp, err := h.crm.CustomerDetails(r.Context(), DetailsRequest{Worker: f.worker, CustomerID: f.customerID})
	if err != nil {
		return err
	}
	if resp.Customer.ID == "" {
		resp.Customer.ID = f.customerID
	}
	b.out = appendDetails(b.out[:0], &resp.Customer)
	if n := len(b.out); n >= MaxBodyBytes {
		return fmt.Errorf("a customer's details are %d bytes; a response must be under %d", n, MaxBodyBytes)
	}
	return nil
}

// invalid returns an error for status 400.
func invalid(reason string) error { return &InvalidRequestError{Reason: reason} }
