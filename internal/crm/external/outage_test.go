package external_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/secret"
)

// Each way in which a service, or a platform or tunnel in front of it, is out of order
// leaves workers with what they had, marked with when it was true and why it is old.
func TestService_OutagesOnTheWireKeepWhatIsHeld(t *testing.T) {
	const html = "<!DOCTYPE html><title>Tunnel offline</title>"
	for name, c := range map[string]struct {
		status int
		body   string
		code   frontline.Code
		listed bool // only to lists: it is an answer to details
	}{
		"JSON 404":       {404, `{"error":"not found"}`, frontline.CodeCallbackFailed, true},
		"HTML 404":       {404, html, frontline.CodeCallbackFailed, false},
		"401":            {401, `{}`, frontline.CodeCallbackFailed, false},
		"403":            {403, html, frontline.CodeCallbackFailed, false},
		"410":            {410, html, frontline.CodeCallbackFailed, false},
		"500":            {500, html, frontline.CodeCallbackFailed, false},
		"502":            {502, html, frontline.CodeCallbackFailed, false},
		"503":            {503, ``, frontline.CodeCallbackFailed, false},
		"redirect":       {302, ``, frontline.CodeCallbackFailed, false},
		"HTML":           {200, html, frontline.CodeInvalidResponse, false},
		"nothing":        {200, ``, frontline.CodeInvalidResponse, true},
		"half":           {200, `{"objects":{"customers":[` + rows(0, 20) + `,{"customer`, frontline.CodeInvalidResponse, false},
		"flood":          {200, `{"objects":{"customers":[` + rows(0, 2000) + `]}}`, frontline.CodeInvalidResponse, false},
		"no list":        {200, `{"objects":{}}`, frontline.CodeInvalidResponse, true},
		"an empty list":  {200, `{"objects":{"customers":[]}}`, frontline.CodeInvalidResponse, true},
		"null as a list": {200, `{"objects":{"customers":null}}`, frontline.CodeInvalidResponse, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := false
				s := newHTTPService(t, func(w http.ResponseWriter, form url.Values) {
					from := 0
					fmt.Sscan(form.Get("NextPageToken"), &from)
					switch {
					case out:
						w.WriteHeader(c.status)
						fmt.Fprint(w, c.body)
					case form.Get("Location") == frontline.LocationCustomerDetails:
						fmt.Fprint(w, `{"objects":{"customer":`+rows(6, 7)+`}}`)
					case from == 0:
						fmt.Fprint(w, `{"objects":{"customers":[`+rows(0, 30)+`],"next_page_token":"30"}}`)
					default:
						fmt.Fprint(w, `{"objects":{"customers":[`+rows(30, 50)+`]}}`)
					}
				})
				defer closeService(t, s)
				if got, err := walkIDs(t, s, alice); err != nil || len(got) != 50 {
					t.Fatalf("walk = %d customers, %v, want 50", len(got), err)
				}
				if _, err := openDetails(t.Context(), s, "alice", "a7"); err != nil {
					t.Fatal(err)
				}
				asOf := time.Now()
				time.Sleep(time.Hour)
				out = true
				for range 2 { // within the time in which an empty list is doubted
					resp := mustOpen(t, s, frontline.ListRequest{Worker: "alice", NewerThan: time.Now()})
					var failed *frontline.CallbackError
					if len(resp.Customers) != 30 || !resp.Meta.AsOf.Equal(asOf) || !errors.As(resp.Meta.Stale, &failed) || failed.Code != c.code {
						t.Errorf("CustomersList = %d customers, %+v, want 30 as of %v with %v", len(resp.Customers), resp.Meta, asOf, c.code)
					}
					if got, err := walkIDs(t, s, alice); err != nil || len(got) != 50 {
						t.Errorf("walk = %d customers, %v, want 50", len(got), err)
					}
					time.Sleep(30 * time.Second)
				}
				details, err := openDetails(t.Context(), s, "alice", "a7")
				if !c.listed && (err != nil || details.Customer.ID != "a7" || !details.Meta.AsOf.Equal(asOf) || details.Meta.Stale == nil) {
					t.Errorf("CustomerDetails = %+v, %v, want the held ones", details, err)
				}
				out = false
				time.Sleep(time.Minute)
				if resp := mustOpen(t, s, frontline.ListRequest{Worker: "alice", NewerThan: time.Now()}); resp.Meta != (frontline.Meta{}) {
					t.Errorf("CustomersList after the outage: %+v, want a fresh list", resp.Meta)
				}
			})
		})
	}
}

