package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// A fakeApp is the app over a CRM whose responses a test sets while it runs.
type fakeApp struct {
	url    string
	secret string

	mu      sync.Mutex
	list    func(frontline.ListRequest) (frontline.ListResponse, error)
	details func(frontline.DetailsRequest) (frontline.DetailsResponse, error)
	// pictures serves avatars by handle, unless nil.
	pictures http.HandlerFunc
	requests []string
}

// startFakeApp starts the app, in which alice has this role.
func startFakeApp(t *testing.T, role account.Role) *fakeApp {
	t.Helper()
	db, err := store.Open(t.Context(), sqlitetest.File(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	people := account.NewService(db.Accounts(), secret.NewPasswords(2), nil)
	t.Cleanup(func() { people.Wait(); db.Close() })
	if err := people.AddPerson(t.Context(), "alice", role, ""); err != nil {
		t.Fatal(err)
	}
	s := &fakeApp{}
	if s.secret, _, err = people.SignInAs(t.Context(), "alice", "e2e"); err != nil {
		t.Fatal(err)
	}
	s.setList(listOf(0, nil, frontline.Meta{}))
	s.setDetails(func(r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
		return frontline.DetailsResponse{Customer: actor(r.CustomerID)}, nil
	})
	pages, err := app.New(app.Options{CRM: s, Avatars: s, Accounts: people, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// signIn signs the tab in as alice.
func (s *fakeApp) signIn(tb *tab) {
	tb.t.Helper()
	tb.do(network.SetCookie("clientele", s.secret).WithURL(s.url).WithHTTPOnly(true).WithSameSite(network.CookieSameSiteLax))
}

func (s *fakeApp) setList(f func(frontline.ListRequest) (frontline.ListResponse, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = f
}

func (s *fakeApp) setDetails(f func(frontline.DetailsRequest) (frontline.DetailsResponse, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.details = f
}

// requestCount returns how many requests contain a text.
func (s *fakeApp) requestCount(what string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.requests {
		if strings.Contains(q, what) {
			n++
		}
	}
	return n
}

func (s *fakeApp) CustomersList(_ context.Context, r frontline.ListRequest) (frontline.ListResponse, error) {
	s.mu.Lock()
	s.requests = append(s.requests, fmt.Sprintf("list q=%s page=%s newer=%v", r.Query, r.NextPageToken, !r.NewerThan.IsZero()))
	f := s.list
	s.mu.Unlock()
	return f(r)
}

func (s *fakeApp) CustomerDetails(_ context.Context, r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	s.mu.Lock()
	s.requests = append(s.requests, fmt.Sprintf("details %s newer=%v", r.CustomerID, !r.NewerThan.IsZero()))
	f := s.details
	s.mu.Unlock()
	return f(r)
}

// Path and Serve implement app.Avatars; handles are the ends of URLs.
func (s *fakeApp) Path(_, url string) string {
	return "/avatars/" + url[strings.LastIndexByte(url, '/')+1:]
}

func (s *fakeApp) Serve(w http.ResponseWriter, r *http.Request, _, _ string) {
	s.mu.Lock()
	f := s.pictures
	s.mu.Unlock()
	if f == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	f(w, r)
}

// pending returns the error of a CRM that has no data yet.
func pending(seconds float64) error {
	return &frontline.UnavailableError{Pending: true, RetryAfter: time.Duration(seconds * float64(time.Second))}
}

// givenNames are in name order, from many languages.
var givenNames = []string{"Aisha", "Åsa", "Björn", "Bobby", "Carlos", "Çelik", "Dmitri", "Elif", "فاطمة", "Grace", "李娜", "Ian", "Jónas"}

// actor returns the customer with this ID; IDs are c000, c001 and so on, in name order.
func actor(id string) frontline.Customer {
	n := 0
	fmt.Sscanf(id, "c%d", &n)
	return frontline.Customer{
		ID: id, DisplayName: fmt.Sprintf("%c%c Person %s %03d", 'A'+n/26%26, 'a'+n%26, givenNames[n%len(givenNames)], n),
		Avatar:   "https://pictures.invalid/" + id,
		Channels: []frontline.Channel{{Type: "sms", Value: fmt.Sprintf("+1202555%04d", 100+n)}, {Type: "sms", Value: fmt.Sprintf("+1202555%04d", 5000+n)}, {Type: "email", Value: id + "@example.com"}},
		Details:  &frontline.Detail{Title: "Notes", Content: "Likes tea.\nCalls back in the afternoon."},
	}
}

// listOf returns the list of the customers c000 to n, without some, in pages of 30, with
// this metadata.
func listOf(n int, without []string, meta frontline.Meta) func(frontline.ListRequest) (frontline.ListResponse, error) {
	return func(r frontline.ListRequest) (frontline.ListResponse, error) {
		var all []frontline.Customer
		for i := range n {
			if c := actor(fmt.Sprintf("c%03d", i)); !slices.Contains(without, c.ID) && strings.Contains(c.DisplayName, r.Query) {
				c.Channels, c.Details = nil, nil
				all = append(all, c)
			}
		}
		from := 0
		fmt.Sscanf(r.NextPageToken, "after-%d", &from)
		to := min(from+30, len(all))
		resp := frontline.ListResponse{Customers: all[from:to], Meta: meta, Searchable: frontline.SearchableYes}
		if to < len(all) {
			resp.NextPageToken = fmt.Sprintf("after-%d", to)
		}
		return resp, nil
	}
}

// staleList returns a stale list at once, and calls fresh for requests with NewerThan.
func staleList(old, fresh func(frontline.ListRequest) (frontline.ListResponse, error)) func(frontline.ListRequest) (frontline.ListResponse, error) {
	return func(r frontline.ListRequest) (frontline.ListResponse, error) {
		if r.NewerThan.IsZero() && !strings.HasPrefix(r.NextPageToken, "fresh-") {
			return old(r)
		}
		r.NextPageToken = strings.TrimPrefix(r.NextPageToken, "fresh-")
		resp, err := fresh(r)
		if resp.NextPageToken != "" {
			resp.NextPageToken = "fresh-" + resp.NextPageToken
		}
		return resp, err
	}
}

func pendingList(seconds float64) func(frontline.ListRequest) (frontline.ListResponse, error) {
	return func(frontline.ListRequest) (frontline.ListResponse, error) {
		return frontline.ListResponse{}, pending(seconds)
	}
}
