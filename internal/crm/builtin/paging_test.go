package builtin_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/builtin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/customer/storetest"
)

// Customers are added, renamed, reassigned and deleted during the walk.
func TestCustomersList_WalksAChangingList(t *testing.T) {
	for name, byToken := range map[string]bool{"by token": true, "by anchor": false} {
		for what, query := range map[string]string{"the list": "", "a search": "keeps"} {
			t.Run(name+" through "+what, func(t *testing.T) {
				forEachStore(t, func(t *testing.T, store customer.Store) {
					crm := newCRM(store)
					storetest.RunPaging(t, store, func(worker string, limit int) storetest.PageFunc {
						req := frontline.ListRequest{Worker: worker, PageSize: limit, Query: query}
						return func() (page []string, more bool, err error) {
							resp, err := crm.CustomersList(ctx, req)
							if err != nil {
								return nil, false, err
							}
							for _, c := range resp.Customers {
								page = append(page, c.ID)
							}
							if byToken {
								req.NextPageToken = resp.NextPageToken
								return page, resp.NextPageToken != "", nil
							}
							if len(page) > 0 {
								req.Anchor = page[len(page)-1]
							}
							return page, len(page) > 0, nil
						}
					})
				})
			})
		}
	}
}

func TestCustomersList_PagesByToken(t *testing.T) {
	forEachStore(t, func(t *testing.T, store customer.Store) {
		putFive(t, store)
		for _, query := range []string{"", "anna"} {
			crm := newCRM(store)
			var pages []string
			token := ""
			for range 9 {
				req := frontline.ListRequest{Worker: "ann", PageSize: 2, NextPageToken: token, Query: query}
				if token != "" {
					req.Anchor = "ignored: the token wins"
				}
				resp := list(t, crm, req)
				pages = append(pages, idsOf(resp))
				if len(resp.NextPageToken) > frontline.MaxTokenBytes {
					t.Errorf("NextPageToken has %d bytes, want at most %d", len(resp.NextPageToken), frontline.MaxTokenBytes)
				}
				if token = resp.NextPageToken; token == "" {
					break
				}
			}
			if diff := cmp.Diff([]string{"a b", "c d", "e"}, pages); diff != "" {
				t.Errorf("pages with query %q (-want +got):\n%s", query, diff)
			}
		}
	})
}

func TestCustomersList_PagesByAnchor(t *testing.T) {
	forEachStore(t, func(t *testing.T, store customer.Store) {
		putFive(t, store)
		for _, query := range []string{"", "anna"} {
			for name, crm := range map[string]func() *builtin.CRM{
				"one process": func() func() *builtin.CRM { crm := newCRM(store); return func() *builtin.CRM { return crm } }(),
				"restarts":    func() *builtin.CRM { return newCRM(store) },
			} {
				var pages []string
				anchor := ""
				for range 9 {
					page := idsOf(list(t, crm(), frontline.ListRequest{Worker: "ann", PageSize: 2, Anchor: anchor, Query: query}))
					pages = append(pages, page)
					if page == "" {
						break
					}
					anchor = page[len(page)-1:]
				}
				if diff := cmp.Diff([]string{"a b", "c d", "e", ""}, pages); diff != "" {
					t.Errorf("CustomersList(query %q), %s (-want +got):\n%s", query, name, diff)
				}
			}
		}
	})
}

func TestCustomersList_RenamedAnchorKeepsItsPosition(t *testing.T) {
	for _, query := range []string{"", "anna"} {
		store := newStore(t)
		putFive(t, store)
		crm := newCRM(store)
		list(t, crm, frontline.ListRequest{Worker: "ann", PageSize: 2, Query: query})
		put(t, store, newCustomer("b", "Zoe", "ann"))
		got := idsOf(list(t, crm, frontline.ListRequest{Worker: "ann", PageSize: 3, Anchor: "b", Query: query}))
		if got != "c d e" {
			t.Errorf("CustomersList after b with query %q: %q, want c d e", query, got)
		}
	}
}