// Whatever of a removed worker is under way, in any layer, nothing is there afterwards.
func TestService_RemovedWorkerLeavesNothing(t *testing.T) {
	list := func(req frontline.ListRequest) crm.Request {
		req.Worker = "alice"
		return crm.Request{List: req}
	}
	for name, req := range map[string]crm.Request{
		"list": list(frontline.ListRequest{}), "newer list": list(frontline.ListRequest{NewerThan: time.Now()}),
		"page": list(frontline.ListRequest{NextPageToken: "of the first page"}), "search": list(frontline.ListRequest{Query: "Person"}),
		"details":    {Details: &frontline.DetailsRequest{Worker: "alice", CustomerID: "a1"}},
		"unknown id": {Details: &frontline.DetailsRequest{Worker: "alice", CustomerID: "zzz"}},
	} {
		for _, held := range []bool{false, true} {
			for _, answer := range []error{nil, crmfake.ErrStatus500, crmfake.ErrStatus404} {
				for after := 100 * time.Millisecond; after < 4*time.Second; after += 650 * time.Millisecond {
					t.Run(fmt.Sprintf("%s, held %v, answer %v, after %v", name, held, answer, after), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { testRemoval(t, req, held, answer, after) })
					})
				}
			}
		}
	}
}

func testRemoval(t *testing.T, req crm.Request, held bool, answer error, after time.Duration) {
	blobs := crmfake.NewBlobs()
	f := crmfake.New(crmfake.ByToken(0), 200)
	f.SetSearchable(frontline.SearchableNo, false)
	s := newService(f, external.Options{Blobs: blobs, Sealer: secret.NewKey().Sealer("test"), Queue: noLimits})
	defer closeService(t, s)
	if held {
		first := mustOpen(t, s, alice)
		if req.List.NextPageToken != "" {
			req.List.NextPageToken = first.NextPageToken
		}
		openDetails(t.Context(), s, "alice", "a1")
		time.Sleep(time.Hour)
	}
	f.Fail(answer)
	f.SetDelay(1500 * time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // as a page does
		for ctx.Err() == nil {
			_, err := req.Do(ctx, s)
			pending, after := crmfake.Pending(err)
			if !pending {
				return
			}
			select {
			case <-time.After(after):
			case <-ctx.Done():
			}
		}
	}()
	time.Sleep(after)
	if err := s.Forget(t.Context(), "alice"); err != nil {
		t.Errorf("Forget: %v", err)
	}
	cancel()
	f.Fail(crmfake.ErrTimeout)
	time.Sleep(2 * time.Second)
	if resp, _, err := openList(t.Context(), s, alice); !errors.Is(err, crmfake.ErrTimeout) {
		t.Errorf("CustomersList = %d customers, %v, want the failure", len(resp.Customers), err)
	}
	if resp, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "alice", Query: "Person"}); !errors.Is(err, crmfake.ErrTimeout) {
		t.Errorf("CustomersList of a search = %d customers, %v, want the failure", len(resp.Customers), err)
	}
	if resp, err := openDetails(t.Context(), s, "alice", "a1"); !errors.Is(err, crmfake.ErrTimeout) {
		t.Errorf("CustomerDetails = %+v, %v, want the failure", resp, err)
	}
	for key := range blobs.All() {
		if strings.Contains(key.Worker, "alice") {
			t.Errorf("blob %q is stored", key.Name)
		}
	}
}
