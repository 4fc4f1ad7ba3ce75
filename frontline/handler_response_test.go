package frontline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

func TestHandler_CRMErrors(t *testing.T) {
	const secret = "password of the database"
	for _, tt := range []struct {
		name       string
		err        error
		status     int
		retryAfter string
		logged     bool
	}{
		{"not found", fmt.Errorf("store: %w", frontline.ErrNotFound), 404, "", false},
		{"invalid", fmt.Errorf("x: %w", &frontline.InvalidRequestError{Reason: "Anchor is unknown"}), 400, "", false},
		{"unavailable", fmt.Errorf("x: %w", &frontline.UnavailableError{Err: errors.New(secret)}), 503, "5", true},
		{"unavailable for long", &frontline.UnavailableError{RetryAfter: 90*time.Second + 1}, 503, "91", true},
		{"an external service failed", &frontline.CallbackError{Code: frontline.CodeCallbackTimeout, Err: errors.New(secret)}, 503, "5", true},
		{"out of time", fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "5", true},
		{"anything else", errors.New(secret), 500, "", true},
	} {
		for _, body := range []string{"Location=GetCustomersList&Worker=alice", "Location=GetCustomerDetailsByCustomerId&Worker=alice&CustomerId=1"} {
			t.Run(tt.name, func(t *testing.T) {
				var log bytes.Buffer
				w := httptest.NewRecorder()
				frontline.NewHandler(&fixed{err: tt.err}, frontline.HandlerOptions{
					AuthTokens: tokens(token), Logger: slog.New(slog.NewTextHandler(&log, nil)),
				}).ServeHTTP(w, post(body))
				errorOf(t, w)
				if w.Code != tt.status || w.Header().Get("Retry-After") != tt.retryAfter {
					t.Errorf("POST %s: status %d, Retry-After %q, want %d, %q", body, w.Code, w.Header().Get("Retry-After"), tt.status, tt.retryAfter)
				}
				if strings.Contains(w.Body.String(), secret) {
					t.Errorf("POST %s: the response contains the CRM's error: %s", body, w.Body)
				}
				if got := strings.Contains(log.String(), tt.err.Error()); got != tt.logged {
					t.Errorf("POST %s: error logged %v, want %v; log: %s", body, got, tt.logged, &log)
				}
				if strings.Contains(log.String(), "alice") {
					t.Errorf("POST %s: the log contains the worker: %s", body, &log)
				}
			})
		}
	}
}

func TestHandler_ResponsesUnder64KiB(t *testing.T) {
	for _, tt := range []struct {
		name   string
		nameOf func(i int) string // the display name of customer i
	}{
		{"long names", func(int) string { return strings.Repeat("n", 5000) }},
		{"names that grow when written", func(int) string { return strings.Repeat("\x01", 900) }},
		{"ever longer names", func(i int) string { return strings.Repeat("漢", i*5) }},
		{"one name as long as can be", func(i int) string {
			if i == 500 {
				return strings.Repeat("x", 47<<10)
			}
			return "short"
		}},
		{"short names", func(i int) string { return "Person " + strconv.Itoa(i) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			crm := &sliceCRM{}
			for i := range 1200 {
				crm.customers = append(crm.customers, frontline.Customer{ID: fmt.Sprintf("id-%d", i), DisplayName: tt.nameOf(i), Avatar: "https://example.com/a.png"})
			}
			seen, pages := 0, 0
			for next := ""; pages == 0 || next != ""; pages++ {
				w := serve(crm, post("Location=GetCustomersList&Worker=alice&PageSize=1000&NextPageToken="+next))
				if w.Code != 200 || w.Body.Len() >= frontline.MaxBodyBytes {
					t.Fatalf("page %d: status %d, %d bytes, want 200 and under 64 KiB", pages, w.Code, w.Body.Len())
				}
				var response struct {
					Objects struct {
						Customers     []frontline.Customer
						NextPageToken string `json:"next_page_token"`
					}
				}
				if err := json.Unmarshal(w.Body.Bytes(), &response); err != nil {
					t.Fatal(err)
				}
				for _, c := range response.Objects.Customers {
					if c.ID != fmt.Sprintf("id-%d", seen) || c.DisplayName != tt.nameOf(seen) {
						t.Fatalf("customer %d = %s, want id-%d", seen, c.ID, seen)
					}
					seen++
				}
				next = response.Objects.NextPageToken
			}
			if seen != 1200 {
				t.Errorf("all pages have %d customers, want 1200", seen)
			}
			if len(crm.lists) > 2*pages {
				t.Errorf("GetCustomersList made %d calls of the CRM for %d pages, want at most two a page", len(crm.lists), pages)
			}
		})
	}
}

func TestHandler_LogsUnsendable(t *testing.T) {
	enormous := frontline.Customer{ID: "1", DisplayName: strings.Repeat("x", frontline.MaxBodyBytes)}
	for _, tt := range []struct {
		name, body string
		crm        frontline.CRM
	}{
		{"a row over the limit", "Location=GetCustomersList&Worker=alice", &sliceCRM{customers: []frontline.Customer{enormous}}},
		{"a CRM that ignores PageSize", "Location=GetCustomersList&Worker=alice", &fixed{list: frontline.ListResponse{Customers: people(5000)}}},
		{"a token over the limit", "Location=GetCustomersList&Worker=alice", &fixed{list: frontline.ListResponse{NextPageToken: strings.Repeat("x", 1025)}}},
		{"details over the limit", "Location=GetCustomerDetailsByCustomerId&Worker=alice&CustomerId=1", &fixed{details: frontline.DetailsResponse{Customer: enormous}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			w := httptest.NewRecorder()
			frontline.NewHandler(tt.crm, frontline.HandlerOptions{
				AuthTokens: tokens(token), Logger: slog.New(slog.NewTextHandler(&log, nil)),
			}).ServeHTTP(w, post(tt.body))
			errorOf(t, w)
			if w.Code != 500 || !strings.Contains(log.String(), "level=ERROR") {
				t.Errorf("POST %s: status %d, log %s, want 500 and an error in the log", tt.body, w.Code, &log)
			}
		})
	}
}

func TestHandler_RowFields(t *testing.T) {
	whole := frontline.Customer{
		ID: "1", DisplayName: "Bobby S.", Avatar: "https://example.com/b.png",
		Channels: []frontline.Channel{{Type: "sms", Value: "+123456789"}}, Details: &frontline.Detail{Title: "T", Content: "secret"},
	}
	w := serve(&fixed{list: frontline.ListResponse{
		Customers: []frontline.Customer{{DisplayName: "no id"}, whole}, Searchable: frontline.SearchableNo,
	}}, post("Location=GetCustomersList&Worker=alice"))
	want := `{"objects":{"customers":[{"display_name":"Bobby S.","customer_id":"1","avatar":"https://example.com/b.png"}],"searchable":false}}` + "\n"
	if w.Body.String() != want {
		t.Errorf("GetCustomersList: %s, want %s", w.Body, want)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Content-Length": strconv.Itoa(len(want))} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("GetCustomersList: header %s = %q, want %q", name, got, want)
		}
	}
}

func TestHandler_DetailsID(t *testing.T) {
	w := serve(&fixed{}, post("Location=GetCustomerDetailsByCustomerId&Worker=alice&CustomerId=a%2Fb"))
	if want := `{"objects":{"customer":{"display_name":"","customer_id":"a/b"}}}` + "\n"; w.Body.String() != want {
		t.Errorf("GetCustomerDetailsByCustomerId: %s, want %s", w.Body, want)
	}
}
